"""Are two sides that the alert says differ measured alike again? A check that is made now and then learns it late."""

import re
from datetime import UTC, datetime, timedelta

from agent_graph.analysts.rules.facts import Facts, Metric
from agent_graph.analysts.rules.well.measured_now import measured_now
from backend.investigation.kinds import AlertFact

_DIFFER = re.compile(
    r"mismatch|\bdiffer|diverg|\bdrift|out[ -]of[ -]sync|unequal|\bnot (?:equal|the same|identical)"
    r"|disagree|inconsisten",
    re.IGNORECASE,
)
# How near to the alert they differed, and how long they must be alike since.
_NEAR, _LONG = timedelta(minutes=20), timedelta(minutes=5)
# Less of what there was than this is left of something lost.
_LEAST, _KEPT = 3, 0.5


def alike_again(metric: Metric, facts: Facts) -> datetime | None:
    """Since when the other side tells what `metric` tells, too; None where they still differ, or never did."""
    alert = next(iter(facts.case.alerts), None)
    told = f"{facts.case.title} {' '.join(alert.annotations.values())}" if alert is not None else ""
    if alert is None or not _DIFFER.search(re.sub(r"(?<=[a-z])(?=[A-Z])", " ", f"{alert.name} {told}")):
        return None
    others = [other for other in facts.metrics if _is_other_side(metric, other, alert)]
    found = [_since(metric, other, facts) for other in others]
    times = [at for at in found if at is not None]
    return max(times) if times and len(times) == len(found) else None


def _is_other_side(one: Metric, other: Metric, alert: AlertFact) -> bool:
    """The same of another, where the alert names both, and nothing else that it names is different."""
    differs = {key for key in one.labels | other.labels if one.labels.get(key) != other.labels.get(key)}
    if one is other or one.name != other.name or len(differs) != 1:
        return False
    key = differs.pop()
    named = {value for label, value in alert.labels.items() if label != key}
    same = [label for label in one.labels if label in alert.labels and label != key]
    meant = all(one.labels[label] == alert.labels[label] for label in same if label != "job")
    return meant and {one.labels.get(key), other.labels.get(key)} <= named


def _since(one: Metric, other: Metric, facts: Facts) -> datetime | None:
    theirs = dict(other.points)
    both = [(at, value == theirs[at]) for at, value in one.points if at in theirs]
    apart = [at for at, alike in both if not alike]
    if len(both) < _LEAST or not apart or apart[-1] < (facts.case.started_at - _NEAR).timestamp():
        return None
    back = next((at for at, _ in both if at > apart[-1]), None)
    if back is None or both[-1][0] - back < _LONG.total_seconds() or _is_lost(one, other):
        return None
    if not (measured_now(one, facts) and measured_now(other, facts)):
        return None
    return datetime.fromtimestamp(back, UTC)


def _is_lost(one: Metric, other: Metric) -> bool:
    """Are they alike in what both have lost? Nothing is as much as nothing."""
    return one.last <= _KEPT * max(one.points[0][1], other.points[0][1]) or one.last == 0
