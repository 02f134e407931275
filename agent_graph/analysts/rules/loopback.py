"""Complaints of nobody else: a health check's of its own address, and another's that it does not reach the target."""

import re

from agent_graph.analysts.rules.facts import Facts, LogLine
from agent_graph.sources.docker.evidence import HEALTH_CHECK
from agent_graph.sources.signs import aliases, belongs

_LOOPBACK = re.compile(r"\blocalhost\b|\b127(?:\.\d{1,3}){3}\b|\[?::1\]?|\b0\.0\.0\.0\b|ip6-localhost", re.IGNORECASE)


def of_itself(line: LogLine) -> bool:
    """Is it what its health check printed about its own address? Nobody else is complained of there."""
    return line.speaker == HEALTH_CHECK and _LOOPBACK.search(line.text) is not None


def misses_target(line: LogLine, whom: str | None, facts: Facts) -> bool:
    """Is it another, who does not reach the target itself? `whom`: the party that is complained of.

    That says that the target is away, and not that anything is which the target needs.
    """
    host = (whom or "").partition(":")[0].partition(".")[0].lower()
    return bool(line.speaker and host) and belongs(host, [alias.lower() for alias in aliases(facts.case)])
