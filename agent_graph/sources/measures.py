"""Reads series by what well-known exporters call them: what they measure, and what their limits are."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median

from agent_graph.sources.courses import changes, increase, monotonic, rate, ratio, total_of
from agent_graph.sources.series import Series
from agent_graph.sources.signs import Weight, aliases, belongs
from backend.investigation.kinds import CaseFile

_IDENTITY = ("pod", "container", "name", "deployment", "service", "app", "job", "instance", "node", "host")


@dataclass
class Measure:
    """Series of one meaning. `rising_is_bad`: whether its course against its own past says something."""

    role: str
    unit: str
    series: list[Series]
    limit: float | None = None
    rising_is_bad: bool = False
    category: str = ""
    weight: Weight = "weak"
    judge: Callable[[Series], bool] | None = None


def own(case: CaseFile, series: Sequence[Series]) -> list[Series]:
    """The target's among series of one name; all of them when none is labelled as the target's."""
    known = aliases(case)
    mine = [s for s in series if any(belongs(s.labels.get(k, "").split(":")[0].lstrip("/"), known) for k in _IDENTITY)]
    return mine or list(series)


def measures_of(case: CaseFile, series: Sequence[Series]) -> list[Measure]:
    """Groups series by their meaning."""
    by_name: dict[str, list[Series]] = {}
    for one in series:
        by_name.setdefault(one.labels.get("__name__", "value"), []).append(one)
    mine = {name: own(case, found) for name, found in by_name.items()}
    found = [*_combined(case, mine)]
    used = {s.labels.get("__name__") for m in found for s in m.series} | _LIMIT_NAMES
    for name, group in mine.items():
        if name not in used:
            found += _plain(case, name, group)
    return found


_LIMIT_NAMES = {
    "container_spec_memory_limit_bytes",
    "kube_pod_container_resource_limits",
    "pg_settings_max_connections",
    "container_cpu_cfs_periods_total",
    "node_filesystem_size_bytes",
    "node_memory_MemTotal_bytes",
    "jvm_memory_max_bytes",
    "kubelet_volume_stats_capacity_bytes",
    "hikaricp_connections_max",
    "container_spec_cpu_quota",
    "kube_deployment_spec_replicas",
    "kube_pod_container_resource_limits_memory_bytes",
    "container_fs_limit_bytes",
    "process_max_fds",
}
# What is used, what it may be at most, role, unit. The limit is a number of the same unit.
_AGAINST = (
    (
        r"container_memory_(?:working_set_bytes|usage_bytes|rss)|process_resident_memory_bytes",
        (
            r"container_spec_memory_limit_bytes"
            r"|kube_pod_container_resource_limits(?:_memory_bytes)?"
        ),
        "memory",
        "bytes",
    ),
    (r"jvm_memory_used_bytes", r"jvm_memory_max_bytes", "memory", "bytes"),
    (r"pg_stat_(?:activity_count|database_numbackends)", r"pg_settings_max_connections", "pg_connections", "count"),
    (
        (r"\w*(?:pool|connections?)_?\w*(?:active|in_use|used|busy|checked_?out)\w*"),
        r"\w*(?:pool|connections?)_?\w*(?:max|limit|size|capacity)\w*",
        "pg_connections",
        "count",
    ),
    (r"container_fs_usage_bytes", r"container_fs_limit_bytes", "disk", "bytes"),
    (r"process_open_fds", r"process_max_fds", "pg_connections", "count"),
)
_SHARES = (
    ("node_filesystem_avail_bytes|node_filesystem_free_bytes", "node_filesystem_size_bytes", "disk"),
    ("kubelet_volume_stats_available_bytes", "kubelet_volume_stats_capacity_bytes", "disk"),
    ("node_memory_MemAvailable_bytes", "node_memory_MemTotal_bytes", "host_memory"),
)


def _combined(case: CaseFile, mine: dict[str, list[Series]]) -> list[Measure]:
    found: list[Measure] = []
    for used, limits, role, unit in _AGAINST:
        series = next((group for name, group in mine.items() if re.fullmatch(used, name)), None)
        caps = [s for name, group in mine.items() if re.fullmatch(limits, name) for s in group if _of_memory(s)]
        if series:
            limit = max((s.last for s in caps if s.last < 2**60), default=0.0) or None
            summed = [total_of(series)] if role == "pg_connections" and len(series) > 1 else series
            found.append(Measure(role, unit, summed, limit))
    for free, size, role in _SHARES:
        group = next((g for n, g in mine.items() if re.fullmatch(free, n)), [])
        pairs = [(f, s) for f in group for s in mine.get(size, []) if _same(f, s)]
        if pairs:
            used = [Series(f.labels, [(at, 1 - v) for at, v in ratio(f, s).points]) for f, s in pairs]
            found.append(Measure(role, "ratio", sorted(used, key=lambda s: -s.last), 1.0))
    throttled, periods = (
        mine.get("container_cpu_cfs_throttled_periods_total"),
        mine.get("container_cpu_cfs_periods_total"),
    )
    if throttled and periods:
        shares = [ratio(rate(t), rate(p)) for t in throttled for p in periods if _same(t, p)]
        found.append(
            Measure(
                "cpu_throttled", "ratio", shares[:4], 1.0, judge=_throttled, category="cpu_throttling", weight="strong"
            )
        )
    used, hard = _quota(mine)
    found += [Measure("quota", "count", [used], hard)] if used else []
    return found


def _of_memory(series: Series) -> bool:
    return series.labels.get("resource", "memory") == "memory"


def _same(one: Series, other: Series) -> bool:
    shared = set(one.labels) & set(other.labels) - {"__name__"}
    return all(one.labels[key] == other.labels[key] for key in shared)


def _quota(mine: dict[str, list[Series]]) -> tuple[Series | None, float]:
    rows = mine.get("kube_resourcequota", [])
    for used in rows:
        for hard in rows:
            same = used.labels.get("resource") == hard.labels.get("resource")
            if (
                same
                and (used.labels.get("type"), hard.labels.get("type")) == ("used", "hard")
                and used.last >= hard.last > 0
            ):
                return used, hard.last
    return None, 0.0


def _throttled(series: Series) -> bool:
    tail = [value for _, value in series.points[-max(3, len(series.points) // 5) :]]
    return median(tail) >= 0.25


def _now_zero(series: Series) -> bool:
    return series.last == 0


def _now_above(limit: float) -> Callable[[Series], bool]:
    return lambda series: median([v for _, v in series.points[-3:]]) >= limit


_AROUND_SECONDS = 300.0
_WAITING: dict[str, str] = {
    "CrashLoopBackOff": "restart_loop",
    "ImagePullBackOff": "image_pull_error",
    "ErrImagePull": "image_pull_error",
    "CreateContainerConfigError": "config_error",
    "OOMKilled": "oom",
}


def _reason(reason: str, group: list[Series]) -> Measure:
    mine = [s for s in group if s.labels.get("reason") == reason]
    return Measure("reason", "bool", mine, judge=_now_above(1), category=_WAITING[reason], weight="proof")


def _plain(case: CaseFile, name: str, group: list[Series]) -> list[Measure]:
    """Series that mean something by themselves."""
    counter = name.endswith(("_total", "_count")) and all(monotonic(s) for s in group)
    if name in ("up", "probe_success") or name.endswith("_up"):
        return [Measure("up" if name != "probe_success" else "probe", "bool", group, judge=_now_zero)]
    if name == "container_start_time_seconds":
        return [Measure("restarts", "count", [changes(s) for s in group])]
    if name == "kube_pod_container_status_ready":
        return [Measure("ready", "bool", group, judge=_now_zero)]
    if name == "kube_pod_container_status_last_terminated_reason":
        # It stays as it is until the next end: only one that came with this trouble has to do with it.
        group = [s for s in group if s.points[0][0] > case.started_at.timestamp() - _AROUND_SECONDS]
    if "restart" in name:
        return [Measure("restarts", "count", [increase(s) for s in group])]
    if "oom_events" in name:
        return [Measure("oom_events", "count", [increase(s) for s in group])]
    if reasons := {s.labels.get("reason", "") for s in group} & set(_WAITING):
        return [_reason(reason, group) for reason in sorted(reasons)]
    if ("cert" in name and "expir" in name) or name.endswith("not_after"):
        left = [Series(s.labels, [(at, value - at) for at, value in s.points]) for s in group if s.last > 1e9]
        return [Measure("certificate", "seconds", left or group)]
    if name == "kube_node_status_condition":
        ready = [s for s in group if s.labels.get("condition") == "Ready" and s.labels.get("status", "true") == "true"]
        return [Measure("ready", "bool", ready, judge=_now_zero, category="node_failure", weight="proof")]
    if "unschedulable" in name:
        return [
            Measure("unschedulable", "bool", group, judge=_now_above(1), category="scheduling_failure", weight="strong")
        ]
    if re.search(r"replicas_unavailable|pods_unavailable", name):
        return [Measure("unavailable", "count", group, judge=_now_above(1))]
    if "throttled" in name:
        shares = [rate(s) if counter else s for s in group]
        return [
            Measure("cpu_throttled", "ratio", shares, 1.0, judge=_throttled, category="cpu_throttling", weight="strong")
        ]
    if re.search(r"(?:replica\w*|replay|slave|standby|wal)_?\w*lag|seconds_behind|lag_(?:seconds|bytes)", name):
        high = _now_above(256 * 2**20 if "bytes" in name else 30)
        return [
            Measure(
                "replication_lag",
                "bytes" if "bytes" in name else "seconds",
                group,
                judge=high,
                category="replication_lag",
                weight="proof",
            )
        ]
    return _courses(name, group, counter=counter)


def _courses(name: str, group: list[Series], *, counter: bool) -> list[Measure]:
    found: list[Measure] = []
    for one in group:
        series = rate(one) if counter else one
        said = " ".join(
            [
                name,
                *(
                    f"{k}={v}"
                    for k, v in one.labels.items()
                    if k in ("code", "status", "rcode", "status_code", "result", "reason", "response_code")
                ),
            ]
        )
        if re.search(r"=429|rate_?limit|throttled_requests", said):
            found.append(
                Measure("rate_limited", "", [series], rising_is_bad=True, category="rate_limited", weight="strong")
            )
        elif re.search(r"SERVFAIL|dns\w*(?:error|fail)", said):
            found.append(
                Measure("dns_errors", "", [series], rising_is_bad=True, category="dns_failure", weight="strong")
            )
        elif re.search(r"=5(?:\d\d|xx)|error|fail|5xx|abort|drop", said, re.IGNORECASE):
            found.append(Measure("errors", "", [series], rising_is_bad=True))
        elif re.search(r"(?:tx|xact|transaction)_(?:duration|age)", said):
            # An open transaction grows older by itself: the sessions tell whether anybody suffers from it.
            found.append(Measure("transaction_age", "seconds", [series]))
        elif re.search(r"latency|duration|response_time|_p9\d|quantile", said) and not counter:
            found.append(Measure("latency", "seconds" if "second" in name else "", [series], rising_is_bad=True))
        elif re.search(r"locks?_(?:count|waiting)|blocked|lock_wait|waiting", said):
            found.append(
                Measure("locks", "count", [series], rising_is_bad=True, category="lock_contention", weight="weak")
            )
        elif re.search(r"queue|backlog|pending|lag", said):
            found.append(Measure("queue", "", [series], rising_is_bad=True))
        else:
            found.append(Measure("other", "", [series]))
    return found
