"""What a process never gets done with: it says how far it is, is ended for a check, and begins at nothing again."""

import re
from collections.abc import Iterator
from itertools import pairwise

from agent_graph.analysts.rules.facts import Facts, LogLine
from agent_graph.analysts.rules.finding import Finding
from agent_graph.analysts.rules.parts import said
from backend.investigation.kinds import Category, Citation

_ENDED: frozenset[Category] = frozenset({"probe_failure", "restart_loop", "app_crash"})
_KILLED = re.compile(r"failed (?:liveness|startup) probe", re.IGNORECASE)
_FAR = re.compile(r"(?<![\d.])(\d{1,3})(?:\.\d{1,4})? ?(?:%|percent\b)")
_DOES = re.compile(r"complet|done|progress|finish|loaded|replay|recover|restor|appl|migrat|index|import", re.IGNORECASE)
_RUNS, _DONE = 2, 100


def unfinished(finding: Finding, facts: Facts) -> Iterator[tuple[str, Citation]]:
    """How far it gets at most, and what it was about to do as that run began to count."""
    ended = any(_KILLED.search(s.quote) for s in facts.signs_of("probe_failure"))
    if finding.category not in _ENDED or not ended:
        return
    own = sorted(
        (line for line in facts.lines if line.at and not line.speaker), key=lambda line: line.at or facts.case.now
    )
    counts = [line for line in own if _DOES.search(line.message)]
    steps = [(line, int(found[1])) for line in counts if (found := _FAR.search(line.message))]
    again = [now for (_, before), (now, far) in pairwise(steps) if far < before]
    if len(again) < _RUNS or any(far >= _DONE for _, far in steps):
        return
    furthest = max(steps, key=lambda step: step[1])[0]
    task = _before(again[-1], own, {line.text for line, _ in steps})
    what = f" ({said(task)})" if task is not None else ""
    yield f"Each time it is ended before it is done{what}: {said(furthest)}", furthest.cite("no further than this")
    if task is not None:
        yield said(task), task.cite("what it begins with each time")


def _before(first: LogLine, own: list[LogLine], steps: set[str]) -> LogLine | None:
    """What it said last before it began to count."""
    earlier = own[: own.index(first)]
    return next((line for line in reversed(earlier) if line.text not in steps), None)
