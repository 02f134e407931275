"""Reads the engine's events: what happened to a container, and what somebody changed about it.

Docker and Podman name some of them differently. https://docs.docker.com/reference/cli/docker/system/events/
https://docs.podman.io/en/latest/markdown/podman-events.1.html
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from agent_graph.sources.docker.kin import project_of, service_of
from agent_graph.sources.signs import Book, when
from backend.investigation.kinds import CaseFile
from backend.redaction.clean import one_line

Event = dict[str, Any]

_QUIET = ("exec", "top", "attach", "resize", "mount", "unmount", "cleanup", "sync", "prune")
# Podman's words for Docker's.
_SAME = {"died": "die", "remove": "destroy"}
_IMAGE_ID, _CONFIG_HASH = "com.docker.compose.image", "com.docker.compose.config-hash"
_NUMBER = "com.docker.compose.container-number"
_RELATED = timedelta(minutes=30)


@dataclass(frozen=True)
class Happened:
    """One event of a container, in one form. `labels`: the container's own, and what the engine adds."""

    at: datetime
    action: str
    id: str
    name: str
    labels: dict[str, str]

    def line(self) -> str:
        """As one would read it. Only what the engine says; no text of the container's own."""
        details = [f"{key}={value}" for key in ("exitCode", "signal") if (value := self.labels.get(key, "")).isdigit()]
        return one_line(" ".join([f"{self.at:%Y-%m-%dT%H:%M:%SZ}", self.action, *details]), 300)


def read_event(event: Event) -> Happened | None:
    """None: it is none of a container, or the noise of health checks and exec."""
    action = str(event.get("Action") or event.get("status") or event.get("Status") or "")
    if event.get("Type", "container") != "container" or not action or action.startswith(_QUIET):
        return None
    actor: Any = event.get("Actor")
    actor = actor if isinstance(actor, dict) else {}
    given: Any = actor.get("Attributes") or event.get("Attributes") or {}
    labels = {str(key): str(value) for key, value in given.items()} if isinstance(given, dict) else {}
    if "containerExitCode" in labels and action in ("die", "died"):
        labels.setdefault("exitCode", labels["containerExitCode"])
    if action == "health_status" and labels.get("health_status"):
        action = f"health_status: {labels['health_status']}"
    identity = str(actor.get("ID") or event.get("id") or event.get("ID") or "")
    name = labels.get("name") or str(event.get("name") or event.get("container") or "")
    return Happened(_time_of(event), _SAME.get(action, action), identity, name.lstrip("/"), labels)


def _time_of(event: Event) -> datetime:
    """The engine's nanoseconds or seconds; recordings keep it as text, too."""
    if nano := event.get("timeNano"):
        return datetime.fromtimestamp(float(nano) / 1e9, UTC)
    time = event.get("time") or event.get("ts") or event.get("Time") or 0
    at = when(time) if isinstance(time, str) else None
    return at or datetime.fromtimestamp(float(time), UTC)


def write_events(book: Book, happened: Iterable[Happened], case: CaseFile) -> None:
    """A line for each; what the kernel did to the container is more than a line."""
    for one in happened:
        if one.action == "oom" and one.at >= case.started_at - _RELATED:
            means = f"the kernel killed a process of {one.name or 'it'} for memory"
            book.sign("oom", "proof", one.line(), subject=one.name, at=one.at, means=means)
        else:
            book.say(one.line())


@dataclass
class _Life:
    """What was seen of one container. `slot`: the place it fills, which its successor takes over."""

    id: str
    slot: tuple[str, ...]
    name: str
    labels: dict[str, str]
    first: datetime
    created: datetime | None = None
    health: list[str] = field(default_factory=list[str])


def changes(happened: Sequence[Happened], own: Sequence[str], target: str) -> list[dict[str, str]]:
    """What was changed, as rows like those that CI registers: {"ts", "kind", "target", "summary"}.

    `own`: the names of the target's containers; their changes are the target's.
    """
    rows: list[dict[str, str]] = []
    lives: dict[str, _Life] = {}
    ordered = sorted(happened, key=lambda one: one.at)
    for one in ordered:
        life = lives.setdefault(one.id, _Life(one.id, (), one.name, {}, one.at))
        # Compose makes the successor under another name and renames it when the predecessor is gone.
        life.name, life.labels = one.name or life.name, {**life.labels, **one.labels}
        life.created = one.at if one.action == "create" else life.created
        whose = target if life.name in own else _service(life)
        if one.action == "update":
            rows.append(_row(one.at, "config", whose, "limits or restart policy changed (update)"))
        elif one.action.startswith("health_status: ") and one.action[15:] not in life.health[-1:]:
            life.health.append(one.action[15:])
            rows.append(_row(one.at, "other", whose, f"its health check turned {one.action[15:]}"))
    for life in lives.values():
        life.slot = _slot(life)
    for life in lives.values():
        before = _predecessor(life, list(lives.values()))
        if before is not None and life.created is not None:
            kind, summary = _difference(before.labels, life.labels)
            whose = target if life.name in own or before.name in own else _service(life)
            rows.append(_row(life.created, kind, whose, summary))
    return sorted(rows, key=lambda row: row["ts"])


def _row(at: datetime, kind: str, target: str, summary: str) -> dict[str, str]:
    return {"ts": at.isoformat(), "kind": kind, "target": target, "summary": one_line(summary, 400)}


def _service(life: _Life) -> str:
    return service_of({"Labels": life.labels}) or life.name


def _slot(life: _Life) -> tuple[str, ...]:
    labels = {"Labels": life.labels}
    service = service_of(labels)
    return (project_of(labels), service, life.labels.get(_NUMBER, "")) if service else (life.name,)


def _predecessor(life: _Life, lives: Sequence[_Life]) -> _Life | None:
    """Who filled the same place before, and was made earlier: the latest of them."""
    if life.created is None:
        return None
    born = life.created
    others = [one for one in lives if one.id != life.id and one.slot == life.slot]
    earlier = [one for one in others if one.created is None or one.created < born]
    return max(earlier, key=lambda one: one.created or datetime.min.replace(tzinfo=UTC), default=None)


def _difference(before: dict[str, str], after: dict[str, str]) -> tuple[str, str]:
    """What kind of change it was to replace the one by the other."""
    old, new = before.get("image", ""), after.get("image", "")
    if old and new and old != new:
        return "deploy", f"image changed from {old} to {new}"
    if _other(before, after, _IMAGE_ID):
        short = [labels[_IMAGE_ID].removeprefix("sha256:")[:12] for labels in (before, after)]
        return "deploy", f"image {new or old} updated ({short[0]} → {short[1]})"
    if _other(before, after, _CONFIG_HASH):
        hashes = [labels[_CONFIG_HASH][:12] for labels in (before, after)]
        return "config", f"recreated with another configuration (hash {hashes[0]} → {hashes[1]})"
    return "other", "container recreated from the same image; nothing else is known to differ"


def _other(before: dict[str, str], after: dict[str, str], label: str) -> bool:
    return bool(before.get(label)) and bool(after.get(label)) and before[label] != after[label]
