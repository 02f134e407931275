"""Did the same happen at this hour on the days before, and pass?"""

from collections.abc import Sequence

from agent_graph.analysts.rules.facts import Facts, Metric
from agent_graph.analysts.rules.finding import Finding
from agent_graph.analysts.rules.parts import name, trouble_signals
from agent_graph.analysts.rules.well.complaints import complains
from agent_graph.analysts.rules.well.wellness import good_signs
from backend.investigation.kinds import Category, Citation

_DAY, _SLACK = 86_400.0, 1_200.0
_DAYS, _LEAST = 7, 2
# What work of the usual hour looks like.
_LOAD: frozenset[Category] = frozenset({"cpu_throttling", "memory_pressure", "slow_query", "lock_contention"})
_NOTE = "as high at this hour on {} of the days before, and back each time"


def every_day(facts: Facts, metric: Metric) -> Citation | None:
    """The series that shows it: as high on most of the days before that it tells of, and low in between."""
    top_at, top = max(metric.points, key=lambda point: point[1])
    called = metric.line.split("{")[0]
    for other in facts.metrics:
        if other.line.split("{")[0] == called and (days := _days(other, top_at, top)):
            return other.cite(_NOTE.format(days))
    return None


def passed_before(again: Citation) -> str:
    """That, as a sentence."""
    return f"It was {again.note}"


def _days(metric: Metric, top_at: float, top: float) -> int:
    """On how many days; none where it was not so on one of them, or where it is always so."""
    seen: list[bool] = []
    for back in range(1, _DAYS + 1):
        then = [value for at, value in metric.points if abs(at - (top_at - back * _DAY)) <= _SLACK]
        seen += [max(then) >= 0.5 * top] if then else []
    before = [value for at, value in metric.points if at < top_at - _DAY / 2]
    low = sum(value < 0.3 * top for value in before)
    return len(seen) if len(seen) >= _LEAST and all(seen) and 2 * low > len(before) else 0


def as_every_day(facts: Facts, likely: Sequence[Category]) -> Finding | None:
    """All that is too high was as high at this hour on the days before, passed each time, and nobody complains."""
    signals = trouble_signals(facts)
    lines = {metric.cite().quote: metric for metric in facts.metrics}
    if not signals or any(signal.quote not in lines for signal in signals) or set(likely) - _LOAD or complains(facts):
        return None
    again = [every_day(facts, lines[signal.quote]) for signal in signals]
    good = good_signs(facts)
    first = again[0]
    if first is None or None in again or not good:
        return None
    return Finding(
        category="healthy",
        statement=f"{name(facts)} does what it does every day at this hour. {passed_before(first)}.",
        supporting=[signals[0], *(one for one in again if one is not None), *good[:2]],
        strength="strong",
        disproof="Look at it again when it is usually over: still as high would be an incident.",
    )
