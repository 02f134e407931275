"""A check whose own limit lies within what its target usually takes: it fails by chance, and nothing has changed."""

import re
from itertools import pairwise
from statistics import median

from agent_graph.analysts.rules.facts import Facts, Monitor
from agent_graph.analysts.rules.finding import Finding
from agent_graph.analysts.rules.parts import name, trouble_signals
from agent_graph.analysts.rules.well.wellness import complains

_CHECK = re.compile(r"^\S+ \S+ (up|down) .*?(\d+) ms\b")
_LATE = re.compile(r"time[d]?[ -]?out|exceeded|too slow|deadline|latency", re.IGNORECASE)
# So many of each kind, and turns between them, as chance makes; and how near its limit what passes must usually be.
_LEAST, _TURNS, _NEAR = 3, 4, 0.6


def too_tight(facts: Facts) -> Finding | None:
    """Failures at the limit, passes just below it, in no order, while its own measurements are what they were."""
    monitor = facts.monitor
    near = _near(monitor) if monitor is not None else None
    if monitor is None or near is None or complains(facts):
        return None
    if any(signal.evidence != monitor.evidence for signal in trouble_signals(facts)):
        return None
    well = [s.cite("as it was before") for s in facts.signs_of("healthy", "strong") if s.source != "monitor_history"]
    failure = monitor.cite_failure()
    if not well or failure is None:
        return None
    return Finding(
        category="healthy",
        statement=f"{name(facts)} works as it always does; the check gives it {near[0]} ms, and it usually takes "
        f"{near[1]} ms: the limit is too tight.",
        supporting=[failure.model_copy(update={"note": "late by the limit of the check"}), *well[:3]],
        strength="strong",
        disproof="Compare how long it takes with last week: longer than then would be an incident.",
    )


def _near(monitor: Monitor) -> tuple[int, int] | None:
    """The limit of the check and what passes usually take, where the one is in reach of the other."""
    seen = [(match[1], int(match[2]), line) for line in monitor.lines if (match := _CHECK.match(line))]
    failed = [(took, line) for status, took, line in seen if status == "down"]
    passed = [took for status, took, _ in seen if status == "up"]
    turns = sum(one[0] != other[0] for one, other in pairwise(seen))
    if len(failed) < _LEAST or len(passed) < len(failed) or turns < _TURNS or len(failed) < monitor.failed:
        return None
    limit, usual = min(took for took, _ in failed), int(median(passed))
    late = all(_LATE.search(line) for _, line in failed)
    return (limit, usual) if late and _NEAR * limit <= usual < limit and max(passed) <= limit else None
