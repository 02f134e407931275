"""Is a series measured to this day, and as a number? What is measured no more, or as none, has not come back."""

from datetime import timedelta
from math import isfinite

from agent_graph.analysts.rules.facts import Facts, Metric

# How old the last point may be, at least: two of its own steps, where these are longer.
_FRESH, _STEPS = timedelta(minutes=5), 2


def measured_now(metric: Metric, facts: Facts) -> bool:
    """Up to now, and with numbers only since shortly before the alert."""
    times = [at for at, _ in metric.points]
    step = timedelta(seconds=times[-1] - times[-2]) if len(times) > 1 else timedelta()
    oldest = facts.case.now - max(_FRESH, _STEPS * step)
    near = (facts.case.started_at - _FRESH).timestamp()
    return times[-1] >= oldest.timestamp() and all(isfinite(value) for at, value in metric.points if at >= near)
