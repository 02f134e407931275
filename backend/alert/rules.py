"""What an alert means: how bad, about what, and what one more receipt of it changes. Pure decisions over labels.

Conventions: cAdvisor (`name`, `container_label_*`), kube-state-metrics (`namespace`, `pod`, `deployment`, …),
postgres_exporter (`datname`, `server`), blackbox exporter (`instance` or `target` is what was probed), node_exporter.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal, cast, get_args
from urllib.parse import urlsplit

from backend.alert.kinds import AlertStatus
from backend.incident.rules import Runtime, Severity, SourceType

Labels = Mapping[str, str]

SEVERITY_LABELS = ("severity", "priority", "level")
DEFAULT_SEVERITY: Severity = "medium"
SEVERITIES: dict[str, Severity] = {
    **dict.fromkeys(
        ("critical", "crit", "page", "emergency", "fatal", "disaster", "p0", "p1", "sev0", "sev1"), "critical"
    ),
    **dict.fromkeys(("high", "error", "major", "alert", "p2", "sev2"), "high"),
    **dict.fromkeys(("medium", "warning", "warn", "average", "ticket", "p3", "sev3"), "medium"),
    **dict.fromkeys(("low", "info", "information", "informational", "notice", "minor", "none", "debug"), "low"),
    **dict.fromkeys(("p4", "p5", "sev4", "sev5"), "low"),
}

# Most specific first: what a person or a runner would act on.
_WORKLOADS = ("deployment", "statefulset", "daemonset", "cronjob", "pod", "replicaset", "job_name", "container")
_OWNERS = ("deployment", "statefulset", "daemonset", "cronjob", "created_by_name")
# name-<replica set>-<pod> of a Deployment, name-<ordinal> of a StatefulSet.
_POD_NAME = re.compile(r"(.+?)-(?:[0-9a-f]{6,10}-[0-9a-z]{5}|\d{1,4})")
_COMPOSE = "container_label_com_docker_compose_"
_DEPENDENCIES = 20
_TITLE_CHARS = 300
# No name of a container, host or database is longer, and what is longer does not fit into an index.
_NAME_CHARS = 300
_DESCRIPTION_CHARS = 4_000


@dataclass(frozen=True, slots=True)
class Subject:
    """What an alert is about, in the incident's terms."""

    source_type: SourceType
    target: str
    container_runtime: Runtime | None = None
    namespace: str | None = None
    server_name: str | None = None
    owner: str | None = None
    depends_on: frozenset[str] = frozenset()
    # False when the labels name no target, only a job or the alert itself.
    is_specific: bool = True


def severity(labels: Labels) -> Severity:
    """The first severity label with a word we know; medium when there is none."""
    for label in SEVERITY_LABELS:
        known = SEVERITIES.get(labels.get(label, "").strip().lower())
        if known is not None:
            return known
    return DEFAULT_SEVERITY


def subject(labels: Labels) -> Subject:
    """Asks each convention in turn; the first that recognises its labels answers. Names are capped."""
    found = next(filter(None, (convention(labels) for convention in _CONVENTIONS)), None)
    if found is None:
        found = Subject("host", labels.get("job") or labels.get("alertname") or "unknown", is_specific=False)
    return replace(
        found,
        owner=owner(labels, found),
        depends_on=depends_on(labels),
        target=found.target[:_NAME_CHARS],
        namespace=found.namespace and found.namespace[:_NAME_CHARS],
        server_name=found.server_name and found.server_name[:_NAME_CHARS],
    )


def owner(labels: Labels, found: Subject) -> str | None:
    """What the target is a replica of: a workload, by its label or the way pods are named; or project/service."""
    project = labels.get(f"{_COMPOSE}project")
    service = labels.get(f"{_COMPOSE}service")
    if project and service:
        return f"{project}/{service}"[:_NAME_CHARS]
    if found.container_runtime != "kubernetes" or found.source_type != "container":
        return None
    named = next(filter(None, (labels.get(label) for label in _OWNERS)), None)
    matched = _POD_NAME.fullmatch(labels.get("pod") or found.target)
    return named or (matched[1] if matched else None)


def depends_on(labels: Labels) -> frozenset[str]:
    """What a compose file says the service needs, as project/service."""
    project, needs = labels.get(f"{_COMPOSE}project"), labels.get(f"{_COMPOSE}depends_on", "")
    named = [need.split(":")[0].strip() for need in needs.split(",")][:_DEPENDENCIES]
    return frozenset(f"{project}/{name}"[:_NAME_CHARS] for name in named if name) if project else frozenset()


def _kubernetes(labels: Labels) -> Subject | None:
    prefix = "container_label_io_kubernetes_"
    namespace = labels.get("namespace") or labels.get(f"{prefix}pod_namespace")
    names = (labels.get(label) for label in _WORKLOADS)
    workload = next(filter(None, names), None) or labels.get(f"{prefix}pod_name")
    if not namespace or not workload:
        return None
    return Subject("container", workload, "kubernetes", namespace, labels.get("node") or labels.get("cluster"))


def _kubernetes_node(labels: Labels) -> Subject | None:
    node = labels.get("node")
    if not node or "kube" not in labels.get("job", ""):
        return None
    return Subject("host", node, "kubernetes", None, node)


def _cadvisor(labels: Labels) -> Subject | None:
    name = labels.get("name") or labels.get("container_label_com_docker_compose_service")
    signs = "id" in labels or "image" in labels or any(label.startswith("container_label_") for label in labels)
    if not name or not (signs or "cadvisor" in labels.get("job", "").lower()):
        return None
    return Subject("container", name.lstrip("/"), _runtime(labels), None, _host(labels.get("instance")))


