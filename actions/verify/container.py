"""Does the container keep running?"""

from typing import Any

from actions.engine import Container
from actions.verify.kinds import ContainerSeen, Finding, Signals
from backend.action.kinds import VerificationCheck

NAME = "container"


def probe(signals: Signals) -> Finding | None:
    """None: this is not about a container. One that was seen running after the execution and stops again is final."""
    seen = signals.container
    if seen is None:
        return None
    if seen.trouble is not None:
        return _says(None, seen.trouble, pending=True)
    if seen.found is None:
        return _says(False, f"Container {seen.name} is gone.", final=seen.baseline is not None)
    return _fell(seen.found, seen.baseline) or _now(seen.found, seen)


def _fell(found: Container, baseline: dict[str, Any] | None) -> Finding | None:
    """What happened to it since the execution."""
    if baseline is None or baseline.get("status") != "running":
        return None
    if found.id != baseline.get("container_id"):
        return _says(None, f"Container {found.name} has been replaced by another one since.", pending=False)
    if found.status in ("exited", "dead", "restarting", "removing"):
        return _says(False, f"Container {found.name} stopped again: {_how_it_ended(found)}.", final=True)
    if found.started_at != baseline.get("started_at"):
        return _says(False, f"Container {found.name} stopped and was started again since.", final=True)
    return None


def _now(found: Container, seen: ContainerSeen) -> Finding:
    if found.status != "running":
        ended = f" ({_how_it_ended(found)})" if found.status in ("exited", "dead") else ""
        return _says(False, f"Container {found.name} is {found.status}{ended}.")
    if found.health == "unhealthy":
        return _says(False, f"Container {found.name} runs, but its health check fails.")
    if found.health == "starting":
        return _says(None, f"Container {found.name} runs; its health check has not answered yet.", pending=True)
    healthy = " and is healthy" if found.health == "healthy" else ""
    # That it runs proves something only if it did not run before.
    return _says(True, f"Container {found.name} keeps running{healthy}.", decisive=not seen.ran_before)


def _how_it_ended(found: Container) -> str:
    return f"exit code {found.exit_code}{', out of memory' if found.oom_killed else ''}"


def _says(
    ok: bool | None, detail: str, *, decisive: bool = False, final: bool = False, pending: bool = False
) -> Finding:
    check = VerificationCheck(name=NAME, ok=ok, detail=detail)
    return Finding(check, decisive=decisive, final=final, pending=pending)
