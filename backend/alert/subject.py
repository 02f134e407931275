"""What an alert is about, by the labels of the usual exporters. Pure.

Conventions: cAdvisor (`name`, `container_label_*`), kube-state-metrics (`namespace`, `pod`, `deployment`, …),
postgres_exporter (`datname`, `server`), blackbox exporter (`instance` or `target` is what was probed), node_exporter,
ingresses and meshes (`exported_service`, `ingress`, `destination_workload`), consumers of queues (`consumergroup`).
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import cast, get_args
from urllib.parse import urlsplit

from backend.incident.rules import Runtime, SourceType

Labels = Mapping[str, str]

# Most specific first: what a person or a runner would act on.
_WORKLOADS = (
    *("deployment", "statefulset", "daemonset", "cronjob", "destination_workload", "workload", "source_workload"),
    *("horizontalpodautoscaler", "pod", "replicaset", "job_name", "container", "persistentvolumeclaim"),
)
# What takes requests or reads a queue, by whatever name its proxy, mesh or broker knows it.
_SERVICES = (
    *("name", "service", "app", "application", "service_name", "ingress", "upstream", "sloth_service"),
    *("consumergroup", "consumer_group"),
)
# Where something is, when nothing says what.
_PLACES = ("queue", "topic", "volume", "cluster", "namespace")
_MACHINES = ("node", "host", "hostname")
_OWNERS = ("deployment", "statefulset", "daemonset", "cronjob", "created_by_name")
# name-<replica set>-<pod> of a Deployment, name-<ordinal> of a StatefulSet, name-<minutes since 1970> of a CronJob. The
# platform's own names have neither vowels nor digits that look like letters.
_POD_NAME = re.compile(
    r"(.+?)-(?:(?:[0-9a-f]{6,10}|[b-df-hj-np-tv-xz2456789]{6,10})-[0-9a-z]{5}|\d{1,4}|\d{8}(?:-[0-9a-z]{5})?)"
)
_EXPORTERS = frozenset({"kube-state-metrics", "kafka-exporter", "blackbox-exporter"})
_EXPORTED = "exported_"
# What the scrape says of the exporter, which is not what the alert is about.
_OF_EXPORTER = frozenset({"namespace", "pod", "container", "service"})
_COMPOSE = "container_label_com_docker_compose_"
_DEPENDENCIES = 20
# No name of a container, host or database is longer, and what is longer does not fit into an index.
_NAME_CHARS = 300


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


def subject_of(labels: Labels) -> Subject:
    """Asks each convention in turn; the first that recognises its labels answers. Names are capped."""
    labels = _measured(labels)
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


def _measured(labels: Labels) -> Labels:
    """The labels of what was measured: where they met those of the exporter, Prometheus calls them `exported_…`."""
    exported = {label.removeprefix(_EXPORTED): value for label, value in labels.items() if label.startswith(_EXPORTED)}
    if not exported:
        return labels
    return {label: value for label, value in labels.items() if label not in _OF_EXPORTER} | exported


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
    namespace = labels.get("destination_workload_namespace") or namespace
    names = (labels.get(label) for label in _WORKLOADS if labels.get(label) not in _EXPORTERS)
    workload = next(filter(None, names), None) or labels.get(f"{prefix}pod_name")
    if not namespace or not workload:
        return None
    return Subject("container", workload, "kubernetes", namespace, labels.get("node") or labels.get("cluster"))


def _kubernetes_node(labels: Labels) -> Subject | None:
    node = labels.get("node")
    said = (labels.get("job", ""), labels.get("alertname", "").lower())
    if not node or not any("kube" in name for name in said):
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
    host = labels.get("nodename") or labels.get("node") or _host(labels.get("instance"))
    if not host or not ("nodename" in labels or "node" in labels.get("job", "").lower()):
        return None
    return Subject("host", host, None, None, host)


def _named(labels: Labels) -> Subject | None:
    name = next(filter(None, (labels.get(label) for label in _SERVICES)), None)
    if not name:
        return None
    namespace = labels.get("namespace")
    runtime = "kubernetes" if namespace else _runtime(labels)
    return Subject("container", name.lstrip("/"), runtime, namespace, _host(labels.get("instance")))


def _instance(labels: Labels) -> Subject | None:
    host = _host(labels.get("instance")) or next(filter(None, (labels.get(label) for label in _MACHINES)), None)
    return Subject("host", host, None, None, host) if host else None


def _place(labels: Labels) -> Subject | None:
    name = next(filter(None, (labels.get(label) for label in _PLACES)), None)
    namespace = labels.get("namespace")
    if not name or ("job" in labels and name in (namespace, labels.get("cluster"))):
        return None
    return Subject("host", name, "kubernetes" if namespace else None, namespace, is_specific=False)


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
    _place,
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
