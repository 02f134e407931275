"""Fewer serve it than before: replicas that were taken away just before it could not keep up any more."""

from collections.abc import Iterator
from datetime import timedelta

from agent_graph.analysts.rules.facts import Facts
from agent_graph.analysts.rules.finding import Finding
from agent_graph.wording import clock
from backend.investigation.kinds import Category, Citation

# What too few look like.
_OVERLOADED: frozenset[Category] = frozenset(
    {
        *("dependency_failure", "connection_exhaustion", "cpu_throttling", "memory_pressure", "oom", "network_error"),
        *("probe_failure", "rate_limited", "slow_query"),
    }
)
_BEFORE, _SLACK = timedelta(minutes=30), timedelta(minutes=2)


def fewer(finding: Finding, facts: Facts) -> Iterator[tuple[str, Citation]]:
    """For the statement, with a quote: when they were taken away, and how many are left."""
    if finding.category not in _OVERLOADED:
        return
    began = min(finding.onset or facts.case.started_at, facts.case.started_at)
    for sign in facts.signs_of("fewer"):
        if sign.at is not None and began - _BEFORE <= sign.at <= began + _SLACK:
            yield f"Fewer serve it since {clock(sign.at)}: {sign.means}", sign.cite("taken away just before")
