"""A container's own health check that cannot reach the loopback address has not reached the container itself."""

import re

from agent_graph.analysts.rules.facts import LogLine
from agent_graph.sources.docker.evidence import HEALTH_CHECK

_LOOPBACK = re.compile(r"\blocalhost\b|\b127(?:\.\d{1,3}){3}\b|\[?::1\]?|\b0\.0\.0\.0\b|ip6-localhost", re.IGNORECASE)


def of_itself(line: LogLine) -> bool:
    """Is it what its health check printed about its own address? Nobody else is complained of there."""
    return line.speaker == HEALTH_CHECK and _LOOPBACK.search(line.text) is not None
