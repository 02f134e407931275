"""What the alert asks for by its old name was renamed, as registered: by the new name it goes on as it did."""

import re
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from agent_graph.analysts.rules.facts import Facts, LogLine, Metric
from agent_graph.analysts.rules.finding import Finding
from agent_graph.analysts.rules.parts import name, said, trouble_signals
from agent_graph.analysts.rules.well.complaints import complains
from agent_graph.analysts.rules.well.retired import MOMENT
from agent_graph.analysts.rules.well.wellness import good_signs
from backend.investigation.kinds import AlertFact, Category

_CALLED = r"[\"'`„“]?([A-Za-z][\w./:-]{2,60})[\"'`“”]?"
_RENAMED = (
    re.compile(
        rf"\brenam(?:e[ds]?|ing)\s+(?:[\w-]+\s+){{0,2}}?{_CALLED}\s*(?:->|→|=>|\bto\b|\binto\b)\s*{_CALLED}", re.I
    ),
    re.compile(rf"{_CALLED}\s+(?:(?:is|was|has been)\s+)?renamed\s+(?:to|into)\s+{_CALLED}", re.I),
)
# What tells of work that it went wrong.
_WRONG = re.compile(r"exit_?(?:code|status)|fail|error", re.IGNORECASE)
_SAID_WITHIN, _AT_ONCE = timedelta(days=60), timedelta(minutes=10)
# The work by the new name is so much younger; what is counted goes on at about its pace.
_YOUNGER, _LEAST, _FASTER, _SLOWER = 0.5, 3, 1.5, 0.6
_LOOKS_LIKE: frozenset[Category] = frozenset({"bad_deploy", "config_error"})

Pair = tuple[Metric, Metric]


def renamed(facts: Facts, likely: Sequence[Category]) -> Finding | None:
    """Each alert asks by the old name, what has that name ended or stands still, and what has the new one does not.

    Whatever else looks bad must be made of the old series and have turned with them.
    """
    alerts = [alert for alert in facts.case.alerts if alert.status == "firing"]
    if not alerts or facts.monitor is not None or set(likely) - _LOOKS_LIKE or complains(facts):
        return None
    for change, old_name, new_name in _registered(facts):
        pairs = list(_pairs(facts, old_name, new_name))
        asked = all(any(_asks(alert, old, old_name) for old, _ in pairs) for alert in alerts)
        if not pairs or not asked or not all(_goes_on(old, new, change, facts) for old, new in pairs):
            continue
        if (
            _lost(facts, old_name, pairs, change)
            or _goes_wrong(facts, pairs)
            or not _explains_all(facts, change, pairs)
        ):
            continue
        return _finding(facts, change, pairs)
    return None


def _finding(facts: Facts, change: LogLine, pairs: Sequence[Pair]) -> Finding:
    old, new = pairs[0]
    return Finding(
        category="healthy",
        statement=f"{name(facts)} goes on under another name: {said(change, 240)}. The alert still asks by the old"
        f" one: {old.line[:160]}; by the new one: {new.line[:160]}. Let the rule ask by the new name.",
        supporting=[
            change.cite("it was renamed"),
            old.cite("by the old name"),
            new.cite("by the new name it goes on"),
            *good_signs(facts)[:2],
        ],
        strength="strong",
        disproof="Ask for it by its new name: missing or failing there, it would be an incident.",
    )


def _registered(facts: Facts) -> Iterator[tuple[LogLine, str, str]]:
    """What was renamed before the alert, the last first, from what, and to what."""
    began = facts.case.started_at
    for change in reversed(facts.changes):
        if change.at is not None and began - _SAID_WITHIN <= change.at <= began:
            for pattern in _RENAMED:
                yield from ((change, found[1], found[2].rstrip(".:")) for found in pattern.finditer(change.message))


def _part(of: str) -> re.Pattern[str]:
    """The name as a whole, or as a part between dashes and their like."""
    return re.compile(rf"(?<![A-Za-z0-9]){re.escape(of)}(?![A-Za-z0-9])")


