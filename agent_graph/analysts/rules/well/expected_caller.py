"""All that is complained of comes from one address, and somebody had announced that it would knock."""

import re
from collections.abc import Iterator, Sequence
from datetime import timedelta

from agent_graph.analysts.rules.facts import Facts, LogLine
from agent_graph.analysts.rules.finding import Finding
from agent_graph.analysts.rules.parts import name, said, trouble_signals
from agent_graph.analysts.rules.well.complaints import bad_lines, began, complains
from agent_graph.analysts.rules.well.wellness import good_signs
from backend.investigation.kinds import Category

_ADDRESS = re.compile(r"(?<![\d.])(?:\d{1,3}\.){3}\d{1,3}(?![\d.])")
_ANNOUNCED = re.compile(r"announce|\bscan|pen-?test|penetration|audit|load test|planned|approved|authori[sz]ed", re.I)
_HOURS = re.compile(r"\b([01]\d|2[0-3]):([0-5]\d) ?(?:-|–|to|until) ?([01]\d|2[0-3]):([0-5]\d)")
_BEFORE, _AFTER = timedelta(days=7), timedelta(minutes=5)
_LEAST, _NEARLY_ALL = 5, 0.9


def expected_caller(facts: Facts, likely: Sequence[Category]) -> Finding | None:
    """Nothing measured is wrong, and what is left without that caller is as ever."""
    good = good_signs(facts)
    if likely or trouble_signals(facts) or not good:
        return None
    bad = [line for line in bad_lines(facts) if line.at and line.at >= began(facts)]
    for change, address in _told(facts):
        theirs = [line for line in bad if re.search(rf"(?<![\d.]){re.escape(address)}(?![\d.])", line.text)]
        if len(theirs) < max(_LEAST, _NEARLY_ALL * len(bad)) or complains(facts, aside=theirs):
            continue
        return Finding(
            category="healthy",
            statement=f"{name(facts)} is well: what it complains of comes from {address}, as announced:"
            f" {said(change, 240)}.",
            supporting=[change.cite("announced"), theirs[0].cite("comes from there"), *good[:3]],
            strength="strong",
            disproof="Look for complaints about anybody else, or past the announced hours: these would be an incident.",
        )
    return None


def _told(facts: Facts) -> Iterator[tuple[LogLine, str]]:
    """Announcements that name an address, and no other hours than these."""
    started = facts.case.started_at
    for change in facts.changes:
        if change.at is None or not started - _BEFORE <= change.at <= started + _AFTER:
            continue
        hours = [[int(part) for part in found] for found in _HOURS.findall(change.message)]
        now = started.hour * 60 + started.minute
        in_time = [a * 60 + b <= now <= c * 60 + d or (c < a and now >= a * 60 + b) for a, b, c, d in hours]
        if _ANNOUNCED.search(change.message) and (not hours or any(in_time)):
            yield from ((change, address) for address in _ADDRESS.findall(change.message))
