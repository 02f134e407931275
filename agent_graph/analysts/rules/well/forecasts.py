"""A forecast drawn through a rise that has passed: what was to run out has its room again.

Rules that extend a line into tomorrow fire on whatever rises for an hour: a dump, a copy, an upgrade that unpacks. What
decides is whether it came back once that was over.
"""

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import pairwise
from statistics import median

from agent_graph.analysts.rules.facts import Facts, LogLine, Metric
from agent_graph.analysts.rules.finding import Finding
from agent_graph.analysts.rules.parts import name, said, trouble_signals
from agent_graph.analysts.rules.well.complaints import complains
from backend.investigation.kinds import AlertFact, Category

# As such rules are called and described.
_FORECAST = re.compile(
    r"predict|forecast|projected|extrapolat|trend|fill(?:s|ing)?[ _-]?up|MayFill|WillFill|RunsOut|FullIn"
    r"|(?:may|might|could|will|going to|expected to|about to)[ _-]?(?:likely )?"
    r"(?:run out|fill|be full|exhaust|overflow)"
    r"|(?:with)?in (?:the )?(?:next )?(?:\d+|one|two|three|four|a few) ?(?:h\b|hours?|d\b|days?|weeks?)"
    r"|at (?:this|the current) (?:rate|pace)",
    re.IGNORECASE,
)
# Somebody has: a rise that came back from the top was an incident all the same.
_RAN_OUT = re.compile(r"no space left|ENOSPC|disk (?:is )?full|quota exceeded|out of memory|too many connections", re.I)
_ROLES = ("disk", "memory", "host_memory", "pg_connections", "packet_table")
_LOOKS_LIKE: frozenset[Category] = frozenset({"disk_pressure", "memory_pressure", "connection_exhaustion"})
_PLACE = ("mountpoint", "device", "persistentvolumeclaim", "volume", "path", "instance", "pod", "name", "topic")
# How much of a rise must be gone, how high a rise is none, and how full is too full for good news.
_BACK, _RISE, _ROOM, _POINTS = 0.25, 0.02, 0.9, 6
# What makes room again, as logs tell it: within some minutes of the fall.
_CLEARED = re.compile(
    r"\b(?:remov|delet|purg|prun|clear|clean|reclaim|free[ds]|freeing|drop|truncat|expir|evict|compact|merg|vacuum|shrink"
    r"|finish|complet|done\b)",
    re.IGNORECASE,
)
_NEAR = 180.0
# How much of a whole must be set free at once.
_BLOW = 0.15


def forecast_passed(facts: Facts, likely: Sequence[Category]) -> Finding | None:
    """All alerts are forecasts, what they speak of rose and came back, and nobody has run out of it."""
    alerts = facts.case.alerts
    if not alerts or not all(_is_forecast(alert) for alert in alerts) or set(likely) - _LOOKS_LIKE:
        return None
    if trouble_signals(facts) or complains(facts):
        return None
    meant = [m for m in facts.metrics if m.role in _ROLES and m.limit and any(_is_meant(m, a) for a in alerts)]
    passed = [metric for metric in meant if _has_passed(metric)]
    made = [metric for metric in meant if metric.role == "disk" and _has_room(metric, facts.case.started_at)]
    if any(_RAN_OUT.search(line.text) for line in [*facts.lines, *facts.around]):
        return None
    if not (passed or made) or any(_share(metric, metric.last) > _ROOM for metric in meant):
        return None
    if not passed:
        return _roomy(made[0], facts)
    rise = passed[0]
    top_at, top = max(rise.points, key=lambda point: point[1])
    cleared = _cleared(rise, facts)
    return Finding(
        category="healthy",
        statement=f"{name(facts)} does not run out: the forecast extends a rise that has passed, from"
        f" {_share(rise, _before(rise)):.0%} to {_share(rise, top):.0%} at {datetime.fromtimestamp(top_at, UTC):%H:%M}"
        f" and back to {_share(rise, rise.last):.0%}{_words(cleared)}.",
        supporting=[
            rise.cite("it rose and came back"),
            *([facts.alert] if facts.alert else []),
            *(line.cite("said as it came back") for line in cleared),
        ],
        strength="strong",
        disproof="Look at the same measurement over some days: a low that rises from day to day would be an incident.",
    )


def _cleared(rise: Metric, facts: Facts) -> list[LogLine]:
    """What was said once, as it fell furthest, of something that was cleared away: it tells, and proves nothing."""
    falls = [(before[1] - after[1], before[0], after[0]) for before, after in pairwise(rise.points)]
    _, since, until = max(falls)
    rare = [line for line in [*facts.lines, *facts.usual] if line.count <= 2 and _CLEARED.search(line.message)]
    near = [line for line in rare if line.at and since - _NEAR <= line.at.timestamp() <= until + _NEAR]
    return sorted(near, key=lambda line: abs(line.at.timestamp() - until) if line.at else _NEAR)[:2]


def _words(cleared: Sequence[LogLine]) -> str:
    return f". Said as it came back: {'; '.join(said(line, 160) for line in reversed(cleared))}" if cleared else ""


def _roomy(metric: Metric, facts: Facts) -> Finding:
    was = max(_share(metric, value) for _, value in metric.points)
    return Finding(
        category="healthy",
        statement=f"{name(facts)} had recovered before anybody acted: room was made where it was to run out, from"
        f" {was:.0%} used to {_share(metric, metric.last):.0%}: {metric.line[:200]}.",
        supporting=[metric.cite("it has room again"), *([facts.alert] if facts.alert else [])],
        strength="strong",
        disproof="Look at the same measurement in some hours: filled up again, it is not over.",
    )


def _has_room(metric: Metric, began: datetime) -> bool:
    """Was room made at one blow since, by who enlarged or emptied it, and is it not taken up again?"""
    shares = [(at, _share(metric, value)) for at, value in metric.points]
    falls = [n for n in range(1, len(shares)) if shares[n - 1][1] - shares[n][1] >= _BLOW]
    if not falls or shares[falls[-1]][0] < began.timestamp():
        return False
    since = [share for _, share in shares[falls[-1] :]]
    return len(since) >= _POINTS and since[-1] - since[0] <= _BACK * (shares[falls[-1] - 1][1] - since[0])


def _is_forecast(alert: AlertFact) -> bool:
    return _FORECAST.search(f"{alert.name} {' '.join(alert.annotations.values())}") is not None


def _is_meant(metric: Metric, alert: AlertFact) -> bool:
    """Is it of the place that the alert names, as far as it names one?"""
    return all(
        f'{key}="{value}"' in metric.line
        for key in _PLACE
        if f'{key}="' in metric.line and (value := alert.labels.get(key))
    )


def _has_passed(metric: Metric) -> bool:
    values = [_share(metric, value) for _, value in metric.points]
    before, top = _share(metric, _before(metric)), max(values)
    return len(values) >= _POINTS and top - before >= _RISE and values[-1] - before <= _BACK * (top - before)


def _before(metric: Metric) -> float:
    """Its level before it rose to its top."""
    top = max(range(len(metric.points)), key=lambda n: metric.points[n][1])
    early = sorted(value for _, value in metric.points[: top + 1])
    return median(early[: max(1, len(early) // 2)])


def _share(metric: Metric, value: float) -> float:
    return value / metric.limit if metric.limit else value
