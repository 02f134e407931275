"""How much was seen of a case, and what is missing: what tells one that can be decided from one that cannot."""

from collections.abc import Iterator
from datetime import timedelta
from itertools import pairwise
from statistics import median

from agent_graph.analysts.rules.facts import Facts, Metric
from backend.investigation.kinds import CaseFile

# Whose signs say how a thing stands; of each it matters whether there are any.
_SOURCES = ("kubernetes", "docker", "postgres", "prometheus")
# A log whose last line is older than this by the time that somebody looks has fallen silent.
_SILENT = timedelta(minutes=10)
# Between two points of a series this many times further apart than usual, something was not measured.
_GAP = 4
# The first and last parts of a series that say where it began and ended, and how near is back again.
_ENDS, _FEWEST, _NEAR = 4, 8, 0.2


def extent(case: CaseFile, facts: Facts) -> Iterator[str]:
    """What nobody can bring about by writing into a log: what is missing, and how measurements lie about the alert."""
    there = {
        "lines": facts.lines,
        "around": facts.around,
        "measurements": facts.metrics,
        "containers": facts.containers,
        "changes": facts.changes,
        "monitor": facts.monitor,
    }
    yield from (f"no {what}" for what, found in there.items() if not found)
    spoke = {sign.source for sign in facts.signs}
    yield from (f"no signs of {source}" for source in _SOURCES if source not in spoke)
    if facts.absent is not None:
        yield "absent"
    if not _said(facts, "error", "fatal"):
        yield "no errors"
    if facts.heard_until is not None and case.now - facts.heard_until > _SILENT:
        yield "silent"
    if facts.heard_since is not None and facts.heard_since > case.started_at:
        yield "log begins late"
    for metric in facts.metrics:
        yield from _lie(metric, case)


def loudness(case: CaseFile, facts: Facts) -> Iterator[str]:
    """How much was said: whoever writes into a log may add to that."""
    errors, warnings = _said(facts, "error", "fatal"), _said(facts, "warning")
    if errors:
        yield f"errors {_magnitude(errors)}"
    yield f"warnings {_magnitude(warnings)}"
    yield f"lines {len(facts.lines).bit_length()}"
    if facts.heard_until is not None and case.now - facts.heard_until <= _SILENT:
        yield "heard"
    if facts.heard_since is not None and facts.heard_since <= case.started_at:
        yield "log begins before"


def _said(facts: Facts, *levels: str) -> int:
    return sum(line.count for line in facts.lines if line.level in levels)


def _magnitude(number: int) -> int:
    """0; 1 to 3; 4 to 15; 16 to 63; more: as 0 to 4."""
    return min(4, (number.bit_length() + 1) // 2)


def _lie(metric: Metric, case: CaseFile) -> Iterator[str]:
    """Whether a series ends before the alert, begins after it, has gaps, and where it went."""
    times = [at for at, _ in metric.points]
    if not times:
        return
    began = case.started_at.timestamp()
    if times[-1] < began:
        yield "measured until before"
    if times[0] > began:
        yield "measured only after"
    steps = [after - before for before, after in pairwise(times)]
    if steps and max(steps) > _GAP * median(steps) + 1:
        yield "measured with gaps"
    if metric.change_at is not None and len(times) >= _FEWEST:
        yield f"{metric.role} went {_whither([value for _, value in metric.points])}"


def _whither(values: list[float]) -> str:
    first, last = median(values[: len(values) // _ENDS]), median(values[-3:])
    if abs(last - first) < _NEAR * ((max(values) - min(values)) or 1):
        return "back"
    return "up" if last > first else "down"
