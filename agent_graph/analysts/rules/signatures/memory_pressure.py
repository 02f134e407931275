"""memory_pressure: close to its limit and slow for it, but not killed."""

import re

from agent_graph.analysts.rules.facts import Facts, Metric
from agent_graph.analysts.rules.finding import Finding, Signature
from agent_graph.analysts.rules.parts import first_at, log_citations, name, onset, trouble_signals

_WORDS = re.compile(
    r"memory pressure|low memory|memory (?:usage|limit|use)\b.{0,40}(?:9\d(?:\.\d+)? ?%|exceed|high)"
    r"|exceeds? (?:its |the )?memory limit|swapping heavily|memory resource limit alarm|high memory watermark"
    # Collectors that stop the world for seconds, or cannot free anything.
    r"|GC pause.{0,40}\d{4,} ?ms|Pause Full.{0,80}\d{4,}(?:\.\d+)?ms|\[(?:Full )?GC .{0,120}, \d{1,3}\.\d+ secs\]"
    r"|overhead, spent \[[\d.]+m?s\] collecting|stop[- ]the[- ]world.{0,40}\d{4,} ?ms"
    r"|fork: Cannot allocate memory|fork: Resource temporarily unavailable"
    # Stores at the memory they may use.
    r"|used memory > 'maxmemory'|CircuitBreakingException|Data too large, data for|ineffective mark-compacts",
    re.IGNORECASE,
)

_USUAL = 0.9


def match(facts: Facts) -> Finding | None:
    """Memory at nine tenths of its limit, or the runtime's own complaint."""
    memory = facts.metric("memory") or facts.metric("host_memory")
    lines = facts.matching(_WORDS, any_level=True)
    high = memory is not None and (memory.share or 0) >= 0.9
    if not high and not lines:
        return None
    felt = memory is not None and (_risen(memory) or bool(trouble_signals(facts)))
    share = f" ({memory.share:.0%} of the limit)" if high and memory and memory.share else ""
    return Finding(
        category="memory_pressure",
        statement=f"{name(facts)} is short of memory{share}.",
        supporting=[
            *([memory.cite("close to its limit")] if high and memory else []),
            *(log_citations(lines) if lines else []),
        ],
        strength="strong" if high and felt else "weak",
        onset=onset(first_at(lines), memory.change_at if memory else None),
        disproof="Compare the working set with the same hour of other days.",
        explains=frozenset({"network_error", "cpu_throttling"}),
    )


def _risen(memory: Metric) -> bool:
    """Was there more room before? What is always nearly full is how it is used: caches fill what they get."""
    early = [value for _, value in memory.points[: max(1, len(memory.points) // 4)]]
    return memory.limit is not None and max(early) < _USUAL * memory.limit


SIGNATURE = Signature("memory_pressure", "memory over 90 % of its limit", ("oom",), match)
