"""Writes the post-mortem from the story: every sentence is a fact of the record. Foreign text cannot format."""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta

from backend.postmortem.kinds import Cause, Remedy, Story

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|~!&])")
# GitHub's Markdown makes a link of a bare address, a letter box's too, and no backslash keeps it from that; code stays.
_ADDRESS = re.compile(
    r"((?:(?:https?|ftp)://|www\.)[^\s`|<>)\]\"']+"
    r"|(?:(?:mailto|xmpp):)?[\w.+%-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8})",
    re.IGNORECASE,
)


def write(story: Story, narrative: str = "", narrator: str = "") -> str:
    """The whole document. `narrative`: prose by a model, set apart from the facts and named as such."""
    parts = [
        f"# Post-mortem: #{story.number} {plain(story.title)}",
        _facts(story),
        "## Summary\n\n" + _summary(story),
        f"## In the model's words\n\n_Written by {plain(narrator)} from the facts below; not checked by a person._\n\n"
        + "\n\n".join(plain(part) for part in narrative.split("\n\n"))
        if narrative
        else "",
        "## Impact\n\n" + _lines(_impact(story)),
        "## Timeline (UTC)\n\n" + _timeline(story),
        "## Root cause\n\n" + _root_cause(story),
        "## Action and verification\n\n" + _remedies(story),
        "## What went well\n\n" + (_lines(_went_well(story)) or "Nothing that the record shows."),
        "## To follow up\n\n" + (_lines(_follow_up(story)) or "Nothing that the record shows."),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def plain(text: str) -> str:
    """One line of foreign text that Markdown takes literally."""
    parts = _ADDRESS.split(" ".join(text.split()))
    return "".join(f"`{part}`" if place % 2 else _SPECIAL.sub(r"\\\1", part) for place, part in enumerate(parts))


def _facts(story: Story) -> str:
    rows = [
        ("Target", plain(story.target)),
        ("Severity", story.severity),
        ("Began", _at(story.started_at)),
        ("Detected", f"{_at(story.detected_at)} ({_span(story.detected_at - story.started_at)} later)"),
        ("Resolved", f"{_at(story.resolved_at)} by {plain(story.resolved_by or 'nightdesk')}"),
        ("Duration", _span(story.resolved_at - story.started_at)),
    ]
    return "| | |\n|---|---|\n" + "\n".join(f"| {name} | {value} |" for name, value in rows)


def _summary(story: Story) -> str:
    told = [f"{plain(story.target)} was affected for {_span(story.resolved_at - story.started_at)}."]
    if story.root_cause:
        told.append(f"{_cause_word(story)}{plain(story.root_cause)}")
    done = _done(story)
    if done:
        approved = f", approved by {plain(done[-1].approved_by)}" if done[-1].approved_by else ""
        told.append(f"{plain(done[-1].title)} was carried out{approved}; {_verdict(done[-1])}.")
    else:
        told.append("It ended without an action by Nightdesk.")
    return " ".join(told)


def _cause_word(story: Story) -> str:
    if story.root_cause_by:
        return f"Root cause (according to {plain(story.root_cause_by)}): "
    if story.verdict == "not_an_incident":
        return "Finding: "
    if story.verdict == "incident":
        return f"Root cause ({story.confidence}): "
    # The sentence may say that itself.
    return "" if (story.root_cause or "").startswith("Not established") else "The cause was not established: "


def _impact(story: Story) -> Iterator[str]:
    yield f"Duration: {_span(story.resolved_at - story.started_at)}, severity {story.severity}."
    if story.failed_checks:
        yield f"{story.failed_checks} checks of the monitor failed."
    for alert in story.alerts:
        yield plain(alert) + "."
    if story.occurrences > 1:
        yield f"Reported {story.occurrences} times."
    if not story.failed_checks and not story.alerts:
        yield "What users noticed is not recorded."


def _timeline(story: Story) -> str:
    # Most messages of a person begin with their name already.
    told = ((m, m.message.removeprefix(m.actor).lstrip(" :,")) for m in story.timeline)
    return "\n".join(f"- `{m.at:%Y-%m-%d %H:%M:%S}` **{plain(m.actor)}** {plain(text)}" for m, text in told)


def _root_cause(story: Story) -> str:
    if not story.causes:
        stated = _stated(story)
        return stated[0] if stated else plain(story.root_cause or "No investigation reached a conclusion.")
    leading, *others = story.causes
    parts = [*_stated(story), _cause(leading)]
    if others:
        parts.append("Also considered:\n\n" + _lines(f"{plain(c.statement)} ({c.confidence})" for c in others))
    return "\n\n".join(parts)


def _stated(story: Story) -> list[str]:
    """A person's word comes first; what the investigation thought stays beside it, with its evidence."""
    if not story.root_cause_by:
        return []
    cause, category = plain(story.root_cause or ""), _words(story.category)
    said = f"{cause} Category: {category}, according to {plain(story.root_cause_by)}."
    return [f"{said} The investigation had concluded:" if story.causes else said]


def _cause(cause: Cause) -> str:
    who = "the rules" if cause.analyst == "rules" else "the model, its quotes checked"
    category = _words(cause.category)
    said = f"{plain(cause.statement)} Category: {category}, {cause.confidence}, found by {who}."
    parts = [f"{said} Evidence:" if cause.quotes else said]
    for quote in cause.quotes:
        note = f" — {plain(quote.note)}" if quote.note else ""
        parts.append(f"{quote.label}, {plain(quote.source)}{note}\n\n{fenced(quote.text)}")
    return "\n\n".join(parts)


def _words(category: str | None) -> str:
    return (category or "none").replace("_", " ")


def fenced(text: str) -> str:
    """A code block that its content cannot close."""
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    mark = "`" * max(3, longest + 1)
    return f"{mark}text\n{text}\n{mark}"


def _remedies(story: Story) -> str:
    return "\n\n".join(_remedy(remedy) for remedy in story.remedies) or "No action was taken by Nightdesk."


def _remedy(remedy: Remedy) -> str:
    lines = [f"**{plain(remedy.title)}** (`{remedy.kind}`): {remedy.status}"]
    if remedy.approved_by and remedy.decided_at:
        lines.append(f"Approved by {plain(remedy.approved_by)} at {_at(remedy.decided_at)}")
    if remedy.started_at and remedy.finished_at:
        lines.append(f"Ran for {_span(remedy.finished_at - remedy.started_at)} from {_at(remedy.started_at)}")
    lines += [f"Result: {plain(remedy.result)}"] if remedy.result else []
    lines += [f"Error: {plain(remedy.error)}"] if remedy.error else []
    if remedy.verification:
        lines.append(f"Verification: {_verdict(remedy)}")
        lines += [f"- {plain(check)}" for check in remedy.checks]
    elif remedy.started_at:
        lines.append("Verification: none is recorded")
    return "\n".join(f"- {line}" if not line.startswith("- ") else f"  {line}" for line in lines)


def _verdict(remedy: Remedy) -> str:
    words = {
        "recovered": "it recovered",
        "not_recovered": "it did not recover",
        "inconclusive": "the check was inconclusive",
    }
    return words.get(remedy.verification or "", "it was not verified")


def _done(story: Story) -> list[Remedy]:
    return [remedy for remedy in story.remedies if remedy.started_at is not None]


def _went_well(story: Story) -> Iterator[str]:
    detected = story.detected_at - story.started_at
    if detected <= timedelta(minutes=5):
        yield f"Detected {_span(detected)} after it began."
    concluded = next((m.at for m in story.timeline if m.verb == "conclude"), None)
    if concluded is not None and story.root_cause:
        yield f"The first conclusion was there {_span(concluded - story.detected_at)} after detection."
    for remedy in _done(story):
        if remedy.proposed_at and remedy.decided_at:
            waited = _span(remedy.decided_at - remedy.proposed_at)
            yield f"{plain(remedy.title)} was decided {waited} after it was proposed."
        if remedy.verification == "recovered":
            yield f"{plain(remedy.title)} was verified: it recovered."


def _follow_up(story: Story) -> Iterator[str]:
    if story.root_cause_by is None and (story.verdict == "inconclusive" or not story.root_cause):
        yield "Establish the root cause; the investigation did not."
    elif story.root_cause_by is None and story.confidence != "confirmed" and story.verdict == "incident":
        yield f"Confirm the root cause; it is only {story.confidence}."
    for remedy in _done(story):
        if remedy.verification == "recovered" and remedy.kind.startswith("docker."):
            cause = plain(story.root_cause or "unknown")
            yield f"{plain(remedy.title)} removed the symptom. Remove the cause, too: {cause}"
        elif remedy.verification not in ("recovered", None):
            yield f"{plain(remedy.title)}: {_verdict(remedy)}. Reconsider it for this kind of incident."
    if story.rounds > 1:
        yield f"It took {story.rounds} investigations; see what the first ones lacked."
    if story.missing:
        yield f"Evidence that was not available: {'; '.join(map(plain, story.missing))}."


def _lines(items: Iterator[str]) -> str:
    return "\n".join(f"- {item}" for item in items)


def _at(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S} UTC"


def _span(span: timedelta) -> str:
    seconds = max(0, round(span.total_seconds()))
    if seconds < 120:
        return f"{seconds} s"
    minutes, hours, days = seconds // 60, seconds // 3600, seconds // 86400
    if minutes < 120:
        return f"{minutes} min"
    return f"{hours} h {minutes % 60} min" if hours < 48 else f"{days} days {hours % 24} h"