def _postgres(labels: Labels) -> Subject | None:
    job = labels.get("job", "").lower()
    database = labels.get("datname") or labels.get("database")
    server = _host(labels.get("server")) or _host(labels.get("instance"))
    if not database and not (("postgres" in job or "pgbouncer" in job) and server):
        return None
    return Subject("database", database or server or "unknown", None, None, server)


def _plain_container(labels: Labels) -> Subject | None:
    name = labels.get("container") or labels.get("container_name")
    if not name:
        return None
    return Subject("container", name.lstrip("/"), _runtime(labels), None, _host(labels.get("instance")))


def _blackbox(labels: Labels) -> Subject | None:
    job = labels.get("job", "").lower()
    probed = labels.get("target") or labels.get("instance")
    if not probed or not ("://" in probed or "target" in labels or "blackbox" in job or "probe" in job):
        return None
    return Subject("host", probed, None, None, _host(probed))


def _node(labels: Labels) -> Subject | None:
    host = labels.get("nodename") or _host(labels.get("instance"))
    if not host or not ("nodename" in labels or "node" in labels.get("job", "").lower()):
        return None
    return Subject("host", host, None, None, host)


def _named(labels: Labels) -> Subject | None:
    name = labels.get("name") or labels.get("service") or labels.get("app")
    if not name:
        return None
    return Subject(
        "container", name.lstrip("/"), _runtime(labels), labels.get("namespace"), _host(labels.get("instance"))
    )


def _instance(labels: Labels) -> Subject | None:
    host = _host(labels.get("instance"))
    return Subject("host", host, None, None, host) if host else None


_CONVENTIONS: tuple[Callable[[Labels], Subject | None], ...] = (
    _kubernetes,
    _kubernetes_node,
    _cadvisor,
    _postgres,
    _plain_container,
    _blackbox,
    _node,
    _named,
    _instance,
)


def _runtime(labels: Labels) -> Runtime:
    """Says so itself, or its cgroup does; else Docker, which is what exporters of plain containers watch."""
    said = labels.get("container_runtime", "").lower()
    if said in get_args(Runtime):
        return cast(Runtime, said)
    return "podman" if "libpod" in labels.get("id", "") else "docker"


def _host(address: str | None) -> str | None:
    """The host of host:port, [v6]:port or a URL."""
    if not address:
        return None
    try:
        return urlsplit(address if "://" in address else f"//{address}").hostname or address
    except ValueError:
        return address


def title(name: str, annotations: Labels, target: str) -> str:
    """The summary its author wrote, on one line; else the alert's name and what it is about."""
    written = " ".join((annotations.get("summary") or annotations.get("title") or "").split())
    return (written or f"{name} on {target}")[:_TITLE_CHARS]


def description(annotations: Labels) -> str | None:
    """What its author wrote beyond the summary."""
    written = annotations.get("description") or annotations.get("message")
    return written[:_DESCRIPTION_CHARS] if written else None


def began(starts_at: datetime, now: datetime) -> datetime:
    """When the trouble began: never in the future, and now when the sender's time makes no sense."""
    return starts_at if now - timedelta(days=3650) < starts_at <= now else now


# One more receipt of a firing. The webhook carries no time of sending, so a copy that was under way while the alert was
# resolved (a replay, a second Alertmanager of a cluster) can only be told from a new outbreak by how soon it comes.
LATE_WITHIN = timedelta(seconds=30)

ReceiptReason = Literal[
    "first_firing", "still_firing", "fires_again", "late_copy", "recovered", "recovered_already", "recovered_unseen"
]


@dataclass(frozen=True, slots=True)
class KnownFiring:
    """A stored row of the same alert: when it started, and when we last heard something that mattered."""

    starts_at: datetime
    status: AlertStatus
    last_received_at: datetime


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a receipt means: the row's status afterwards, whether an incident hears of it, and why."""

    status: AlertStatus
    reason: ReceiptReason

    @property
    def is_trouble(self) -> bool:
        return self.reason in ("first_firing", "still_firing", "fires_again")


def receipt(incoming: AlertStatus, starts_at: datetime, known: list[KnownFiring], now: datetime) -> Receipt:
    """Decides by what is stored of the same alert (any firing of it). The steps:

    1. Resolved is final for its firing, whether or not that was seen.
    2. A firing that was resolved a moment ago, itself or a later one of the same alert, is a late copy.
    3. Else it is trouble: for the first time, still, or again.
    """
    same = next((row for row in known if row.starts_at == starts_at), None)
    if incoming == "resolved":
        if same is None:
            return Receipt("resolved", "recovered_unseen")
        return Receipt("resolved", "recovered" if same.status == "firing" else "recovered_already")
    if same is not None and same.status == "firing":
        return Receipt("firing", "still_firing")
    over = (row for row in known if row.status == "resolved" and row.starts_at >= starts_at)
    if any(now - row.last_received_at < LATE_WITHIN for row in over):
        return Receipt("resolved", "late_copy")
    return Receipt("firing", "first_firing" if same is None else "fires_again")


def is_over(row: KnownFiring, starts_at: datetime, ends_at: datetime | None) -> bool:
    """Does a resolved alert (its start and end) also end this row? An alert that ended fired at no time before that.

    Covers the firing itself and those whose own end was never told, as after a restart of Alertmanager.
    """
    return row.status == "firing" and row.starts_at <= max(starts_at, ends_at or starts_at)
