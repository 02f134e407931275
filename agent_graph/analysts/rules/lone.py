"""One request that failed among the same requests that are served, before it and after it: no cause of what lasts."""

from collections.abc import Sequence

from agent_graph.analysts.rules.facts import Facts, LogLine
from agent_graph.logs.requests import Request, request_of

_FAILED = 500


def outvoted(complaints: Sequence[LogLine], facts: Facts) -> LogLine | None:
    """The same request, served after the only complaint there is. None: it was not one alone, or nobody knows."""
    # A wider look at the same log finds the same line again.
    if len({line.text for line in complaints}) != 1 or complaints[0].count > 1 or complaints[0].at is None:
        return None
    failed = request_of(complaints[0].text)
    if failed is None or failed.status < _FAILED:
        return None
    found = [(line, request_of(line.text)) for line in [*facts.lines, *facts.usual]]
    served = [line for line, one in found if one is not None and _served_as(one, failed)]
    at = complaints[0].at
    before = any(line.at is not None and line.at < at for line in served)
    after = next((line for line in served if line.at is not None and line.at > at), None)
    return after if before else None


def _served_as(one: Request, failed: Request) -> bool:
    return one.route == failed.route and one.status < _FAILED
