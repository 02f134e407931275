"""What waits becomes more all the time that was looked at: it turned at no moment, and is not well for that."""

from itertools import pairwise
from statistics import fmean

from agent_graph.analysts.rules.facts import Facts, Metric

# So much more than at first, and at least so many; seen over so many points, in so many parts of equal length.
_GREW, _LEAST, _POINTS, _PARTS = 1.5, 50.0, 12, 4


def still_grows(facts: Facts) -> bool:
    """Does a queue grow from each part of the time to the next, while its alert fires?"""
    return facts.case.firing and any(_grows(metric) for metric in facts.metrics if metric.role == "queue")


def _grows(metric: Metric) -> bool:
    values = [value for _, value in metric.points]
    if len(values) < _POINTS or values[-1] < _GREW * values[0] or values[-1] - values[0] < _LEAST:
        return False
    part = len(values) // _PARTS
    means = [fmean(values[n * part : (n + 1) * part]) for n in range(_PARTS)]
    steps = [after - before for before, after in pairwise(means)]
    # At one pace: what leapt and stands is another course.
    return min(steps) > 0 and max(steps) <= 3 * min(steps)
