"""One stream as both of its ends count it: does more leave the one than reaches the other, and did they agree?"""

import re
from collections.abc import Sequence
from statistics import median

from agent_graph.analysts.rules.facts import Facts, Metric
from agent_graph.analysts.rules.finding import Finding

_LEFT = re.compile(
    r"forwarded|sent\b|sent_|published|shipped|exported|emitted|produced|delivered|submitted|handed_over", re.I
)
_REACHED = re.compile(r"received|arrived|ingested|accepted|consumed|imported|\binbound|incoming", re.IGNORECASE)
# What says itself that it does not get rid of them knows where they are.
_REFUSED = re.compile(r"fail|error|drop|reject|retr|queue|backlog|non_?2\d\d|non200|5xx", re.IGNORECASE)
# Before, they were as near as this; since, so little of what leaves arrives, and what leaves is as much as before.
_NEAR, _SHORT, _AS_MUCH = 0.15, 0.85, 0.9
_POINTS = 10


def two_counts_differ(facts: Facts) -> Finding | None:
    """They agreed, one end counts fewer since, and the other as many as ever, none of them refused."""
    if any(metric.highest > 0 for metric in facts.metrics if _REFUSED.search(metric.name)):
        return None
    left = [metric for metric in facts.metrics if _is_of(metric, _LEFT, _REACHED)]
    reached = [metric for metric in facts.metrics if _is_of(metric, _REACHED, _LEFT)]
    for one in left:
        for other in reached:
            if one.labels and one.labels == other.labels and _differ(one, other):
                return _finding(one, other)
    return None


def _finding(one: Metric, other: Metric) -> Finding:
    return Finding(
        category="unknown",
        statement="The two ends of one stream contradict each other. As many are passed on as ever, and none is"
        f" refused: {one.line[:240]}. Fewer arrive: {other.line[:240]}. Either they are lost after they were taken"
        " over, or one of the two counts otherwise than it did: follow one of them by its number from end to end before"
        " anything is restarted.",
        supporting=[other.cite("fewer arrive")],
        contradicting=[one.cite("as many are passed on")],
        strength="weak",
        onset=other.change_at,
        disproof="Look for one that was passed on and did not arrive: found at the other end, its count is wrong.",
    )


def _is_of(metric: Metric, which: re.Pattern[str], other: re.Pattern[str]) -> bool:
    called = metric.name
    return which.search(called) is not None and other.search(called) is None and len(metric.points) >= _POINTS


def _differ(left: Metric, reached: Metric) -> bool:
    (sent, sends), (came, comes) = _levels(left), _levels(reached)
    agreed = sent > 0 and abs(sent - came) <= _NEAR * sent
    return agreed and sends >= _AS_MUCH * sent and comes < _SHORT * sends and reached.change_at is not None


def _levels(metric: Metric) -> tuple[float, float]:
    """As it was at first, and as it is at last: of some points each, for one alone comes and goes."""
    values: Sequence[float] = [value for _, value in metric.points]
    some = max(3, len(values) // 6)
    return median(values[:some]), median(values[-some:])
