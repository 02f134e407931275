"""Who waits for work that failed, what has outgrown a limit, and what is only noted beside trouble of the platform."""

from dataclasses import replace
from typing import Any

import pytest

from agent_graph.analysts.rules.context.awaited import awaited
from agent_graph.analysts.rules.facts import Facts, LogLine, Sign
from agent_graph.analysts.rules.finding import Finding
from agent_graph.analysts.rules.signatures.slow_query import match as slow
from agent_graph.analysts.rules.signatures.too_large import too_large
from tests.agent_graph.cases import BEGAN, case

STUCK = Finding("bad_deploy", "the rollout of web does not finish.", [], "strong")


def _line(message: str, level: Any = None, count: int = 1, speaker: str = "") -> LogLine:
    return LogLine("E2", f"{BEGAN.isoformat()} {message}", message, level, BEGAN, count, speaker)


def _down(name: str) -> Sign:
    return Sign("E4", "kubernetes", "other_down", "strong", f"pod {name}: Failed", name, BEGAN, f"{name}: Failed")


TRACE = [
    *("Traceback (most recent call last):", '  File "utils.py", line 105, in _execute'),
    *("django.db.utils.IntegrityError: could not create unique index", "DETAIL:  Key (email)=(a@b.c) is duplicated."),
]
# What the target says, which pod is down, what that one said: what a reader is told of it.
WAITS: dict[str, tuple[str, str, list[str], str]] = {
    "a trace, and the detail after it": (
        "Waiting for job shop-migrate...",
        "shop-migrate-x7k2m",
        TRACE,
        "shop-migrate said: django.db.utils.IntegrityError: could not create unique index; DETAIL: Key (email)",
    ),
    "a schema tool": (
        "flyway-web not yet finished, retrying",
        "flyway-web-b9xzq",
        ["Migrating schema to version 12", "ERROR: Migration V12__add.sql failed: duplicate column"],
        "flyway-web said: ERROR: Migration V12__add.sql failed",
    ),
    "another one is down": ("Waiting for job shop-migrate...", "report-4-x7k2m", TRACE, ""),
    "nobody waits": ("shop-migrate was started by Helm", "shop-migrate-x7k2m", TRACE, ""),
}


@pytest.mark.parametrize("name", WAITS)
def test_who_waits_says_why_the_awaited_one_failed(name: str):
    waiting, pod, words, expected = WAITS[name]
    around = [_line(word, speaker=pod) for word in words]
    facts = replace(Facts(case()), lines=[_line(waiting)], signs=[_down(pod)], around=around)
    told = " ".join(why for why, _ in awaited(STUCK, facts))
    assert (expected in told) if expected else not told


GRPC = "ResourceExhausted desc = grpc: received message larger than max (4391519 vs. 4194304)"
KAFKA = "RecordTooLargeException: The message is 1048700 bytes when serialized which is larger than 1048576"
LARGE: dict[str, tuple[list[LogLine], bool]] = {
    "an answer outgrew the limit": ([_line(GRPC, "error", 48)], True),
    "a broker's limit": ([_line(KAFKA, "error", 5)], True),
    "a database's limit": ([_line("Packet for query is too large (5,000,000 > 4,194,304)", "error", 9)], True),
    "one odd message": ([_line(KAFKA, "error")], False),
    "a visitor's upload": ([_line("client intended to send too large body: 2097153 bytes", "error", 30)], False),
    "as a neighbour says": ([_line(GRPC, "error", 48, speaker="billing")], False),
}


@pytest.mark.parametrize("name", LARGE)
def test_what_is_refused_for_its_size_again_and_again_is_configured_wrong(name: str):
    lines, expected = LARGE[name]
    assert bool(too_large(replace(Facts(case()), lines=lines))) == expected


@pytest.mark.parametrize(
    ("level", "category", "strength"),
    [
        ("info", "scheduling_failure", "weak"),
        ("error", "scheduling_failure", "strong"),
        ("info", "probe_failure", "strong"),
    ],
)
def test_statements_that_are_only_noted_do_not_keep_a_pod_from_its_volume(level: Any, category: Any, strength: str):
    seen = Sign("E4", "kubernetes", category, "strong", "FailedAttachVolume", "db-2", BEGAN, "db-2: FailedAttachVolume")
    missing = Sign("E4", "kubernetes", "trouble", "strong", "2 of 3 replicas ready", "db", BEGAN, "db misses replicas")
    found = slow(replace(Facts(case()), lines=[_line("Slow query", level, 29)], signs=[seen, missing]))
    assert found is not None
    assert found.strength == strength
