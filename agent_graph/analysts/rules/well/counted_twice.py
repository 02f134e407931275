"""Twice as much of everything since it is measured by two: who adds up what both tell counts each request twice."""

import re
from collections.abc import Iterator

from agent_graph.analysts.rules.facts import Facts, Metric
from agent_graph.analysts.rules.finding import Finding
from agent_graph.analysts.rules.parts import name, trouble_signals
from agent_graph.analysts.rules.well.complaints import WAITED, complains
from agent_graph.analysts.rules.well.wellness import good_signs

# What rules speak of that add up; those about shares and times are not fooled.
_SUMS = re.compile(
    r"traffic|request.?rate|requests? (?:per|rate)|throughput|volume|\b[rq]ps\b|anomal|cost|spend|twice|double",
    re.IGNORECASE,
)
# By whom it was measured, not what.
_BY_WHOM = frozenset({"job", "instance", "endpoint", "prometheus", "prometheus_replica", "scrape_job", "monitor"})
_ALIKE, _LEAST = 0.2, 5


def counted_twice(facts: Facts) -> Finding | None:
    """The alert is about a sum, and each of its series has a twin of another job, begun shortly before, and as high."""
    alert = next(iter(facts.case.alerts), None)
    told = f"{alert.name} {' '.join(alert.annotations.values())}" if alert else ""
    if alert is None or not _SUMS.search(told) or trouble_signals(facts) or complains(facts):
        return None
    pairs = list(_twins(facts))
    good = good_signs(facts)
    if not pairs or not good:
        return None
    first, second = pairs[0]
    by = [metric.labels.get("job", "") for metric in (first, second)]
    since = next((c for c in facts.changes[::-1] if c.at and abs(c.at.timestamp() - second.points[0][0]) <= 600), None)
    return Finding(
        category="healthy",
        statement=f"{name(facts)} is not asked more than before: the same is measured by two jobs since shortly before,"
        f" {by[0]} and {by[1]}, and counted twice.",
        supporting=[
            first.cite("measured before"),
            second.cite("the same, measured again"),
            *([since.cite("set up at that time")] if since else []),
            *good[:2],
        ],
        strength="strong",
        disproof="Add up what one of the two jobs tells: more than before would be real.",
    )


def _twins(facts: Facts) -> Iterator[tuple[Metric, Metric]]:
    began = facts.case.started_at.timestamp()
    for second in facts.metrics:
        start = second.points[0][0]
        if not began - 6 * WAITED.total_seconds() <= start <= began:
            continue
        for first in facts.metrics:
            if first.points[0][0] < start - WAITED.total_seconds() and _same(first, second) and _as_high(first, second):
                yield first, second


def _same(first: Metric, second: Metric) -> bool:
    """Is it the same thing, measured by another job?"""
    one, other = (metric.labels for metric in (first, second))
    what = [{key: value for key, value in labels.items() if key not in _BY_WHOM} for labels in (one, other)]
    name_of = [metric.name for metric in (first, second)]
    return name_of[0] == name_of[1] and what[0] == what[1] and one.get("job") != other.get("job")


def _as_high(first: Metric, second: Metric) -> bool:
    """Do both tell the same, and does the first go on as it was?"""
    values = dict(first.points)
    both = [(values[at], value) for at, value in second.points if at in values]
    return len(both) >= _LEAST and all(abs(a - b) <= _ALIKE * max(abs(a), abs(b)) and b > 0 for a, b in both)
