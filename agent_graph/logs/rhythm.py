"""How a kind of line is spread over the time of its log, and whether it was there all along."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from agent_graph.logs.lines import time_of

SLICES = 12
# Alerts wait before they fire: what began this long before one may well be its cause.
_LEAD = timedelta(minutes=5)
_LEAST_BEFORE = 3


def minute_of(line: str) -> str:
    """The minute that an ISO time in front names; empty without one."""
    return line[:16] if line[4:5] in ("-", "/") and line[13:14] == ":" else ""


def spread(minutes: Mapping[str, int], first: datetime, last: datetime) -> list[int]:
    """How many in each of the equal parts of the time from `first` to `last`."""
    found = [0] * SLICES
    whole = (last - first).total_seconds() or 1.0
    for minute, count in minutes.items():
        at = time_of(f"{minute}:30") if minute else None
        if at is not None:
            found[min(SLICES - 1, max(0, int((at - first).total_seconds() / whole * SLICES)))] += count
    return found


def steady(found: Sequence[int], first: datetime, last: datetime, began: datetime) -> bool:
    """Was it said before the trouble about as often as since? Only a log that reaches back far enough can tell."""
    before = int((began - _LEAD - first) / ((last - first) / SLICES)) if last > first else 0
    early, late = found[: max(0, before)], found[max(0, before) :]
    if len(early) < 2 or sum(early) < _LEAST_BEFORE or not late:
        return False
    present = sum(1 for count in early if count) >= 0.75 * min(len(early), sum(early))
    usual, now = sum(early) / len(early), sum(late) / len(late)
    return present and early[0] + early[1] > 0 and now <= 2.0 * usual
