"""Reads Docker's inspect documents: which container is meant, and what its state says."""

from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from backend.investigation.kinds import CaseFile
from backend.redaction.clean import one_line

# Labels by which cAdvisor, Compose and common exporters name a container.
_LABELS = ("container", "container_name", "name", "container_label_com_docker_compose_service", "service")
_COMPOSE = "com.docker.compose.service"
_QUIET_EVENTS = ("exec_create", "exec_start", "exec_die", "top", "attach", "resize")


def name_of(listed: dict[str, Any]) -> str:
    """A container's name in a listing, without Docker's leading slash."""
    names = listed.get("Names") or [str(listed.get("Id", ""))[:12]]
    return str(names[0]).lstrip("/")


def containers_of_target(listed: list[dict[str, Any]], case: CaseFile) -> list[str]:
    """Names of the containers the incident is about: by name, by id, by Compose service, by published port."""
    wanted = [case.target.name, *(case.target.labels.get(label, "") for label in _LABELS)]
    wanted = [name.lstrip("/") for name in wanted if name]
    for name in wanted:
        exact = [name_of(c) for c in listed if name_of(c) == name or _is_id(c, name)]
        if exact:
            return exact
    for name in wanted:
        by_service = [name_of(c) for c in listed if (c.get("Labels") or {}).get(_COMPOSE) == name]
        if by_service:
            return sorted(by_service)
    return _by_port(listed, case)


def _is_id(listed: dict[str, Any], name: str) -> bool:
    return len(name) >= 12 and str(listed.get("Id", "")).startswith(name)


def _by_port(listed: list[dict[str, Any]], case: CaseFile) -> list[str]:
    address = urlsplit(case.monitor.address) if case.monitor else None
    if address is None or address.hostname not in ("localhost", "127.0.0.1", "::1"):
        return []
    port = address.port or (443 if address.scheme == "https" else 80)
    return [name_of(c) for c in listed if any(p.get("PublicPort") == port for p in c.get("Ports") or [])]


def moment(text: Any) -> datetime | None:
    """One of Docker's times; its zero time (year 1) means never."""
    try:
        at = datetime.fromisoformat(str(text)[:19]).replace(tzinfo=UTC)
    except ValueError:
        return None
    return at if at.year > 1 else None


def state_data(inspected: dict[str, Any], *, of_target: bool) -> dict[str, Any]:
    """The facts of an inspect document that the analysts use."""
    state, host = inspected.get("State") or {}, inspected.get("HostConfig") or {}
    health = state.get("Health") or {}
    started, finished = moment(state.get("StartedAt")), moment(state.get("FinishedAt"))
    return {
        "container": str(inspected.get("Name", "")).lstrip("/"),
        "of_target": of_target,
        "id": str(inspected.get("Id", ""))[:12],
        "image": str((inspected.get("Config") or {}).get("Image", "")),
        "status": str(state.get("Status", "")),
        "running": bool(state.get("Running")),
        "exit_code": int(state.get("ExitCode") or 0),
        "oom_killed": bool(state.get("OOMKilled")),
        "error": one_line(str(state.get("Error") or "")),
        "restart_count": int(inspected.get("RestartCount") or 0),
        "restart_policy": str((host.get("RestartPolicy") or {}).get("Name") or "no"),
        "health": str(health.get("Status") or "none"),
        "health_failures": int(health.get("FailingStreak") or 0),
        "memory_limit_bytes": int(host.get("Memory") or 0) or None,
        "started_at": started.isoformat() if started else None,
        "finished_at": finished.isoformat() if finished else None,
    }


def describe(data: dict[str, Any]) -> str:
    """The facts as lines that can be quoted. Only what the engine says; no text of the container's own."""
    code = data["exit_code"]
    lines = [
        f"container: {data['container']} ({data['id']})",
        f"image: {data['image']}",
        f"status: {data['status']}" + ("" if data["running"] else f", exit code {code}{_meaning(code)}"),
        f"State.OOMKilled: {str(data['oom_killed']).lower()}",
        f"RestartCount: {data['restart_count']} (restart policy: {data['restart_policy']})",
        f"health: {data['health']}"
        + (f", {data['health_failures']} failures in a row" if data["health_failures"] else ""),
        f"started at: {data['started_at'] or 'never'}",
        f"finished at: {data['finished_at'] or 'never'}",
    ]
    if data["memory_limit_bytes"]:
        lines.append(f"memory limit: {data['memory_limit_bytes'] / 2**20:.0f} MiB")
    if data["error"]:
        lines.append(f"engine error: {data['error']}")
    stopped = [f"{name} ({state})" for name, state in data.get("siblings", {}).items() if state != "running"]
    if stopped:
        lines.append("other containers that do not run: " + ", ".join(stopped[:20]))
    return "\n".join(lines)


def _meaning(code: int) -> str:
    known = {126: "cannot be executed", 127: "command not found", 78: "configuration error", 0: "ended by itself"}
    if code in known:
        return f", {known[code]}"
    signals = {6: "SIGABRT", 9: "SIGKILL", 11: "SIGSEGV", 15: "SIGTERM"}
    return f", {signals.get(code - 128, f'signal {code - 128}')}" if 128 < code < 160 else ""


def summarise(data: dict[str, Any]) -> str:
    """The state in a sentence."""
    name = data["container"]
    if data["running"]:
        health = "" if data["health"] == "none" else f", {data['health']}"
        restarts = f", restarted {data['restart_count']} times" if data["restart_count"] else ""
        return f"Container {name} is running since {data['started_at']}{health}{restarts}."
    killed = ", killed because it ran out of memory" if data["oom_killed"] else ""
    return f"Container {name} is {data['status']} (exit code {data['exit_code']}{killed})."


def health_output(inspected: dict[str, Any]) -> str:
    """What the container's health check printed when it failed last: the container's own text, hence hostile."""
    log = ((inspected.get("State") or {}).get("Health") or {}).get("Log") or []
    failed = [entry for entry in log if entry.get("ExitCode")]
    return "\n".join(
        f"{str(entry.get('End', ''))[:19]}Z {one_line(str(entry.get('Output', '')), 500)}" for entry in failed[-3:]
    )


def event_line(event: dict[str, Any]) -> str | None:
    """An engine event as a line; None for the noise of health checks and exec."""
    action = str(event.get("Action", ""))
    if action.startswith(_QUIET_EVENTS):
        return None
    attributes = (event.get("Actor") or {}).get("Attributes") or {}
    at = datetime.fromtimestamp(float(event.get("time") or 0), UTC)
    details = [f"{key}={attributes[key]}" for key in ("exitCode", "signal") if key in attributes]
    return " ".join([f"{at:%Y-%m-%dT%H:%M:%SZ}", action, *details])
