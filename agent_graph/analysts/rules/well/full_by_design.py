"""A cache that is full, as it is meant to be: what it has no room for it lets go, and those who use it are served."""

import re
from collections.abc import Iterator, Sequence

from agent_graph.analysts.rules.facts import Facts
from agent_graph.analysts.rules.finding import Finding
from agent_graph.analysts.rules.parts import name, trouble_signals
from agent_graph.analysts.rules.well.complaints import complains
from agent_graph.analysts.rules.well.wellness import good_signs
from backend.investigation.kinds import Category, Citation

# How Redis and its kin call the ways in which they make room; and stores that always do.
_POLICY = re.compile(r"\b(?:allkeys|volatile)-(?:lru|lfu|random|ttl)\b", re.IGNORECASE)
_ALWAYS = re.compile(
    r"memcached|varnish|squid|innodb_buffer_pool|buffer_?cache|page_?cache|shared_buffers", re.IGNORECASE
)
_FULL = 0.85


def full_by_design(facts: Facts, likely: Sequence[Category]) -> Finding | None:
    """Near its limit, with a way to make room, while nothing fails and nobody complains."""
    full = next((m for m in facts.metrics if m.role == "memory" and (m.share or 0) >= _FULL), None)
    way = next(_ways(facts), None)
    good = [cite for cite in good_signs(facts) if full is None or cite.quote != full.cite().quote]
    if full is None or way is None or not good or trouble_signals(facts):
        return None
    if set(likely) - {"memory_pressure"} or complains(facts):
        return None
    policy = _POLICY.search(way.quote)
    how = f" ({policy[0]})" if policy else ""
    evicts = next((m.cite("it makes room") for m in facts.metrics if m.role == "evictions" and m.last > 0), None)
    return Finding(
        category="healthy",
        statement=f"{name(facts)} is full by design: it evicts what it has no room for{how}; nobody suffers from it.",
        supporting=[full.cite("full"), way, *([evicts] if evicts else []), *good[:3]],
        strength="strong",
        disproof="Compare its hits and misses with last week's: many more misses would make it too small.",
    )


def _ways(facts: Facts) -> Iterator[Citation]:
    """What says that it makes room by itself."""
    for metric in facts.metrics:
        if _POLICY.search(metric.line) or _ALWAYS.search(metric.line.split("{")[0]):
            yield metric.cite("how it makes room")
    for line in [*facts.lines, *facts.usual, *facts.changes]:
        if _POLICY.search(line.text):
            yield line.cite("how it makes room")
