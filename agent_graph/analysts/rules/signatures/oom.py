"""oom: killed for memory, by the kernel or by its own runtime."""

import re

from agent_graph.analysts.rules.facts import Facts, LogLine
from agent_graph.analysts.rules.finding import Finding, Signature, Strength
from agent_graph.analysts.rules.parts import first_at, log_citations, name, onset, said, trouble_signals
from agent_graph.analysts.rules.signatures.hung import ENDED
from backend.investigation.kinds import Citation

_WORDS = re.compile(
    r"\bout of memory\b|OutOfMemoryError|heap out of memory|oom[-_ ]?kill|OOMKilled|\bMemoryError\b"
    r"|Killed process \d+|std::bad_alloc"
    r"|(?<!fork: )Cannot allocate memory|runtime: out of memory"
    r"|Allowed memory size of \d+ bytes exhausted|killed (?:due to|because of|for) memory"
    r"|heap limit Allocation failed",
    re.IGNORECASE,
)


# So full, and so empty just after, as only a kill leaves it.
_FULL, _FELL, _ROOM = 0.97, 0.6, 0.8
_THREADS = re.compile(r"unable to create (?:new )?native thread", re.IGNORECASE)
# A store that is full turns away what it is sent, and some clients call that an error of memory: nobody ran out of it.
_TURNED_AWAY = re.compile(r"command not allowed when used memory", re.IGNORECASE)
_GUESS = re.compile(r"\b(?:perhaps|maybe|possibly|might (?:be|have)|may be)\b.{0,20}(?:memory|oom)", re.IGNORECASE)
_KILLED = 137


def match(facts: Facts) -> Finding | None:
    """Docker's OOMKilled, the kernel's OOM counter, or the words with a saturated memory metric."""
    container, memory = facts.target, facts.metric("memory")
    lines = [line for line in facts.matching(_WORDS, any_level=True) if not _only_guessed(line, facts)]
    recorded, inferred = _recorded(facts), _inferred(facts)
    if not recorded and not lines and not inferred:
        return None
    full = [memory.cite("memory reached its limit")] if memory is not None and (memory.share or 0) >= 0.9 else []
    signals = trouble_signals(facts) if lines or inferred else []
    strength: Strength = "proof" if recorded else "strong" if full or signals or inferred else "weak"
    return Finding(
        category="oom",
        statement=_statement(facts, said(lines[0]) if lines else "", inferred=bool(inferred)),
        supporting=[*recorded, *full, *inferred, *(log_citations(lines) if lines else []), *signals],
        strength=strength,
        onset=onset(
            first_at(lines), memory.change_at if memory else None, container.finished_at if container else None
        ),
        disproof="Look at the memory curve before the kill: flat and far below the limit would rule it out.",
    )


def _only_guessed(line: LogLine, facts: Facts) -> bool:
    """Whoever asks whether it was for memory does not know; memory that has room, or a time that was up, answers.

    Java calls it memory, too, that it may not start another thread.
    """
    if _THREADS.search(line.text) or _TURNED_AWAY.search(line.text):
        return True
    memory = facts.metric("memory")
    room = memory is not None and memory.share is not None and memory.share < _ROOM
    return _GUESS.search(line.text) is not None and (room or any(ENDED.search(one.text) for one in facts.lines))


def _recorded(facts: Facts) -> list[Citation]:
    """What the engine or the kernel wrote down."""
    container, kills = facts.target, facts.metric("oom_events")
    found: list[Citation] = []
    if container is not None and container.oom_killed:
        found.append(container.cite("State.OOMKilled", "the engine recorded the kill"))
        found += [container.cite("memory limit")] if container.data.get("memory_limit_bytes") else []
    if kills is not None and kills.highest > 0:
        found.append(kills.cite("the kernel counted OOM kills"))
    return found


def _inferred(facts: Facts) -> list[Citation]:
    """Nobody wrote it down, but memory rose to its limit and fell at once, and the process was started anew then."""
    memory, restarts, container = facts.metric("memory"), facts.metric("restarts"), facts.target
    if memory is None or not memory.limit or memory.highest < _FULL * memory.limit:
        return []
    peak = max(range(len(memory.points)), key=lambda n: memory.points[n][1])
    fell = any(value < _FELL * memory.limit for _, value in memory.points[peak : peak + 3])
    found = [restarts.cite("and it was restarted")] if restarts is not None and restarts.highest > 0 else []
    if container is not None and container.exit_code == _KILLED:
        found.append(container.cite("status", "killed at its limit"))
        fell = True
    return found if fell else []


def _statement(facts: Facts, words: str, *, inferred: bool) -> str:
    container = facts.target
    if container is not None and container.oom_killed:
        limit = container.data.get("memory_limit_bytes")
        of = f" of {limit / 2**20:.0f} MiB" if limit else ""
        how = f"OOMKilled, exit code {container.exit_code}"
        return f"{container.name} was killed because it reached its memory limit{of} ({how})."
    if inferred and not words:
        return f"{name(facts)} reached its memory limit and was started anew (out of memory)."
    return f"{name(facts)} ran out of memory{': ' + words if words else ''}."


SIGNATURE = Signature("oom", "OOMKilled, OOM events, or the words with memory at its limit", ("app_crash",), match)
