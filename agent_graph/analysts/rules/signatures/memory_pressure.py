"""memory_pressure: close to its limit and slow for it, but not killed."""

import re

from agent_graph.analysts.rules.facts import Facts, LogLine, Metric, Sign
from agent_graph.analysts.rules.finding import Finding, Signature
from agent_graph.analysts.rules.parts import first_at, log_citations, name, onset, said, trouble_signals
from agent_graph.sources.signs import aliases, belongs, stems
from backend.investigation.kinds import Category

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
# What Elasticsearch and its like say as mere information of a quarter of a second and more; of half they warn.
_OVERHEAD = re.compile(r"overhead, spent \[", re.IGNORECASE)

# The words above with which a store turns away what it has no memory for: nobody was killed, and it goes on.
_REFUSED = re.compile(
    r"used memory > 'maxmemory'|CircuitBreakingException|Data too large, data for|memory resource limit alarm"
    r"|high memory watermark",
    re.IGNORECASE,
)
# Brokers say this of themselves.
_ALARM = re.compile(r"memory resource limit alarm|high memory watermark", re.IGNORECASE)
# A store that forgets nothing by itself; and a pod without a limit on a node that sent others away.
_KEPT, _CROWD = re.compile(r"command not allowed when used memory > 'maxmemory'"), "without a memory limit"
_OWNER = re.compile(r'[{ ](?:statefulset|deployment|pod|pod_name|app|service|container|container_name|name)="([^"]+)"')
_USUAL, _FULL = 0.9, 0.95


def match(facts: Facts) -> Finding | None:
    """Memory at nine tenths of its limit, or the runtime's own complaint."""
    memory = _limited(facts)
    lines = [line for line in facts.matching(_WORDS, any_level=True) if not _is_mere_information(line)]
    if any(_REFUSED.search(line.text) for line in lines):
        return _of_a_store(facts, [line for line in lines if _REFUSED.search(line.text)])
    high = memory is not None and (memory.share or 0) >= 0.9
    if not high and not lines:
        return None
    felt = memory is not None and (_risen(memory) or bool(trouble_signals(facts)))
    share = f" ({memory.share:.0%} of the limit)" if high and memory and memory.share else ""
    eater = _eater(facts, memory) if high else None
    eats = f"; {_owner(eater)} takes most of what is gone" if eater is not None and _owner(eater) else ""
    return Finding(
        category="memory_pressure",
        statement=f"{name(facts)} is short of memory{share}{eats}{f': {said(lines[0])}' if lines else ''}.",
        supporting=[
            *([memory.cite("close to its limit")] if high and memory else []),
            *([eater.cite("it grew")] if eater is not None else []),
            *(log_citations(lines) if lines else []),
        ],
        strength="strong" if high and felt else "weak",
        onset=onset(first_at(lines), memory.change_at if memory else None),
        disproof="Compare the working set with the same hour of other days.",
    )


def _is_mere_information(line: LogLine) -> bool:
    return line.level == "info" and _OVERHEAD.search(line.text) is not None


def _limited(facts: Facts) -> Metric | None:
    """Its own memory where that has a limit; of what has none, the machine's memory is the limit."""
    own, machine = facts.metric("memory"), facts.metric("host_memory")
    return machine if machine is not None and (own is None or own.limit is None) else own


def _eater(facts: Facts, full: Metric | None) -> Metric | None:
    """What on this machine has no limit of its own and has more than half as much again as it had."""
    free = [m for m in facts.metrics if m.role == "memory" and m is not full and m.limit is None]
    grown = [m for m in free if m.last >= 1.5 * m.points[0][1]]
    return max(grown, key=lambda m: m.last - m.points[0][1], default=None)


def _of_a_store(facts: Facts, lines: list[LogLine]) -> Finding:
    """What is refused was meant for a store that has used up what it may use; whoever wrote it is only told so."""
    elsewhere, full = _elsewhere(facts), _full(facts)
    measured = [elsewhere.cite("the store is full")] if elsewhere else []
    measured += [full.cite("the store is full")] if full and not elsewhere else []
    signals = trouble_signals(facts)
    store, itself = _store(facts), _is_itself(facts, lines[0])
    how = "refuses writes at its own memory limit" if itself else "is refused by a store that is at its memory limit"
    which = f" ({store})" if store and not itself else ""
    killed = facts.signs_of("oom", "proof") or any(c.oom_killed for c in facts.containers)
    symptoms: set[Category] = {"app_crash", "dependency_failure", "network_error", "bad_deploy"}
    return Finding(
        category="memory_pressure",
        statement=f"{name(facts)} {how}{which}: {said(lines[0])}.",
        supporting=[*measured, *log_citations(lines), *signals],
        strength="proof" if measured and signals else "strong" if measured or signals else "weak",
        onset=first_at(lines),
        disproof="Compare what the store uses with what it may use (for Redis: INFO memory); room would rule it out.",
        explains=frozenset(symptoms if killed else {*symptoms, "oom"}),
        rooted=True,
    )


def refused_by_another(facts: Facts) -> bool:
    """Does a full store turn it away, and it is not that store? A fresh process of it is turned away as well."""
    lines = [line for line in facts.matching(_WORDS, any_level=True) if _REFUSED.search(line.text)]
    return bool(lines) and not _is_itself(facts, lines[0])


def beyond_fresh_processes(facts: Facts) -> bool:
    """Is a store full of what it keeps, or did others take the machine's memory? Started anew, either finds it so."""
    kept = any(_KEPT.search(line.text) for line in [*facts.lines, *facts.around])
    crowded = any(_CROWD in s.means for s in facts.signs_of("memory_pressure", "proof") if s.source == "kubernetes")
    return kept or crowded or refused_by_another(facts)


def _elsewhere(facts: Facts) -> Sign | None:
    return next((sign for sign in facts.signs if sign.category == "elsewhere:memory_pressure"), None)


def _full(facts: Facts) -> Metric | None:
    full = max((m for m in facts.metrics if m.role == "memory"), key=lambda m: m.share or 0.0, default=None)
    return full if full is not None and (full.share or 0) >= _FULL else None


def _store(facts: Facts) -> str:
    """Which store it is; empty where nobody says."""
    elsewhere = _elsewhere(facts)
    return elsewhere.subject if elsewhere else _owner(_full(facts))


def _is_itself(facts: Facts, said: LogLine) -> bool:
    store = _store(facts)
    return belongs(store, aliases(facts.case)) if store else _ALARM.search(said.text) is not None


def _owner(full: Metric | None) -> str:
    """Whose memory it is, as its labels say."""
    found = _OWNER.search(full.line) if full else None
    return (stems(found[1]) or [found[1]])[0] if found else ""


def _risen(memory: Metric) -> bool:
    """Was there more room before? What is always nearly full is how it is used: caches fill what they get."""
    early = [value for _, value in memory.points[: max(1, len(memory.points) // 4)]]
    return memory.limit is not None and max(early) < _USUAL * memory.limit


SIGNATURE = Signature("memory_pressure", "memory over 90 % of its limit", ("oom",), match)
