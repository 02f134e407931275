"""What the container engine's own words mean: why it could not start a container, and what its events alone tell."""

import re
from collections.abc import Iterator, Sequence
from datetime import timedelta

from agent_graph.analysts.rules.facts import Container, LogLine, Sign
from agent_graph.sources.runtime_errors import of_start

_DIED = re.compile(r"\bdie exitCode=(\d+)")
_KILL = re.compile(r"\bkill(?: signal=(\d+))?|\bstop\b")
_HEALTH = re.compile(r"\bhealth_status: (\w+)")
# What comes after an end: it is removed, or begins again.
_REMOVED, _ENDS = re.compile(r"\bdestroy\b"), re.compile(r"\bdie exitCode=\d|\bdestroy\b|\bstart$|\boom\b")
_AT_ONCE = timedelta(seconds=10)
# How long after a signal an end still counts as asked for.
_ASKED = timedelta(seconds=30)
_MANY = 3


def signs_of_state(container: Container) -> Iterator[Sign]:
    """The engine's error, where it could not start the container; and work with an end that is done."""
    error = str(container.data.get("error") or "")
    meaning = of_start(error) if not container.running and container.data.get("of_target") else None
    if meaning is not None:
        quote = container.cite("engine error").quote
        means = f"{container.name} cannot be started: {error}"
        yield Sign(container.evidence, "docker", *meaning, quote, container.name, container.finished_at, means)
    if container.data.get("renewed"):
        quote = container.cite("RestartCount").quote
        means = f"it ends by itself as {container.data['renewed']} wants it, each time, and is started anew"
        yield Sign(container.evidence, "docker", "healthy", "strong", quote, f"{container.name}/life", None, means)
    if container.finished and container.data.get("of_target"):
        for what, means in (("status", "it has done its work and ended well"), ("RestartCount", "it is not to run on")):
            quote, at = container.cite(what).quote, container.finished_at
            yield Sign(container.evidence, "docker", "healthy", "strong", quote, f"{container.name}/{what}", at, means)


def signs_of_events(events: Sequence[LogLine]) -> Iterator[Sign]:
    """Deaths that nobody asked for, and a health check that failed last. For want of a state: it would know better."""
    deaths = [event for event in events if _unasked(event, events)]
    if deaths:
        last, code = deaths[-1], _code(deaths[-1])
        means = f"the engine saw it end {len(deaths)} times, the last time with exit code {code}"
        yield _sign(last, "app_crash", "strong" if code not in (0, 137) else "weak", means, deaths[0])
    if len(deaths) >= _MANY:
        means = f"the engine saw it end and start again {len(deaths)} times"
        yield _sign(deaths[-1], "restart_loop", "strong", means, deaths[0])
    yield from _work_done(events)
    health = [event for event in events if _HEALTH.search(event.text)]
    if health and "unhealthy" in health[-1].text:
        yield _sign(health[-1], "probe_failure", "strong", "its health check turned unhealthy", health[-1])


def _work_done(events: Sequence[LogLine]) -> Iterator[Sign]:
    """It ended well by itself, and was removed with that: so end containers that are run once (`run --rm`)."""
    last = [event for event in events if event.at is not None and _ENDS.search(event.text)][-2:]
    if len(last) < 2 or not _DIED.search(last[0].text) or not _REMOVED.search(last[1].text) or _code(last[0]):
        return
    died, gone = last[0].at, last[1].at
    asked = any(_KILL.search(e.text) and e.at and died and abs(died - e.at) <= _ASKED for e in events)
    if asked or not died or not gone or gone - died > _AT_ONCE:
        return
    for event, means in ((last[0], "it has done its work and ended well"), (last[1], "it was removed as it ended")):
        yield Sign(event.evidence, "docker", "healthy", "strong", event.text.strip(), means, event.at, means)


def _sign(event: LogLine, category: str, weight: str, means: str, first: LogLine) -> Sign:
    return Sign(event.evidence, "docker", category, weight, event.text.strip(), "", first.at, means)


def _unasked(event: LogLine, events: Sequence[LogLine]) -> bool:
    code = _code(event)
    if not code:
        return False
    asked = [other.at for other in events if _KILL.search(other.text) and other.at is not None]
    return not any(event.at is not None and timedelta(0) <= event.at - at <= _ASKED for at in asked)


def _code(event: LogLine) -> int:
    match = _DIED.search(event.text)
    return int(match[1]) if match else 0
