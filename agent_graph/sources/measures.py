"""Reads series by what well-known exporters call them: what they measure, their limits, and what their course means."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import pairwise
from statistics import median
from typing import Any

from agent_graph.sources.series import Series, change_at, describe, thin
from agent_graph.sources.signs import Weight, aliases, belongs
from backend.investigation.kinds import CaseFile, Evidence

NAME = "prometheus"
_POINTS, _MOST_SERIES = 240, 12
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
    signs: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])


def own(case: CaseFile, series: Sequence[Series]) -> list[Series]:
    """The target's among series of one name; all of them when none is labelled as the target's."""
    known = aliases(case)
    mine = [s for s in series if any(belongs(s.labels.get(k, "").split(":")[0].lstrip("/"), known) for k in _IDENTITY)]
    return mine or list(series)


def increase(series: Series) -> Series:
    """A counter as its growth since the window began; a reset adds what came after it."""
    total, before, points = 0.0, series.points[0][1], list[tuple[float, float]]()
    for at, value in series.points:
        total += value - before if value >= before else value
        before = value
        points.append((at, total))
    return Series(series.labels, points)


def rate(series: Series) -> Series:
    """A counter as its growth per second, from point to point."""
    grown = increase(series).points
    points = [(b[0], (b[1] - a[1]) / max(1.0, b[0] - a[0])) for a, b in pairwise(grown)]
    return Series(series.labels, points or [(series.points[0][0], 0.0)])


def ratio(over: Series, under: Series) -> Series:
    """One series divided by another, where both have a point."""
    below = dict(under.points)
    points = [(at, value / below[at]) for at, value in over.points if below.get(at)]
    return Series(over.labels, points or [(over.points[0][0], 0.0)])


Course = str


def course(series: Series, began: datetime) -> Course:
    """raised (at the end), over (it was and is not any more), or flat: the end against what was before the trouble."""
    values = [value for _, value in series.points]
    if len(values) < 4:
        return "unknown"
    start = began.timestamp() - 120
    early = [value for at, value in series.points if at < start] or values[: max(2, len(values) // 5)]
    base, peak = median(early), max(values)
    end = median(values[-max(2, len(values) // 8) :])
    step = max(abs(base), 1e-9)
    if peak < 2 * step or peak - base < 1e-6:
        return "flat"
    if end >= 2 * step and end - base >= 0.25 * (peak - base):
        return "raised"
    return "over" if end - base <= 0.2 * (peak - base) and peak >= 3 * step else "flat"


def evidence_of(case: CaseFile, measures: Sequence[Measure], start: datetime, end: datetime) -> list[Evidence]:
    """One piece of evidence per meaning, with the signs of its course."""
    return [_evidence(case, measure, start, end) for measure in measures if measure.series]


def _evidence(case: CaseFile, measure: Measure, start: datetime, end: datetime) -> Evidence:
    shown = measure.series[:_MOST_SERIES]
    lines = [describe(s, measure.unit, measure.limit) for s in shown]
    signs = [sign for s, line in zip(shown, lines, strict=True) for sign in _signs(case, measure, s, line)]
    changes = [at for at in (change_at(s) for s in shown) if at is not None]
    name = shown[0].labels.get("__name__", measure.role)
    return Evidence(
        source=NAME,
        kind="metric",
        title=f"{measure.role.replace('_', ' ')} ({name})",
        query=f"{name} of {case.target.name}",
        window_start=start,
        window_end=end,
        summary=lines[0],
        content="\n".join(lines),
        data={
            "role": measure.role,
            "series": [{"labels": s.labels, "points": thin(s, _POINTS)} for s in shown],
            "unit": measure.unit,
            "change_at": min(changes) if changes else None,
            "limit": measure.limit,
            "signs": signs,
        },
        truncated=len(measure.series) > _MOST_SERIES,
    )


def _signs(case: CaseFile, measure: Measure, series: Series, line: str) -> list[dict[str, Any]]:
    changed = change_at(series)
    at = datetime.fromtimestamp(changed, UTC) if changed else None
    name = series.labels.get("__name__", measure.role)

    def sign(category: str, weight: Weight, means: str) -> dict[str, Any]:
        stamp = at.isoformat() if at else None
        return {
            "category": category,
            "weight": weight,
            "quote": line[:400],
            "subject": name,
            "at": stamp,
            "means": means,
        }

    found: list[dict[str, Any]] = []
    if measure.judge is not None:
        if measure.judge(series):
            found.append(
                sign(measure.category or "trouble", measure.weight, f"{measure.role.replace('_', ' ')}: {line}")
            )
            found.append(sign("trouble", "strong", line))
        elif measure.role in ("up", "probe", "ready"):
            found.append(sign("healthy", "strong", f"{name} is as it should be"))
    if measure.rising_is_bad:
        how = course(series, case.started_at)
        if how == "raised":
            found.append(sign("trouble", "strong", f"{name} is well above what it was before"))
            found += (
                [sign(measure.category, measure.weight, f"{name} is well above what it was before: {line}")]
                if measure.category
                else []
            )
        elif how == "over":
            found.append(sign("trouble_over", "strong", f"{name} rose and is back at its usual level"))
        elif how == "flat":
            found.append(sign("healthy", "strong", f"{name} did not change"))
    return found


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
            found += _plain(name, group)
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
            summed = [_sum(series)] if role == "pg_connections" and len(series) > 1 else series
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


def _sum(series: list[Series]) -> Series:
    totals: dict[float, float] = {}
    for one in series:
        for at, value in one.points:
            totals[at] = totals.get(at, 0.0) + value
    return Series({"__name__": series[0].labels.get("__name__", "")}, sorted(totals.items()))


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


_WAITING: dict[str, str] = {
    "CrashLoopBackOff": "restart_loop",
    "ImagePullBackOff": "image_pull_error",
    "ErrImagePull": "image_pull_error",
    "CreateContainerConfigError": "config_error",
    "OOMKilled": "oom",
}


def _plain(name: str, group: list[Series]) -> list[Measure]:
    """Series that mean something by themselves."""
    counter = name.endswith(("_total", "_count")) and all(_monotonic(s) for s in group)
    reason = group[0].labels.get("reason", "")
    if name in ("up", "probe_success") or name.endswith("_up"):
        return [Measure("up" if name != "probe_success" else "probe", "bool", group, judge=_now_zero)]
    if "restart" in name:
        return [Measure("restarts", "count", [increase(s) for s in group])]
    if "oom_events" in name:
        return [Measure("oom_events", "count", [increase(s) for s in group])]
    if reason in _WAITING:
        return [Measure("reason", "bool", group, judge=_now_above(1), category=_WAITING[reason], weight="proof")]
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


def _monotonic(series: Series) -> bool:
    values = [value for _, value in series.points]
    falls = sum(b < a for a, b in pairwise(values))
    return falls <= max(1, len(values) // 20)
