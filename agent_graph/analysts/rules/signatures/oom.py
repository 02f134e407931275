"""oom: killed for memory, by the kernel or by its own runtime."""

import re

from agent_graph.analysts.rules.facts import Facts
from agent_graph.analysts.rules.finding import Finding, Signature, Strength
from agent_graph.analysts.rules.parts import first_at, log_citations, name, onset, said, trouble_signals

_WORDS = re.compile(
    r"\bout of memory\b|OutOfMemoryError|heap out of memory|oom[-_ ]?kill|OOMKilled|\bMemoryError\b"
    r"|Killed process \d+|std::bad_alloc"
    r"|(?<!fork: )Cannot allocate memory|runtime: out of memory",
    re.IGNORECASE,
)


def match(facts: Facts) -> Finding | None:
    """Docker's OOMKilled, the kernel's OOM counter, or the words with a saturated memory metric."""
    container, memory = facts.target, facts.metric("memory")
    lines = facts.matching(_WORDS, any_level=True)
    kills = facts.metric("oom_events")
    supporting = []
    strength: Strength = "weak"
    if container is not None and container.oom_killed:
        supporting.append(container.cite("State.OOMKilled", "the engine recorded the kill"))
        strength = "proof"
    if kills is not None and kills.highest > 0:
        supporting.append(kills.cite("the kernel counted OOM kills"))
        strength = "proof"
    if not supporting and not lines:
        return None
    if container is not None and container.oom_killed and container.data.get("memory_limit_bytes"):
        supporting.append(container.cite("memory limit"))
    if memory is not None and (memory.share or 0) >= 0.9:
        supporting.append(memory.cite("memory reached its limit"))
        strength = "proof" if strength == "proof" else "strong"
    if lines:
        supporting += log_citations(lines)
        signals = trouble_signals(facts)
        strength = "strong" if strength == "weak" and signals else strength
        supporting += signals
    return Finding(
        category="oom",
        statement=_statement(facts, said(lines[0]) if lines else ""),
        supporting=supporting,
        strength=strength,
        onset=onset(
            first_at(lines), memory.change_at if memory else None, container.finished_at if container else None
        ),
        disproof="Look at the memory curve before the kill: flat and far below the limit would rule it out.",
        explains=frozenset({"app_crash", "restart_loop", "memory_pressure", "network_error", "dependency_failure"}),
    )


def _statement(facts: Facts, words: str) -> str:
    container = facts.target
    if container is not None and container.oom_killed:
        limit = container.data.get("memory_limit_bytes")
        of = f" of {limit / 2**20:.0f} MiB" if limit else ""
        how = f"OOMKilled, exit code {container.exit_code}"
        return f"{container.name} was killed because it reached its memory limit{of} ({how})."
    return f"{name(facts)} ran out of memory{': ' + words if words else ''}."


SIGNATURE = Signature("oom", "OOMKilled, OOM events, or the words with memory at its limit", ("app_crash",), match)
