"""Which containers are meant, and which stand around them: replicas, dependencies, the rest of the project or pod."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import urlsplit

from backend.investigation.kinds import CaseFile

Listed = dict[str, Any]
Role = Literal["dependency", "replica", "sibling"]

# Labels by which cAdvisor, Compose and common exporters name a container.
_LABELS = ("container", "container_name", "name", "container_label_com_docker_compose_service", "service")
_PROJECTS = ("com.docker.compose.project", "io.podman.compose.project")
_SERVICES = ("com.docker.compose.service", "io.podman.compose.service")
_DEPENDS_ON = "com.docker.compose.depends_on"
# What `depends_on` waits for: a job that has ended well is as it should be.
DONE = "service_completed_successfully"


@dataclass(frozen=True)
class Kin:
    """A container beside the target. `wants`: the state that the target's project asks of it."""

    name: str
    role: Role
    service: str
    wants: str = ""


@dataclass(frozen=True)
class Family:
    """The target's containers and what belongs to them. `group`: how one would call it, empty when they stand alone."""

    targets: list[str]
    group: str = ""
    project: str = ""
    service: str = ""
    kin: Sequence[Kin] = ()


def name_of(listed: Listed) -> str:
    """A container's name in a listing, without Docker's leading slash."""
    names = listed.get("Names") or [str(listed.get("Id", ""))[:12]]
    return str(names[0]).lstrip("/")


def label(listed: Listed, *names: str) -> str:
    labels = listed.get("Labels") or {}
    return next((str(labels[name]) for name in names if labels.get(name)), "")


def project_of(listed: Listed) -> str:
    return label(listed, *_PROJECTS)


def service_of(listed: Listed) -> str:
    return label(listed, *_SERVICES)


def containers_of_target(listed: Sequence[Listed], case: CaseFile) -> list[str]:
    """Names of the containers the incident is about: by name, by id, by Compose service, by published port."""
    wanted = [case.target.name, *(case.target.labels.get(key, "") for key in _LABELS)]
    wanted = [name.lstrip("/") for name in wanted if name]
    for name in wanted:
        exact = [name_of(c) for c in listed if name_of(c) == name or _is_id(c, name)]
        if exact:
            return exact
    for name in wanted:
        by_service = [c for c in listed if service_of(c) == name]
        if by_service:
            return [name_of(c) for c in sorted(by_service, key=_sick_first)]
    return _by_port(listed, case)


def _sick_first(listed: Listed) -> tuple[bool, str]:
    """Of many replicas only a few are looked at closely: not the ones that are well."""
    runs = listed.get("State") == "running" and "unhealthy" not in str(listed.get("Status", ""))
    return runs, name_of(listed)


def _is_id(listed: Listed, name: str) -> bool:
    return len(name) >= 12 and str(listed.get("Id", "")).startswith(name)


def _by_port(listed: Sequence[Listed], case: CaseFile) -> list[str]:
    address = urlsplit(case.monitor.address) if case.monitor else None
    if address is None or address.hostname not in ("localhost", "127.0.0.1", "::1"):
        return []
    port = address.port or (443 if address.scheme == "https" else 80)
    return [name_of(c) for c in listed if any(p.get("PublicPort") == port for p in c.get("Ports") or [])]


def family_of(targets: list[str], listed: Sequence[Listed]) -> Family:
    """Everything of the same Compose project, or of the same pod; dependencies first, then replicas."""
    first = next((c for c in listed if name_of(c) in targets), {})
    project, pod, service = project_of(first), str(first.get("PodName") or ""), service_of(first)
    if not project and not pod:
        return Family(targets)
    waits = depends_on(first)
    kin = [
        Kin(name_of(c), _role(c, service, waits), service_of(c), waits.get(service_of(c), ""))
        for c in listed
        if name_of(c) not in targets
        and not c.get("IsInfra")
        and ((project and project_of(c) == project) or (pod and c.get("PodName") == pod))
    ]
    order: dict[Role, int] = {"dependency": 0, "replica": 1, "sibling": 2}
    group = f"project {project}" if project else f"pod {pod}"
    return Family(targets, group, project, service, sorted(kin, key=lambda k: (order[k.role], k.name)))


def _role(listed: Listed, service: str, waits: dict[str, str]) -> Role:
    its = service_of(listed)
    return "dependency" if its in waits else "replica" if its and its == service else "sibling"


def depends_on(listed: Listed) -> dict[str, str]:
    """The services it was declared to need, with the state it waits for: `db:service_healthy:false,cache`."""
    found: dict[str, str] = {}
    for one in label(listed, _DEPENDS_ON).split(","):
        service, _, rest = one.strip().partition(":")
        if service:
            found[service] = rest.partition(":")[0] or "service_started"
    return found
