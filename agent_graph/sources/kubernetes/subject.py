"""What of a cluster an incident is about, from the labels that kube-state-metrics, cAdvisor and the usual rules set."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from backend.investigation.kinds import CaseFile

# Label and kind; the first that are named are asked for.
_KINDS = (
    ("deployment", "Deployment"),
    ("statefulset", "StatefulSet"),
    ("daemonset", "DaemonSet"),
    ("cronjob", "CronJob"),
    ("job_name", "Job"),
    ("replicaset", "ReplicaSet"),
    ("pod", "Pod"),
    ("horizontalpodautoscaler", "HorizontalPodAutoscaler"),
    ("persistentvolumeclaim", "PersistentVolumeClaim"),
    ("poddisruptionbudget", "PodDisruptionBudget"),
    ("ingress", "Ingress"),
    ("service", "Service"),
)
_PROMETHEUS = ("namespace", "pod", "container", "service", "node")
_CADVISOR = "container_label_io_kubernetes_"
_MOST_NAMED = 4
# As the API wants names: anything else in a label is no name, and would lead to another path.
NAME = re.compile(r"[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?")
_INSIDE = re.compile(r"(?P<service>[a-z0-9-]+)\.(?P<namespace>[a-z0-9-]+)\.svc(?:\..*)?")


@dataclass(frozen=True)
class Subject:
    """`named`: kinds and names, the best first. `called`: a name of nobody knows what, when nothing better is known."""

    namespace: str | None
    named: tuple[tuple[str, str], ...]
    called: str | None = None
    container: str | None = None
    node: str | None = None


def subject_of(case: CaseFile) -> Subject | None:
    """None when nothing says that the incident is about something in a cluster."""
    found = _placed(case)
    if found is None or (found.namespace is not None and not NAME.fullmatch(found.namespace)):
        return None
    named = tuple((kind, name) for kind, name in found.named if NAME.fullmatch(name))
    called, node = (name if name and NAME.fullmatch(name) else None for name in (found.called, found.node))
    # Where no name is left, the whole namespace is not meant.
    if (found.named or found.called or found.node) and not (named or called or node):
        return None
    return replace(found, named=named, called=called, node=node)


def _placed(case: CaseFile) -> Subject | None:
    told = [case.target.labels, *(alert.labels for alert in case.alerts[:5])]
    for labels in map(_meant, told):
        if found := _of_labels(labels, case):
            return found
    if found := _of_monitor(case):
        return found
    target = case.target
    if target.runtime != "kubernetes":
        return None
    if target.source_type == "host":
        return Subject(None, (), node=target.name)
    if not target.namespace:
        return None
    if target.namespace == target.name:
        return Subject(target.namespace, ())
    return Subject(target.namespace, (), called=target.name, container=target.labels.get("container"))


def _meant(labels: Mapping[str, str]) -> dict[str, str]:
    """The labels of what was measured, not of who measured it."""
    found = {key: value for key, value in labels.items() if value}
    for key in _PROMETHEUS:
        if f"exported_{key}" in found:
            found[key] = found[f"exported_{key}"]
    others = [key for key in (*(label for label, _ in _KINDS), "node") if key in found and not _measures(found[key])]
    if others:
        found = {key: value for key, value in found.items() if key not in _PROMETHEUS or not _measures(value)}
    for key in ("pod", "container"):
        if named := found.get(f"{_CADVISOR}{key}_name"):
            found.setdefault(key, named)
    if named := found.get(f"{_CADVISOR}pod_namespace"):
        found.setdefault("namespace", named)
    kind, owner = found.get("created_by_kind", ""), found.get("created_by_name", "")
    if kind and owner:
        found.setdefault(kind.lower(), owner)
    return found


def _measures(name: str) -> bool:
    return "kube-state-metrics" in name


def _of_labels(labels: dict[str, str], case: CaseFile) -> Subject | None:
    namespace, node = labels.get("namespace"), labels.get("node")
    named = [(kind, labels[label]) for label, kind in _KINDS if labels.get(label)]
    if case.target.source_type == "database":
        # A database's alert names the exporter's pod, which is not what is wrong.
        named = [(kind, name) for kind, name in named if kind in ("StatefulSet", "Deployment")]
    if namespace and named:
        return Subject(namespace, tuple(named[:_MOST_NAMED]), container=labels.get("container"), node=node)
    if namespace and "resourcequota" in labels:
        return Subject(namespace, ())
    if node and (case.target.source_type == "host" or not namespace):
        return Subject(None, (), node=node)
    if named and case.target.runtime == "kubernetes" and case.target.namespace:
        return Subject(case.target.namespace, tuple(named[:_MOST_NAMED]), container=labels.get("container"), node=node)
    return None


def _of_monitor(case: CaseFile) -> Subject | None:
    address = case.monitor.address if case.monitor is not None else ""
    try:
        host = urlsplit(address if "://" in address else f"//{address}").hostname or ""
    except ValueError:
        return None
    match = _INSIDE.fullmatch(host)
    return Subject(match["namespace"], (("Service", match["service"]),)) if match else None
