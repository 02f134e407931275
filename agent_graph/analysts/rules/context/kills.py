"""A process that was killed by somebody whom nobody saw: the kill alone says nothing of why."""

from collections.abc import Iterable

from agent_graph.analysts.rules.facts import Facts
from agent_graph.analysts.rules.parts import name
from agent_graph.wording import clock
from backend.investigation.kinds import Category

# 128 + SIGKILL: no process ends itself like this.
SIGKILL = 137
# Nearer to its limit than this, memory is the first suspect.
_NEAR = 0.9


def killed_unseen(facts: Facts) -> str | None:
    """What is known of it, and where the rest would be written.

    None: it is known who did it, memory is suspected, or not even its log was read. Events that were not recorded tell
    no more than silent ones.
    """
    container = facts.target
    if container is None or container.running or container.exit_code != SIGKILL or container.oom_killed:
        return None
    if explained(facts, ("oom", "memory_pressure", "probe_failure")):
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


def explained(facts: Facts, by: Iterable[Category]) -> bool:
    """Was recorded who or what ended it: an event, a sign of one of these kinds, full memory?

    Where no log was read, nobody can say that nothing was.
    """
    seen = any(" kill" in event.text or " stop" in event.text or " oom" in event.text for event in facts.events)
    memory = [m for m in facts.metrics if m.role in ("memory", "host_memory")]
    full = any(m.share is not None and m.share >= _NEAR for m in memory)
    return seen or full or not facts.log_evidence or any(facts.signs_of(category) for category in by)
