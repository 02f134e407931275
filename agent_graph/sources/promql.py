"""Which series tell something about a target: the alert's own rule, and what well-known exporters call its signals."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qs, urlsplit

from agent_graph.sources.fetch import quoted
from backend.investigation.kinds import AlertFact, CaseFile

# Only what is a finite number.
_NUMBER = r"-?(?:\d{1,30}(?:\.\d*)?|\.\d+)(?:e[+-]?\d{1,2})?"
_COMPARISON = re.compile(rf"^(?P<left>.+?)\s*(?P<op>==|!=|>=|<=|>|<)\s*(?:bool\s+)?(?P<right>{_NUMBER})$", re.DOTALL)
_SET_OPERATOR = re.compile(r"\b(?:and|or|unless)\b", re.IGNORECASE)
# Labels that say which of several series the alert is about; the others are the rule's own additions.
_IDENTITY = ("instance", "job", "name", "container", "pod", "namespace", "device", "mountpoint", "service")

CADVISOR = (
    "container_memory_working_set_bytes",
    "container_spec_memory_limit_bytes",
    "container_cpu_usage_seconds_total",
    "container_cpu_cfs_throttled_periods_total",
    "container_cpu_cfs_periods_total",
    "container_oom_events_total",
    "container_start_time_seconds",
    "container_fs_usage_bytes",
    "container_fs_limit_bytes",
)
# Counters that are read as what is used in a second.
USED = tuple(name for name in CADVISOR if re.fullmatch(r".+_(?:seconds|periods)_total", name))
KUBE_PODS = (
    "kube_pod_container_status_restarts_total",
    "kube_pod_container_status_waiting_reason",
    "kube_pod_container_status_last_terminated_reason",
    "kube_pod_container_status_ready",
    "kube_pod_container_resource_limits",
    "kube_pod_status_unschedulable",
)
_KUBE_WORKLOADS = ("kube_deployment_status_replicas_unavailable", "kube_deployment_spec_replicas")
_BLACKBOX = ("probe_success", "probe_ssl_earliest_cert_expiry", "probe_duration_seconds")
_POSTGRES = (
    "pg_up",
    "pg_stat_activity_count",
    "pg_settings_max_connections",
    "pg_replication_lag_seconds",
    "pg_replication_lag",
    "pg_locks_count",
)
_DISKS = ("node_filesystem_avail_bytes", "node_filesystem_size_bytes")
_MEMORY = ("node_memory_MemAvailable_bytes", "node_memory_MemTotal_bytes", "node_zfs_arc_size")


@dataclass(frozen=True)
class Query:
    """An expression with what is known about it."""

    expr: str
    title: str
    limit: float | None = None
    operator: str = ""
    labels: Mapping[str, str] = field(default_factory=dict[str, str])

    @property
    def condition(self) -> str:
        return f"{self.operator} {self.limit:g}" if self.limit is not None else ""


@dataclass(frozen=True)
class Signals:
    """Series of one exporter as they are, `names` of them: what they mean is read from their names."""

    exporter: str
    names: tuple[str, ...]
    matchers: str

    @property
    def expr(self) -> str:
        if len(self.names) == 1:
            return self.of(self.names[0])
        return f'{{__name__=~"{"|".join(self.names)}",{self.matchers}}}'

    def of(self, name: str) -> str:
        """The part with that name, as one would paste it into Grafana."""
        return f"{name}{{{self.matchers}}}"


def alert_queries(case: CaseFile) -> list[Query]:
    """The rules behind the alerts, each once."""
    found = [query for alert in case.alerts[:3] if (query := alert_query(alert))]
    return list({query.expr: query for query in found}.values())


def alert_query(alert: AlertFact) -> Query | None:
    """The rule behind an alert, from `g0.expr` of its generator URL; a final comparison becomes the chart's limit.

    None where there is none: whoever may send alerts writes that address, and it need not be one.
    """
    try:
        expr = parse_qs(urlsplit(alert.generator_url or "").query).get("g0.expr", [""])[0].strip()
    except ValueError:
        return None
    if not expr or len(expr) > 4000:
        return None
    labels = {key: alert.labels[key] for key in _IDENTITY if key in alert.labels}
    title = f"Expression of {alert.name}"
    match = _COMPARISON.match(expr)
    if match is None or _SET_OPERATOR.search(expr) or match["left"].count("(") != match["left"].count(")"):
        return Query(expr, title, labels=labels)
    return Query(match["left"], title, float(match["right"]), match["op"], labels)


def signals_for(case: CaseFile) -> list[Signals]:
    """The golden signals of the target, by the labels that its exporters use."""
    labels = case.target.labels
    found: list[Signals] = []
    if case.target.source_type == "container":
        in_kubernetes = case.target.runtime == "kubernetes" or "pod" in labels
        found += _pods(case) if in_kubernetes else [_plain_container(case)]
    if case.target.runtime == "kubernetes" and case.target.source_type == "host":
        found.append(Signals("kube-state-metrics", ("kube_node_status_condition",), f"node={quoted(case.target.name)}"))
    return [*found, *_scraped(case)]


def _plain_container(case: CaseFile) -> Signals:
    return Signals("cAdvisor", CADVISOR, f"name={quoted(case.target.labels.get('name', case.target.name))}")


def _pods(case: CaseFile) -> list[Signals]:
    labels = case.target.labels
    # A workload's pods are called after it, with what was generated for the revision and the pod.
    pod = f"pod={quoted(labels['pod'])}" if "pod" in labels else f"pod=~{quoted(pods_of(case.target.name))}"
    space = f",namespace={quoted(case.target.namespace)}" if case.target.namespace else ""
    container = (
        f",container={quoted(labels['container'])}" if labels.get("container") else ',container!="",container!="POD"'
    )
    found = [
        Signals("cAdvisor", CADVISOR, f"{pod}{space}{container}"),
        Signals("kube-state-metrics", KUBE_PODS, f"{pod}{space}"),
    ]
    workload = labels.get("deployment") or ("" if "pod" in labels else case.target.name)
    if workload:
        found.append(Signals("kube-state-metrics", _KUBE_WORKLOADS, f"deployment={quoted(workload)}{space}"))
    if space:
        found.append(Signals("kube-state-metrics", ("kube_resourcequota",), space[1:]))
    return found


def pods_of(*workloads: str) -> str:
    """What their pods are called, as a regular expression."""
    either = "|".join(re.escape(one) for one in workloads)
    return f"{either if len(workloads) == 1 else f'(?:{either})'}(-[a-z0-9]+){{0,2}}"


def _scraped(case: CaseFile) -> list[Signals]:
    labels = case.target.labels
    instance, job = labels.get("instance"), labels.get("job")
    if not instance and not job:
        return []
    where = ",".join(f"{key}={quoted(value)}" for key, value in (("instance", instance), ("job", job)) if value)
    found = [Signals("Prometheus", ("up",), where)]
    if instance:
        found.append(Signals("blackbox exporter", _BLACKBOX, where))
    about = f"{job or ''} {case.target.source_type}"
    if re.search(r"postgres|pg|database", about):
        found.append(Signals("postgres exporter", _POSTGRES, where))
    if case.target.source_type == "host" or "node" in about:
        found.append(Signals("node exporter", _DISKS, f'{where},fstype!~"tmpfs|overlay|squashfs|ramfs"'))
        found.append(Signals("node exporter", _MEMORY, where))
    return found
