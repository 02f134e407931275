"""When trouble began by what is measured: alerts wait until enough has piled up, and that began long before."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from statistics import median
from typing import Any

from agent_graph.sources.signs import when
from backend.investigation.kinds import CaseFile, Evidence

# What left its level longer before than this is another story.
_LONGEST = timedelta(hours=3)
# So much of the way from what it was to what it is, it has left its level.
_LEFT = 0.05
_LEAST_POINTS = 8


def began_by_measure(case: CaseFile, evidence: Sequence[Evidence]) -> datetime:
    """When the first of the target's measurements that are in trouble left its level, or since when its platform calls
    it not ready; no later than it was reported."""
    moments = [
        at for found in evidence if _is_bad(found) for series in found.data.get("series", []) if (at := _left(series))
    ]
    moments += [at for found in evidence if found.kind == "state" and not found.error for at in _unready(found)]
    return min([at for at in moments if at >= case.started_at - _LONGEST], default=case.started_at)


def _is_bad(found: Evidence) -> bool:
    own = found.kind == "metric" and not found.error and found.data.get("own") is not False
    return own and any(sign["category"] == "trouble" for sign in found.data.get("signs", []))


def _unready(found: Evidence) -> Iterator[datetime]:
    """What it says since then, it says of this trouble; alerts wait until it has lasted."""
    for sign in found.data.get("signs", []):
        at = when(sign.get("at"))
        if at is not None and sign["category"] == "probe_failure" and sign["weight"] != "weak":
            yield at


def _left(series: dict[str, Any]) -> datetime | None:
    """The last time at which it was as at first; None where it never was, or is no longer away."""
    points = [(float(at), float(value)) for at, value in series["points"] if value is not None]
    if len(points) < _LEAST_POINTS:
        return None
    base, last = median(value for _, value in points[: len(points) // 5 or 1]), points[-1][1]
    away = abs(last - base)
    if not away:
        return None
    at = next((at for at, value in reversed(points) if abs(value - base) <= away * _LEFT), None)
    return datetime.fromtimestamp(at, UTC) if at is not None else None