def _pairs(facts: Facts, old_name: str, new_name: str) -> Iterator[Pair]:
    """Each series of the old name with the one that is called so by the new name, in all else alike."""
    part = _part(old_name)
    known = {(m.name, frozenset(m.labels.items())): m for m in facts.metrics}
    for metric in facts.metrics:
        labels = {part.sub(new_name, key): part.sub(new_name, value) for key, value in metric.labels.items()}
        other = known.get((part.sub(new_name, metric.name), frozenset(labels.items())))
        if other is not None and other is not metric:
            yield metric, other


def _asks(alert: AlertFact, old: Metric, old_name: str) -> bool:
    """Does a label of it have the old name in its value, as the series has, or does it tell an expression with both?"""
    part = _part(old_name)
    values = {value for value in old.labels.values() if part.search(value)}
    told = [text for text in alert.annotations.values() if old.name in text and part.search(text)]
    return bool(values & set(alert.labels.values())) or bool(told)


def _goes_on(old: Metric, new: Metric, change: LogLine, facts: Facts) -> bool:
    if change.at is None:
        return False
    since, now = change.at.timestamp(), facts.case.now.timestamp()
    if MOMENT.search(old.name):
        still = old.highest == old.points[0][1] and old.last <= since
        return still and new.last > since and now - new.last <= _YOUNGER * (now - old.last)
    # A series that is told by its old name, too, was not renamed.
    ended = abs(old.points[-1][0] - since) <= _AT_ONCE.total_seconds() < now - old.points[-1][0]
    fresh = now - new.points[-1][0] <= _AT_ONCE.total_seconds()
    before, after = _pace(old), _pace(new)
    slowest, fastest = (0.0, _FASTER) if _WRONG.search(old.line) else (_SLOWER, 1 / _SLOWER)
    enough = min(len(old.points), len(new.points)) >= _LEAST
    return ended and fresh and enough and slowest * before <= after <= fastest * before


def _pace(metric: Metric) -> float:
    """How fast it goes; counters are read as what they rise by."""
    return sum(value for _, value in metric.points) / len(metric.points)


def _lost(facts: Facts, old_name: str, pairs: Sequence[Pair], change: LogLine) -> bool:
    """Did anything of the old name end then that none of the new one follows? A kind of answer may be no more."""
    part, followed = _part(old_name), {id(old) for old, _ in pairs}
    named = [m for m in facts.metrics if id(m) not in followed and part.search(m.line.partition("}: ")[0])]
    return any(change.at and m.points[-1][0] <= (change.at + _AT_ONCE).timestamp() for m in named)


def _goes_wrong(facts: Facts, pairs: Sequence[Pair]) -> bool:
    """Does anything else that is measured of the new one, and counts what goes wrong, say that something does?"""
    meant = {id(metric) for pair in pairs for metric in pair}
    own = {value for _, new in pairs for value in new.labels.values()} - {
        value for old, _ in pairs for value in old.labels.values()
    }
    others = [m for m in facts.metrics if id(m) not in meant and own & set(m.labels.values())]
    return any(_WRONG.search(m.name) and m.last > min(0.0, m.points[0][1]) for m in others)


def _explains_all(facts: Facts, change: LogLine, pairs: Sequence[Pair]) -> bool:
    """Is all that looks bad of the old name, or worked out from it, and has it turned as the name did? Where it is
    worked out, something of its users must be as ever, too."""
    old = {metric.cite().quote for metric, _ in pairs}
    worked_out = {m.cite().quote for m in facts.metrics if ":" in m.name and _turned_with(m.change_at, change)}
    left = [signal for signal in trouble_signals(facts) if signal.quote not in old]
    good = [cite for cite in good_signs(facts) if cite.evidence and cite.quote not in old]
    return not left or (bool(good) and all(signal.quote in worked_out for signal in left))


def _turned_with(turned: datetime | None, change: LogLine) -> bool:
    return turned is not None and change.at is not None and timedelta() <= turned - change.at <= _AT_ONCE
