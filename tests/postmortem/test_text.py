"""The text of a post-mortem: every fact of the record, nothing else, and foreign text cannot format or run."""

import re
import uuid
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from backend.postmortem.kinds import Cause, Moment, Quote, Remedy, Story
from backend.postmortem.page import render
from backend.postmortem.text import write

BEGAN = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return BEGAN + timedelta(seconds=seconds)


LINE = "FATAL giving up: ValueError: bad order 7"
CAUSE = Cause(
    "app_crash",
    "web crashed: bad order 7.",
    "confirmed",
    "rules",
    [Quote("E2", "Logs of web", "docker logs web", LINE, "")],
)
REMEDY = Remedy(
    title="Start container web",
    kind="docker.start_container",
    target="web",
    status="succeeded",
    approved_by="alice@example.org",
    proposed_at=at(62),
    decided_at=at(90),
    started_at=at(91),
    finished_at=at(93),
    result="started",
    error=None,
    verification="recovered",
    checks=["container runs: ok — since 10 s"],
    inverse="docker stop web",
)
STORY = Story(
    incident_id=uuid.uuid4(),
    number=7,
    title="web is down",
    target="web",
    severity="high",
    status="resolved",
    description=None,
    started_at=BEGAN,
    detected_at=at(60),
    resolved_at=at(125),
    resolved_by="nightdesk",
    acknowledged_at=None,
    acknowledged_by=None,
    occurrences=2,
    verdict="incident",
    root_cause="web crashed: bad order 7.",
    confidence="confirmed",
    rounds=1,
    timeline=[
        Moment(at(60), "alertmanager", "detect", "web is down"),
        Moment(at(61), "investigator", "conclude", "Root cause"),
    ],
    causes=[CAUSE],
    remedies=[REMEDY],
    alerts=["Down (high) since 2026-11-21 03:00:00 UTC, received 2 times"],
    missing=["Loki: not configured"],
)


def test_it_tells_what_happened_with_the_quoted_line_and_who_approved():
    text = write(STORY)
    for part in (
        "# Post-mortem: #7 web is down",
        "## Summary",
        "## Impact",
        "## Timeline (UTC)",
        "## Root cause",
        f"```text\n{LINE}\n```",
        "Approved by `alice@example.org`",
        "Verification: it recovered",
        "## What went well",
        "decided 28 s after it was proposed",
        "removed the symptom. Remove the cause, too: web crashed: bad order 7.",
        "Evidence that was not available: Loki: not configured.",
    ):
        assert part in text, text


def test_what_the_record_does_not_have_is_not_told():
    bare = replace(STORY, causes=[], remedies=[], alerts=[], missing=[], root_cause=None, verdict=None, occurrences=1)
    text = write(bare)
    assert "No action was taken by Nightdesk." in text
    assert "What users noticed is not recorded." in text
    assert "No investigation reached a conclusion." in text
    assert "approved" not in text.lower()
    assert "None" not in text


def test_what_was_not_established_is_said_once_and_what_was_missing_in_one_line():
    unknown = replace(STORY, verdict="inconclusive", confidence="possible", missing=["Docker: off", "Loki: off"])
    told = write(replace(unknown, root_cause="Not established for web: nothing fits."))
    assert " Not established for web: nothing fits." in told
    assert "The cause was not established" not in told
    assert "The cause was not established: perhaps the disk." in write(replace(unknown, root_cause="perhaps the disk."))
    assert "- Evidence that was not available: Docker: off; Loki: off." in told


def test_no_evidence_is_announced_where_none_is_quoted():
    assert "found by the rules. Evidence:" in write(STORY)
    assert "Evidence:" not in write(replace(STORY, causes=[replace(CAUSE, quotes=[])]))


def test_a_models_prose_is_set_apart_and_named():
    text = write(STORY, "It went wrong.\n\nThen it went right.", "some-model")
    assert "## In the model's words\n\n_Written by some-model" in text
    assert text.index("## Root cause") > text.index("It went wrong.")


def test_foreign_text_cannot_format_close_its_quote_or_run():
    evil = "<script>alert(1)</script> ![x](http://evil/x.png) [click](javascript:alert(1)) # not a heading\n# nor this"
    quote = Quote("E1", evil, "q", "```\n</code><script>alert(2)</script>\n# heading", evil)
    text = write(replace(STORY, title=evil, causes=[replace(CAUSE, statement=evil, quotes=[quote])]))
    page = render(text, evil)
    assert "<script" not in page
    assert "<img" not in page
    assert "javascript:" not in page.replace("javascript:alert(1))", "")
    assert '<a href="javascript' not in page
    assert page.count("<h1>") == 1


@pytest.mark.parametrize("place", ["title", "root_cause", "description", "resolved_by"])
def test_an_address_in_foreign_text_becomes_no_link(place: str):
    """GitHub's Markdown, which the UI reads, links bare addresses, escaped or not; only code stays as it is."""
    evil = "[click](https://evil.example/a_b|c) `HTTP://evil.example` <https://evil.example> www.evil.example"
    evil += " ftp://evil.example (bob_1@evil.example), mailto:bob@evil.example <xmpp:bob@evil.example/now>"
    text = write(replace(STORY, **{place: evil}), f"See {evil}.", "gpt")
    body = re.sub(r"(?<!\\)(`+)(?!`).*?\1", "", text, flags=re.DOTALL)
    assert "evil" in text
    assert not re.search(r"(?:https?|ftp)://|www\.|@|mailto|xmpp", body, re.IGNORECASE), body
    assert "<a " not in render(text, "x")
