"""A disk kept at its level: what writes on it removes the oldest as room runs short, again and again, as it is told."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import pairwise

from agent_graph.analysts.rules.facts import Facts, LogLine, Metric
from agent_graph.analysts.rules.finding import Finding
from agent_graph.analysts.rules.noise import kind_of
from agent_graph.analysts.rules.parts import name, said, trouble_signals
from agent_graph.analysts.rules.well.complaints import complains
from agent_graph.logs.words import ominous
from backend.investigation.kinds import AlertFact, Category

_ABOUT = re.compile(r"disk|file ?system|volume|storage|space", re.IGNORECASE)
# The oldest goes, and goes because of the room that there is: what goes for its age alone keeps no level.
_REMOVES = re.compile(r"delet|remov|prun|purg|clean|dropp|drops|expir|evict|overwr|recycl|reclaim", re.IGNORECASE)
_FOR_ROOM = re.compile(
    r"\boldest\b|make room|\b(?:by|for|to free|keep\w*).{0,20}\b(?:space|size|room)\b|free[ _-]?space"
    r"|(?:size|space|disk)[ _-]?(?:limit|quota|budget|cap|retention)\b|retention[._ -]?(?:size|bytes)|watermark",
    re.IGNORECASE,
)
_PLACE = ("mountpoint", "device", "persistentvolumeclaim", "volume")
_POINTS, _TIMES = 12, 2
# So full that it is noticed, so full that it is no good news; by how much it may come and go, and how little rise.
_FULL, _TOO_FULL, _COMES_AND_GOES, _RISE = 0.75, 0.96, 0.05, 0.002
# Fuller than that it may be kept where it is measured that room is made, again and again, each time as much.
_BRINK, _ROOM, _FALLS = 0.975, 0.001, 3


def level_kept(facts: Facts, likely: Sequence[Category]) -> Finding | None:
    """All alerts are of its room; it is no fuller than it was, and who fills it says that it removes the oldest."""
    alerts = facts.case.alerts
    if not alerts or not all(_ABOUT.search(f"{a.name} {' '.join(a.annotations.values())}") for a in alerts):
        return None
    disks = [m for m in facts.metrics if m.role == "disk" and any(_is_meant(m, alert) for alert in alerts)]
    # What is measured to be emptied again and again need not say so twice.
    removed = _removed(facts, 1 if all(_emptied(_shares(disk)) for disk in disks) else _TIMES)
    if not disks or not all(map(_is_level, disks)) or not removed or set(likely) - {"disk_pressure"}:
        return None
    if trouble_signals(facts) or complains(facts):
        return None
    return Finding(
        category="healthy",
        statement=f"{name(facts)} keeps its disk at its level by design: it removes the oldest to make room"
        f" ({said(removed[-1], 200)}), and is at {disks[0].last:.0%} as it was before.",
        supporting=[disks[0].cite("no fuller than before"), *(line.cite("it makes room") for line in removed[-2:])],
        strength="strong",
        disproof="Look at the same measurement over some days: a level that rises would be an incident.",
    )


def _is_meant(metric: Metric, alert: AlertFact) -> bool:
    named = [f'{key}="{value}"' for key in _PLACE if (value := alert.labels.get(key))]
    return any(label in metric.line for label in named)


def _is_level(disk: Metric) -> bool:
    values = _shares(disk)
    third = len(values) // 3
    if len(values) < _POINTS or not _FULL <= values[-1] or max(values) > (_BRINK if _emptied(values) else _TOO_FULL):
        return False
    risen = max(values[-third:]) - max(values[:third])
    return max(values) - min(values) <= _COMES_AND_GOES and risen <= _RISE


def _shares(disk: Metric) -> list[float]:
    return [value / (disk.limit or 1.0) for _, value in disk.points]


def _emptied(values: Sequence[float]) -> bool:
    return sum(before - after >= _ROOM for before, after in pairwise(values)) >= _FALLS


def _removed(facts: Facts, times: int) -> list[LogLine]:
    """The lines of the one kind that says so, where it was said so many times, also before the alert."""
    said_so = [
        line
        for line in [*facts.usual, *facts.lines, *facts.around]
        if line.at and _REMOVES.search(line.message) and _FOR_ROOM.search(line.text) and not ominous(line.message)
    ]
    kinds = [[one for one in said_so if kind_of(one) == kind] for kind in dict.fromkeys(map(kind_of, said_so))]
    first = datetime.max.replace(tzinfo=UTC)
    kept = [sorted(found, key=lambda line: line.at or first) for found in kinds if len(found) >= times]
    return max(kept, key=len, default=[])
