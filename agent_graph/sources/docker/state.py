"""Reads Docker's inspect documents, and Podman's: what a container's state says."""

from datetime import UTC, datetime, timedelta
from typing import Any

from agent_graph.sources.ceilings import caps_of
from agent_graph.sources.lifetimes import lives_in
from agent_graph.sources.signs import Book
from backend.investigation.kinds import CaseFile
from backend.redaction.clean import one_line

# An end before this has nothing to do with the incident.
_RELATED = timedelta(minutes=30)
# Who has just come back may be about to go again.
_STAYS_UP = timedelta(seconds=60)


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
        "cpu_limit_cores": cpu_limit(host),
        "caps": caps_of(_given(inspected)),
        "lives": [[life.lasts.total_seconds(), life.told] for life in lives_in(_given(inspected))],
        "started_at": started.isoformat() if started else None,
        "finished_at": finished.isoformat() if finished else None,
    }


def _given(inspected: dict[str, Any]) -> list[str]:
    """What it was started with: the command line, and the environment that is not the image's own."""
    config: dict[str, Any] = inspected.get("Config") or {}
    line = [str(inspected.get("Path") or ""), *(inspected.get("Args") or config.get("Cmd") or [])]
    return [str(word) for word in [*line, *(config.get("Env") or [])]]


def cpu_limit(host: dict[str, Any]) -> float | None:
    """Cores a container may use at most: `--cpus`, or quota by period."""
    if nano := int(host.get("NanoCpus") or 0):
        return nano / 1e9
    quota, period = int(host.get("CpuQuota") or 0), int(host.get("CpuPeriod") or 0) or 100_000
    return quota / period if quota > 0 else None


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
    if data.get("cpu_limit_cores"):
        lines.append(f"CPU limit: {data['cpu_limit_cores']:g} cores")
    if data.get("caps"):
        lines.append(f"started with: {' '.join(data['caps'])}")
    if data.get("lives"):
        lines.append(f"set to live for: {', '.join(told for _, told in data['lives'])}")
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


def read_recovery(book: Book, data: dict[str, Any], case: CaseFile) -> None:
    """It ended, was started again, and now it is well: trouble that was over before anybody looked.

    Not while it goes round in circles: who was restarted more than once must have stayed up for a while.
    """
    ended, started = moment(data["finished_at"]), moment(data["started_at"])
    if not data["running"] or ended is None or started is None or started < ended:
        return
    if ended < case.started_at - _RELATED or data["restart_count"] >= 3:
        return
    lasts = case.now - started >= _STAYS_UP
    healthy = data["health"] == "healthy"
    if not (lasts if data["health"] == "none" or data["restart_count"] > 1 else healthy):
        return
    name, how = data["container"], f", by restart policy {data['restart_policy']}" if data["restart_count"] else ""
    line = f"ended at {ended:%Y-%m-%dT%H:%M:%SZ}, started again at {started:%Y-%m-%dT%H:%M:%SZ}{how}, running since"
    book.sign("trouble_over", "strong", line, subject=name, at=started, means=f"{name} {line}")
    if healthy:
        book.sign("healthy", "strong", f"health: {data['health']}", subject=name, means="its health check passes again")


def health_output(inspected: dict[str, Any]) -> str:
    """What the container's health check printed when it failed last: the container's own text, hence hostile."""
    log = ((inspected.get("State") or {}).get("Health") or {}).get("Log") or []
    failed = [entry for entry in log if entry.get("ExitCode")]
    return "\n".join(
        f"{str(entry.get('End', ''))[:19]}Z {one_line(str(entry.get('Output', '')), 500)}" for entry in failed[-3:]
    )
