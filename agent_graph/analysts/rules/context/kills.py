"""A process that was killed by somebody whom nobody saw: the kill alone says nothing of why."""

from agent_graph.analysts.rules.facts import Facts
from agent_graph.analysts.rules.parts import name
from agent_graph.wording import clock

# 128 + SIGKILL: no process ends itself like this.
_SIGKILL = 137
# Nearer to its limit than this, memory is the first suspect.
_NEAR = 0.9


def killed_unseen(facts: Facts) -> str | None:
    """What is known of it, and where the rest would be written.

    None: it is known who did it, memory is suspected, or not even its log was read. Events that were not recorded tell
    no more than silent ones.
    """
    container = facts.target
    if container is None or container.running or container.exit_code != _SIGKILL or container.oom_killed:
        return None
    seen = any(" kill" in event.text or " stop" in event.text or " oom" in event.text for event in facts.events)
    named = [s for category in ("oom", "memory_pressure", "probe_failure") for s in facts.signs_of(category)]
    memory = [m for m in facts.metrics if m.role in ("memory", "host_memory") and m.share is not None]
    full = any(m.share is not None and m.share >= _NEAR for m in memory)
    if seen or named or full or not facts.log_evidence:
        return None
    at, where = (
        container.finished_at,
        facts.case.target.server_name or facts.case.target.labels.get("host", "its machine"),
    )
    when = f" at {clock(at)}" if at else ""
    return (
        f"{name(facts)} was killed (SIGKILL, exit code 137){when}, not for memory as far as its engine knows, and"
        f" nothing that was recorded says by whom. What is missing: the journal of the engine and of the kernel on"
        f" {where} at that time, and whether somebody or some tool stopped it."
    )
