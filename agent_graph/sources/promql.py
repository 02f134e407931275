"""Which expressions tell something about a target, by the labels that well-known exporters use."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qs, urlsplit

from backend.investigation.kinds import AlertFact, CaseFile

_COMPARISON = re.compile(
    r"^(?P<left>.+?)\s*(?P<op>==|!=|>=|<=|>|<)\s*(?:bool\s+)?(?P<right>-?[\d.]+(?:e[+-]?\d+)?)$", re.DOTALL
)
_SET_OPERATOR = re.compile(r"\b(?:and|or|unless)\b", re.IGNORECASE)
# Labels that say which of several series the alert is about; the others are the rule's own additions.
_IDENTITY = ("instance", "job", "name", "container", "pod", "namespace", "device", "mountpoint", "service")


@dataclass(frozen=True)
class Query:
    """An expression with what is known about it. `role` tells the analyst what it measures."""

    role: str
    expr: str
    title: str
    unit: str
    limit_expr: str = ""
    limit: float | None = None
    condition: str = ""
    labels: Mapping[str, str] = field(default_factory=dict[str, str])


def queries_for(case: CaseFile) -> list[Query]:
    """The alert's own expression first, then the golden signals."""
    found = [query for alert in case.alerts[:3] if (query := alert_query(alert))]
    found += _container(case) + _scraped(case)
    return list({query.expr: query for query in found}.values())


def alert_query(alert: AlertFact) -> Query | None:
    """The rule behind an alert, from `g0.expr` of its generator URL; a final comparison becomes the chart's limit."""
    if not alert.generator_url:
        return None
    expr = parse_qs(urlsplit(alert.generator_url).query).get("g0.expr", [""])[0].strip()
    if not expr or len(expr) > 4000:
        return None
    labels = {key: alert.labels[key] for key in _IDENTITY if key in alert.labels}
    match = _COMPARISON.match(expr)
    if match is None or _SET_OPERATOR.search(expr) or match["left"].count("(") != match["left"].count(")"):
        return Query("alert", expr, f"Expression of {alert.name}", "", labels=labels)
    return Query(
        "alert",
        match["left"],
        f"Expression of {alert.name}",
        "",
        limit=float(match["right"]),
        condition=f"{match['op']} {match['right']}",
        labels=labels,
    )


def _container(case: CaseFile) -> list[Query]:
    labels = case.target.labels
    if case.target.source_type != "container":
        return []
    if case.target.runtime == "kubernetes" or "pod" in labels:
        pod = labels.get("pod", case.target.name)
        where = f"pod={_quoted(pod)}"
        where += f",namespace={_quoted(case.target.namespace)}" if case.target.namespace else ""
        where += f",container={_quoted(labels['container'])}" if labels.get("container") else ',container!=""'
    else:
        where = f"name={_quoted(labels.get('name', case.target.name))}"
    memory, limit = (
        f"container_memory_working_set_bytes{{{where}}}",
        f"container_spec_memory_limit_bytes{{{where}}} > 0",
    )
    throttled, periods = "container_cpu_cfs_throttled_periods_total", "container_cpu_cfs_periods_total"
    return [
        Query("memory", memory, "Memory (working set)", "bytes", limit_expr=limit),
        Query("cpu", f"rate(container_cpu_usage_seconds_total{{{where}}}[2m])", "CPU", "cores"),
        Query(
            "cpu_throttled",
            f"rate({throttled}{{{where}}}[5m]) / rate({periods}{{{where}}}[5m])",
            "CPU throttled",
            "ratio",
        ),
        Query("oom_events", f"increase(container_oom_events_total{{{where}}}[10m])", "OOM kills", "count"),
        Query("restarts", f"changes(container_start_time_seconds{{{where}}}[15m])", "Restarts in 15 minutes", "count"),
    ]


def _scraped(case: CaseFile) -> list[Query]:
    labels = case.target.labels
    instance = labels.get("instance")
    if not instance:
        return []
    where = f"instance={_quoted(instance)}" + (f",job={_quoted(labels['job'])}" if labels.get("job") else "")
    found = [
        Query("up", f"up{{{where}}}", "Scrape target up", "bool"),
        Query("probe", f"probe_success{{{where}}}", "Blackbox probe", "bool"),
        Query(
            "certificate",
            f"probe_ssl_earliest_cert_expiry{{{where}}} - time()",
            "Time until the certificate expires",
            "seconds",
        ),
        Query(
            "pg_connections",
            f"sum(pg_stat_activity_count{{{where}}})",
            "PostgreSQL connections",
            "count",
            limit_expr=f"pg_settings_max_connections{{{where}}}",
        ),
    ]
    if case.target.source_type == "host" or "node" in labels.get("job", ""):
        size, free = "node_filesystem_size_bytes", "node_filesystem_avail_bytes"
        real = f'{where},fstype!~"tmpfs|overlay|squashfs|ramfs"'
        found.append(Query("disk", f"1 - {free}{{{real}}} / {size}{{{real}}}", "Disk used", "ratio", limit=1.0))
        memory = f"1 - node_memory_MemAvailable_bytes{{{where}}} / node_memory_MemTotal_bytes{{{where}}}"
        found.append(Query("host_memory", memory, "Memory used", "ratio", limit=1.0))
    return found


def _quoted(text: str) -> str:
    return json.dumps(text)
