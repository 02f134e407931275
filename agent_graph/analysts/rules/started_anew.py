"""It started anew, as its own clock says, and nothing was recorded that knows why: its callers only lost it."""

import re
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any, get_args

from agent_graph.analysts.rules.facts import Facts, Metric
from agent_graph.analysts.rules.parts import name
from agent_graph.wording import clock, counted
from backend.investigation.kinds import Category

_RUNS_FOR = re.compile(r"uptime(?:_in)?(?:_seconds)?$", re.IGNORECASE)
# What its end looks like from outside, and what is no reason.
_SEEN_OUTSIDE: frozenset[str] = frozenset(
    {"healthy", "unknown", "app_crash", "restart_loop", "network_error", "dependency_failure", "probe_failure"}
)
_REASONS: tuple[Any, ...] = tuple(category for category in get_args(Category) if category not in _SEEN_OUTSIDE)


def started_anew(facts: Facts) -> str | None:
    """What is known of it and what is missing; None where its own log was read, or somebody or something ended it.

    `facts`: with what is said at all times, too.
    """
    others = {line.evidence for line in facts.lines if line.speaker}
    told = facts.containers or any(facts.signs_of(category) for category in _REASONS)
    if facts.log_evidence > len(others) or told or facts.changes:
        return None
    found = next(((metric, ends) for metric in facts.metrics if (ends := _ends(metric))), None)
    if found is None:
        return None
    metric, ends = found
    times = ", ".join(clock(datetime.fromtimestamp(at, UTC), seconds=False) for at in ends[-3:])
    return (
        f"Not established for {name(facts)}: it started anew {counted(len(ends), 'time')} ({times}), as its own clock"
        f" says ({metric.line[:200]}), and nothing that was recorded says why: its own log was not read."
        " Whoever complains that the connection was lost says no more than that. What is missing: its last output"
        " before each end, and the journal of its machine at that time."
    )


def _ends(metric: Metric) -> list[float]:
    """When it began to count from nothing again. A counter that overflows goes on in units of its own."""
    if not _RUNS_FOR.search(metric.name):
        return []
    steps = pairwise(metric.points)
    return [at for (earlier, before), (at, value) in steps if value < before / 2 and value <= 2 * (at - earlier)]
