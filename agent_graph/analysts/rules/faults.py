"""Ends by a fault of its own that the state of a container that runs again does not show: segmentation, abort, trap."""

import re
from collections.abc import Iterator, Sequence
from datetime import timedelta

from agent_graph.analysts.rules.facts import Container, LogLine, Sign

# 128 + the signals that the kernel sends a process for what it did itself.
_FAULTS = {132: "SIGILL", 134: "SIGABRT", 135: "SIGBUS", 136: "SIGFPE", 139: "SIGSEGV"}
_DIED = re.compile(r"\bdie exitCode=(\d{1,3})(?!\d)")
# As the kernel tells of it: who, where in memory, in which library.
_TRAPPED = re.compile(r"\bsegfault at\b|\btraps: |general protection fault|trap (?:invalid opcode|divide error)", re.I)
_MANY, _SAME = 2, timedelta(seconds=10)


def signs_of_faults(
    containers: Sequence[Container], events: Sequence[LogLine], around: Sequence[LogLine]
) -> Iterator[Sign]:
    """It runs, and most of its ends were faults; with the kernel's word about the first, if that was heard.

    A container that does not run shows its code itself; one end among others by another code tells nothing of them.
    """
    mine = [c for c in containers if c.data.get("of_target") and c.running and not c.oom_killed]
    ends = [(event, int(found[1])) for event in events if (found := _DIED.search(event.text))]
    faults = [(event, code) for event, code in ends if code in _FAULTS and event.at is not None]
    if not mine or len(faults) < _MANY or len(faults) <= len(ends) / 2:
        return
    first, code = faults[0]
    trapped = next((line for line in around if _TRAPPED.search(line.message) and _as_one_ended(line, faults)), None)
    why = f"; the kernel says: {trapped.message[:300]}" if trapped is not None else ""
    means = f"{mine[0].name} ended {len(faults)} times by a fault of its own (exit code {code}, {_FAULTS[code]}){why}"
    yield Sign(first.evidence, "docker", "app_crash", "strong", first.text.strip(), mine[0].name, first.at, means)
    if trapped is not None:
        quote = trapped.cite().quote
        yield Sign(trapped.evidence, "docker", "app_crash", "weak", quote, mine[0].name, trapped.at, means)


def _as_one_ended(line: LogLine, faults: Sequence[tuple[LogLine, int]]) -> bool:
    return any(line.at and event.at and abs(event.at - line.at) <= _SAME for event, _ in faults)
