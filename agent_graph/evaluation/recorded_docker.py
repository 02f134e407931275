"""A scenario's `docker/` folder as the live source would have told it: inspect, lists, stats, events."""

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, cast

from agent_graph.sources.docker import evidence as made
from agent_graph.sources.docker.kin import Family, Listed, containers_of_target, family_of, name_of
from agent_graph.sources.docker.siblings import conditions
from agent_graph.sources.docker.stats import Stats
from agent_graph.sources.signs import when
from backend.investigation.kinds import CaseFile, Evidence

_MOST_TARGETS = 3
_SIZE = re.compile(r"^\s*([\d.]+)\s*([kMGT]?i?)B")
_POWERS = {"": 0, "k": 1, "M": 2, "G": 3, "T": 4}

Document = dict[str, Any]


def evidence_of(case: CaseFile, files: Mapping[str, Any], events: list[Document]) -> list[Evidence]:
    """What the files say of the target's containers, and of those around them."""
    documents = [one for file in files.values() for one in _documents(file)]
    inspected = {_name(one): one for one in documents if "State" in one and isinstance(one["State"], dict)}
    listed = _listed(documents, inspected)
    targets = containers_of_target(listed, case)[:_MOST_TARGETS] or _alone(listed, case)
    family = family_of(targets, listed) if targets else Family([case.target.name])
    found: list[Evidence] = []
    for name in targets:
        row = next(one for one in listed if name_of(one) == name)
        found += _container(case, inspected.get(name) or _inspect_of(row), listed, _samples(documents, name, case.now))
    around = conditions(family, listed, inspected)
    sick = [name for name in targets if not _well(inspected.get(name))]
    found += made.siblings(case, family, around, sick, "docker ps --all; docker inspect")
    blank = Evidence(source=made.NAME, kind="event", title="Engine events", query="docker events", window_end=case.now)
    return found + made.events(case, events, blank, family)


def _alone(listed: list[Listed], case: CaseFile) -> list[str]:
    """The one container that was recorded, unless the incident is about a container of another name."""
    names = [name_of(one) for one in listed[:2]]
    target = case.target.name
    other = case.target.source_type == "container" and not _words(target) & {w for one in names for w in _words(one)}
    return names if len(names) == 1 and not other else []


def _words(name: str) -> set[str]:
    return {word for word in re.split(r"[^a-z0-9]+", name.lower()) if len(word) > 1}


def _documents(file: Any) -> Iterator[Document]:
    for one in cast(list[Any], file) if isinstance(file, list) else [file]:
        if isinstance(one, dict):
            yield cast(Document, one)


def _container(case: CaseFile, inspected: Document, listed: list[Listed], samples: list[Stats]) -> list[Evidence]:
    name = _name(inspected)
    state = made.state(case, inspected, listed, of_target=True)
    used = made.use(case, name, inspected, samples, f"GET /containers/{name}/stats?stream=false&one-shot=true")
    return [state, *used, *made.health(case, inspected)]


def _name(one: Document) -> str:
    return str(one.get("Name") or one.get("name") or "").lstrip("/")


def _well(inspected: Document | None) -> bool:
    state = (inspected or {}).get("State") or {}
    return bool(state.get("Running")) and (state.get("Health") or {}).get("Status") != "unhealthy"


def _listed(documents: list[Document], inspected: Mapping[str, Document]) -> list[Listed]:
    """Rows as the engine lists them; an inspected container needs none."""
    rows = {name: _listing(one) for name, one in inspected.items()}
    for one in documents:
        if isinstance(one.get("State"), str):
            row = _row(one)
            rows.setdefault(name_of(row), row)
    return list(rows.values())


def _listing(one: Document) -> Listed:
    config = one.get("Config") or {}
    ports = ((one.get("NetworkSettings") or {}).get("Ports")) or {}
    public = [{"PublicPort": int(b["HostPort"])} for bound in ports.values() for b in bound or [] if b.get("HostPort")]
    state, created = str((one.get("State") or {}).get("Status", "")), when(one.get("Created"))
    return {
        "Created": int(created.timestamp()) if created else 0,
        "Names": [_name(one)],
        "Id": one.get("Id", ""),
        "Labels": config.get("Labels"),
        "Ports": public,
        "State": state,
        "NetworkSettings": {"Networks": (one.get("NetworkSettings") or {}).get("Networks") or {}},
    }


def _row(one: Document) -> Listed:
    """As the engine's API lists it, whatever printed it: `docker ps`, `docker compose ps` or `podman ps`, as JSON."""
    names: Any = one.get("Names") or one.get("Name") or ""
    labels: Any = one.get("Labels") or {}
    if isinstance(labels, str):
        pairs = [pair.partition("=") for pair in labels.split(",") if pair]
        labels = {key: value for key, _, value in pairs}
    told = {"com.docker.compose.project": one.get("Project"), "com.docker.compose.service": one.get("Service")}
    said = str(one.get("Status") or "")
    if one.get("State") == "exited" and not said.startswith("Exited (") and one.get("ExitCode") is not None:
        said = f"Exited ({one['ExitCode']}) {said}".strip()
    if one.get("Health") and f"({one['Health']})" not in said:
        said = f"{said} ({one['Health']})".strip()
    return {
        **{key: one[key] for key in ("Id", "PodName", "IsInfra", "Image") if one.get(key)},
        "Names": str(names).split(",") if isinstance(names, str) else names,
        "Labels": {**labels, **{key: str(value) for key, value in told.items() if value}},
        "Ports": one["Ports"] if isinstance(one.get("Ports"), list) else [],
        "State": one["State"],
        "Status": said,
    }


def _inspect_of(row: Listed) -> Document:
    """What a list tells of a container that nobody inspected."""
    said = str(row.get("Status") or "")
    exited = re.match(r"Exited \((\d+)\)", said)
    health = next((word for word in ("unhealthy", "healthy", "starting") if f"({word})" in said), "")
    state = {"Status": row["State"], "Running": row["State"] == "running", "ExitCode": int(exited[1]) if exited else 0}
    return {
        "Name": name_of(row),
        "Id": row.get("Id", ""),
        "State": {**state, "Health": {"Status": health}} if health else state,
        "Config": {"Image": row.get("Image", ""), "Labels": row.get("Labels")},
    }


def _samples(documents: list[Document], name: str, now: datetime) -> list[Stats]:
    """The engine's own samples; or what `docker stats` printed, as one."""
    found: list[Stats] = []
    for one in documents:
        if _name(one) != name:
            continue
        if isinstance(one.get("memory_stats"), dict):
            found.append(one)
        elif isinstance(one.get("MemUsage"), str):
            found.append(_printed(one, now))
    return sorted(found, key=lambda one: str(one.get("read")))


def _printed(one: Document, now: datetime) -> Stats:
    used = _SIZE.match(one["MemUsage"])
    size = float(used[1]) * (1024 if used[2].endswith("i") else 1000) ** _POWERS[used[2].rstrip("i")] if used else None
    pids = str(one.get("PIDs") or "")
    return {
        "read": now.isoformat(),
        "memory_stats": {"usage": size} if size is not None else {},
        "pids_stats": {"current": int(pids)} if pids.isdigit() else {},
    }
