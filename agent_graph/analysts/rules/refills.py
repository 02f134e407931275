"""Room that somebody made does not last: what filled a filesystem fills it again."""

import re
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

from agent_graph.analysts.rules.facts import Facts, Metric

# What alerts on it are called and say.
_ALERT = re.compile(r"disk|file ?system|inode|volume|storage|out of space|space left|\bpvc?\b", re.IGNORECASE)
# How much at once is room made, how full it is again, how long and in how many steps, and how soon it is full.
_MADE, _AGAIN, _LONG, _POINTS = 0.1, 0.8, timedelta(minutes=15), 6
_SOON = timedelta(hours=6)


def refilling(facts: Facts) -> Metric | None:
    """The one that an alert is about, as it has been since the one time that room was made."""
    disks = [m for m in facts.metrics if m.role == "disk"] if about_room(facts) else []
    return next((since for disk in disks if (since := _since_made(disk)) and _fills(since)), None)


def about_room(facts: Facts) -> bool:
    """Is an alert about the room on a disk?"""
    return any(_ALERT.search(f"{a.name} {' '.join(a.annotations.values())}") for a in facts.case.alerts)


def _since_made(disk: Metric) -> Metric | None:
    """A sawtooth makes room for itself, again and again: that is another thing."""
    falls = [n for n, (a, b) in enumerate(pairwise(disk.points), start=1) if a[1] - b[1] >= _MADE]
    return replace(disk, points=disk.points[falls[0] :]) if len(falls) == 1 else None


def _fills(disk: Metric) -> bool:
    """Higher at each step but for a few, nearly full again, and full before long."""
    (began, first), (ended, last) = disk.points[0], disk.points[-1]
    if len(disk.points) < _POINTS or ended - began < _LONG.total_seconds() or last < _AGAIN or last <= first:
        return False
    rising = sum(b[1] > a[1] for a, b in pairwise(disk.points)) >= 0.8 * (len(disk.points) - 1)
    return rising and (1 - last) * (ended - began) / (last - first) <= _SOON.total_seconds()
