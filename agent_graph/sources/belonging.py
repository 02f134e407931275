"""Whose series it is: the target's, or that of something around it."""

import re
from collections.abc import Sequence

from agent_graph.sources.series import Series
from agent_graph.sources.signs import aliases, belongs
from backend.investigation.kinds import CaseFile

# What exporters and meshes call the workload that a series is about, the most telling first.
WORKLOAD = (
    *("destination_workload", "workload", "deployment", "statefulset", "daemonset", "service", "service_name", "app"),
    *("application", "destination_service_name", "destination_app", "app_kubernetes_io_name", "envoy_cluster_name"),
    *("cluster_name", "upstream", "backend", "pod", "pod_name", "container", "container_name", "name", "component"),
)
# Containers of many workloads are called the same.
_TELLING = set(WORKLOAD) - {"container", "container_name", "name", "component", "service", "backend"}
_MACHINE = ("instance", "node", "host", "hostname", "server", "nodename", "job")
# Labels by which an alert says which of several disks, queues or databases it is about.
_LEAST_OWNERS = 3
# What Flagger, Argo and blue-green deployments call the halves of one workload.
_VARIANT = re.compile(r"-(?:primary|canary|stable|preview|blue|green)$")
_PART = ("mountpoint", "device", "datname", "queue", "topic", "slot_name", "volume", "persistentvolumeclaim", "url")


# Tables of benchmarks and hand-made exports put the workload before the measure: cartservice_cpu, cart_latency-90.
_PREFIXED = re.compile(
    r"([a-z][a-z0-9]*(?:-[a-z0-9]+)*?)[_-]"
    r"(cpu|mem|memory|latency(?:[-_]?p?\d+)?|errors?|error_rate|workload|load|diskio|disk_io|socket|rx|tx|requests?)",
    re.IGNORECASE,
)


def named(series: Sequence[Series]) -> list[Series]:
    """The same series, with a workload that only their names tell as a label. Several must be of that shape."""
    matches = [_PREFIXED.fullmatch(s.labels.get("__name__", "")) for s in series]
    owners = {match[1].lower() for match in matches if match}
    if len(owners) < _LEAST_OWNERS:
        return list(series)
    return [
        Series({**one.labels, "__name__": match[2], "service": match[1].lower()}, one.points)
        if match and not owner(one)
        else one
        for one, match in zip(series, matches, strict=True)
    ]


def owner(series: Series) -> str:
    """The workload it is labelled with; empty where only a machine or nothing is named."""
    return next((series.labels[key] for key in WORKLOAD if series.labels.get(key)), "")


def labelled(case: CaseFile, series: Sequence[Series]) -> bool:
    """Is any of them labelled with the target's workload?"""
    known = aliases(case)
    return any(belongs(part, known) for one in series for part in _names(owner(one)))


def split(case: CaseFile, series: Sequence[Series], *, strictly: bool = False) -> tuple[list[Series], list[Series]]:
    """Of one name: the target's, and the others'.

    Where none is labelled as the target's, those without a workload are its own (the query that was recorded chose
    them for it), and so are all when they have one owner, unless other series say who is who (`strictly`).
    """
    known = aliases(case)
    named = {(k, v) for alert in case.alerts[:1] for k, v in alert.labels.items() if k in _TELLING and v}
    mine = [s for s in series if _is_own(s, known) or named & set(s.labels.items())]
    if not mine:
        owners = {owner(s) for s in series}
        alone = len(owners) == 1 and not strictly
        mine = list(series) if alone else [s for s in series if not owner(s)]
    others = [s for s in series if s not in mine]
    return _meant(case, mine), others


def _is_own(series: Series, known: list[str]) -> bool:
    return any(belongs(part, known) for key in (*WORKLOAD, *_MACHINE) for part in _names(series.labels.get(key, "")))


def _names(value: str) -> Sequence[str]:
    """A label's value as names: without a port, a leading slash, or a domain."""
    plain = value.lstrip("/").split("://")[-1].split("/")[0]
    host = plain.rsplit(":", 1)[0]
    short = host.split(".")[0]
    return list(dict.fromkeys((value, plain, host, short, _VARIANT.sub("", short))))


def _meant(case: CaseFile, mine: list[Series]) -> list[Series]:
    """Those of the very disk, queue or database that the alert names come first."""
    said = {k: v for alert in case.alerts[:1] for k, v in alert.labels.items() if k in _PART}
    return sorted(mine, key=lambda s: not (said and all(s.labels.get(k, v) == v for k, v in said.items())))
