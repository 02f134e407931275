"""What can be made of series: growth of counters that reset, rates, ratios, sums, and their course against the past."""

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from statistics import median

from agent_graph.sources.series import Series, change_at

# Alerts wait before they fire ("for 10 minutes"): what changed no longer before one than this belongs to it.
WAITED = timedelta(minutes=30)
_CLOCKS = timedelta(minutes=2)
_LEAST_BEFORE = 3
_CREPT = 1.25
# So many points, and so little of the rise left, say that nothing waits any more; so much of it is a rise of its own.
_EMPTY, _NEXT_TO_NOTHING, _HUMP = 5, 0.02, 0.2
# How far somebody is behind is told as nothing, too, where nobody is there to be behind.
_BEHIND = re.compile(r"lag|behind|delay|offset", re.IGNORECASE)


def increase(series: Series) -> Series:
    """A counter as its growth since the window began; a reset adds what came after it."""
    total, before, points = 0.0, series.points[0][1], list[tuple[float, float]]()
    for at, value in series.points:
        total += value - before if value >= before else value
        before = value
        points.append((at, total))
    return Series(series.labels, points)


def rate(series: Series) -> Series:
    """A counter as its growth per second, from point to point."""
    grown = increase(series).points
    points = [(b[0], (b[1] - a[1]) / max(1.0, b[0] - a[0])) for a, b in pairwise(grown)]
    return Series(series.labels, points or [(series.points[0][0], 0.0)])


def ratio(over: Series, under: Series) -> Series:
    """One series divided by another, where both have a point."""
    below = dict(under.points)
    points = [(at, value / below[at]) for at, value in over.points if below.get(at)]
    return Series(over.labels, points or [(over.points[0][0], 0.0)])


def changes(series: Series) -> Series:
    """How often the value has changed since the window began: a start time changes with every start."""
    total, before, points = 0.0, series.points[0][1], list[tuple[float, float]]()
    for at, value in series.points:
        total += value != before
        before = value
        points.append((at, total))
    return Series(series.labels, points)


def total_of(series: Sequence[Series]) -> Series:
    """Several series added up, point by point."""
    totals: dict[float, float] = {}
    for one in series:
        for at, value in one.points:
            totals[at] = totals.get(at, 0.0) + value
    return Series({"__name__": series[0].labels.get("__name__", "")}, sorted(totals.items()))


def before(series: Series, began: datetime, *, falls: bool = False) -> list[float]:
    """Its values before the trouble: up to the step up where it has one shortly before, else until shortly before.

    What an alert waited for is no part of what was usual. `falls`: so is a step down.
    """
    start = (began - _CLOCKS).timestamp()
    changed = change_at(series)
    if changed is not None and (began - WAITED).timestamp() <= changed < start:
        stepped = [value for at, value in series.points if at < changed]
        if len(stepped) >= _LEAST_BEFORE and (series.last > max(stepped) or (falls and series.last < min(stepped))):
            return stepped
    return [value for at, value in series.points if at < start]


Course = str


def course(series: Series, began: datetime) -> Course:
    """raised (at the end), over (it was and is not any more), or flat: the end against what was before the trouble."""
    values = [value for _, value in series.points]
    if len(values) < 4:
        return "unknown"
    early = before(series, began) or values[: max(2, len(values) // 5)]
    base, peak = median(early), max(values)
    end = median(values[-max(2, len(values) // 8) :])
    step = max(abs(base), 1e-9)
    if peak < 2 * step or peak - base < 1e-6:
        return "flat"
    # A level that was usual before is none that it rose to.
    usual = sorted(early)[int(0.9 * (len(early) - 1))]
    if end > usual and end >= 2 * step and end - base >= 0.25 * (peak - base):
        return "raised"
    # A series that ends at its peak is not back, however short that was.
    back = end - base <= 0.2 * (peak - base) and values[-1] - base <= 0.5 * (peak - base)
    return "over" if back and peak >= 3 * step else "flat"


def emptied(series: Series, began: datetime) -> bool:
    """Did it rise once, and is it back where it was for some points, however shortly before it stood high?

    What waits is gone once it is gone; what comes in bursts is not. A lag must still be there to be measured.
    """
    values = [value for _, value in series.points]
    early = before(series, began)
    if len(early) < _LEAST_BEFORE or len(values) <= _EMPTY:
        return False
    base, peak = median(early), max(values)
    low, high = base + _NEXT_TO_NOTHING * (peak - base), base + _HUMP * (peak - base)
    rises = sum(a < high <= b for a, b in pairwise(values))
    lately = values[-_EMPTY:]
    if _BEHIND.search(series.labels.get("__name__", "")) and (min(lately) <= 0 or len(set(lately)) == 1):
        return False
    return peak >= 3 * max(base, 1.0) and rises == 1 and max(lately) <= low and max(early) < high


def monotonic(series: Series) -> bool:
    """Does it only grow, but for a few resets?"""
    values = [value for _, value in series.points]
    falls = sum(b < a for a, b in pairwise(values))
    return falls <= max(1, len(values) // 20)


def crept(series: Series) -> bool:
    """Has it risen slowly, to well above where it was: lowest and highest of each third above those of the one before?

    A rise in small steps is none that `course` sees; neither is it standing still.
    """
    values = [value for _, value in series.points]
    third = len(values) // 3
    if third < _LEAST_BEFORE:
        return False
    parts = [values[:third], values[third : 2 * third], values[2 * third :]]
    lows, highs = [min(part) for part in parts], [max(part) for part in parts]
    grown = median(parts[2]) >= _CREPT * max(median(parts[0]), 1e-9)
    return grown and lows[0] < lows[1] < lows[2] and highs[0] < highs[1] < highs[2]
