"""What single series mean, read from the shape of their names: exporters differ, what they count does not."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from agent_graph.sources.called import breakers, is_number, success
from agent_graph.sources.counters import counted
from agent_graph.sources.courses import changes, increase, rate
from agent_graph.sources.failing import OF_KINDS, failed, fails_its_part
from agent_graph.sources.measure import Bad, Measure, above, now, off, throttling, zero
from agent_graph.sources.series import Series
from agent_graph.sources.signs import Weight
from backend.investigation.kinds import CaseFile

_AROUND_SECONDS = 300.0
# A share beyond this is written in percent.
_PERCENT = 1.5
_WAITING: dict[str, str] = {
    "CrashLoopBackOff": "restart_loop",
    "ImagePullBackOff": "image_pull_error",
    "ErrImagePull": "image_pull_error",
    "CreateContainerConfigError": "config_error",
    "OOMKilled": "oom",
}


@dataclass(frozen=True)
class Shape:
    """`name`: what series are called. `bad`: values that are trouble. `as_`: what is looked at instead of the value.

    `rising`: well above its own past is trouble, too. `of_whole`: a share, up to 1 or 100.
    """

    name: str
    role: str
    unit: str = ""
    bad: Bad | None = None
    category: str = ""
    weight: Weight = "weak"
    means: str = ""
    as_: Callable[[Series], Series] | None = None
    but: str = r"(?!)"
    rising: bool = False
    of_whole: bool = False


def _left(series: Series) -> Series:
    """A moment in time as what is left until then."""
    return Series(series.labels, [(at, v - at) for at, v in series.points]) if series.last > 1e9 else series


def _seconds(series: Series) -> Series:
    name = series.labels.get("__name__", "")
    parts = 1e3 if re.search(r"milli|_ms\b", name) else 1e6 if re.search(r"micro|_us\b", name) else 1.0
    return Series(series.labels, [(at, v / parts) for at, v in series.points])


# The first that fits is taken.
SHAPES = (
    Shape(r"probe_success", "probe", "bool", zero),
    Shape(
        r"up|.+_up|haproxy_(?:server|backend)_status|\w*target_up",
        "up",
        "bool",
        zero,
        but=r"(?:start|back|link)_up|scale",
    ),
    Shape(r"container_start_time_seconds|process_start_time_seconds", "restarts", "count", as_=changes),
    Shape(r"kube_pod_container_status_ready", "ready", "bool", zero),
    Shape(r".*restart.*", "restarts", "count", as_=increase, but=r"time|timestamp|age"),
    Shape(r".*(?:oom_events|oom_kill).*", "oom_events", "count", as_=increase),
    Shape(r".*cert.*expir.*|.*ssl.*expir.*|.*not_after", "certificate", "seconds", as_=_left),
    # A cordoned node is somebody's deed; what it keeps from being placed says so itself.
    Shape(r"(?!kube_node_spec_).*unschedulable.*", "unschedulable", "bool", above(1), "scheduling_failure", "strong"),
    Shape(r".*(?:replicas|pods)_unavailable", "unavailable", "count", above(1)),
    Shape(
        r".*(?:timex_offset|clock_(?:offset|skew|drift)|ntp\w*offset|chrony\w*offset).*",
        *("clock", "seconds", off(1.0), "node_failure", "strong", "the clock of its machine is wrong (clock skew)"),
        as_=_seconds,
    ),
    Shape(
        r".*timex_sync_status",
        *("clock", "bool", zero, "node_failure", "weak", "the clock of its machine is not synchronised (NTP)"),
    ),
    Shape(
        r".*(?:disk|filesystem|volume|storage)\w*(?:percent|pct|ratio|utili[sz]ation|usage)",
        *("disk", "ratio"),
        of_whole=True,
        but=r"io_|bytes|_io|time",
    ),
    Shape(
        r".*mem(?:ory)?_?\w*(?:percent|pct|ratio|utili[sz]ation)", "memory", "ratio", of_whole=True, but=r"rate|bytes"
    ),
    Shape(
        r".*(?:pool|connections?)_?\w*(?:percent|pct|ratio|utili[sz]ation|saturation)",
        *("pg_connections", "ratio"),
        of_whole=True,
        but=r"error|hit|fail",
    ),
    Shape(
        r".*(?:hikari|pool|connection|db|jdbc|sql)\w*(?:pending|waiting|wait_count|awaiting|queue)\w*",
        *("pool_waits", "count", None, "connection_exhaustion", "strong", "callers wait for a connection of the pool"),
        rising=True,
        but=r"lock|spool",
    ),
    Shape(
        r".*(?:listen_?(?:overflows?|drops?)|maxclients|rejected_connections|connections?_refused)\w*",
        *("refused", "", None, "connection_exhaustion", "weak", "connections are turned away"),
        rising=True,
        but=r"config|setting|limit",
    ),
    Shape(
        r".*gc_(?:pause|time|duration|collection|overhead|cpu)\w*(?:sum|total|seconds|ratio|percent|:mean|:p95)",
        *("gc", "", None, "memory_pressure", "weak", "it collects garbage much longer than before"),
    ),
    Shape(
        r".*(?:pressure_memory\w*|vmstat_psw\w+|swap_(?:in|out)\w*|memory_pressure\w*)",
        *("swapping", "", None, "memory_pressure", "weak", "processes wait for memory, or it swaps"),
    ),
    Shape(
        r".*(?:disk_io_time|disk_io_now|pressure_io|iowait|disk_busy|disk_(?:read|write)_(?:time|latency))\w*",
        *("disk_io", "", None, "disk_pressure", "weak", "its disk is busy much more than before (I/O saturation)"),
    ),
    Shape(
        r"(?:.*[_:])?(?:cpu|pressure_cpu)(?:_?(?:usage|used|utili[sz]ation|percent|load|waiting))?(?:[_:]\w+)?"
        r"|node_load\d+",
        *("cpu", "", None, "cpu_throttling", "weak", "it uses much more CPU than before"),
        but=r"limit|request|quota|period|count|info|throttl|seconds_total$|steal|idle",
    ),
    Shape(
        r"(?:.*_)?mem(?:ory)?(?:_(?:usage|used|working_set|rss))?(?:_bytes)?",
        "memory",
        "bytes",
        but=r"limit|max|total|free|avail",
    ),
    Shape(
        r".*steal.*",
        *("cpu_steal", "ratio", above(0.1), "cpu_throttling", "strong"),
        *("the hypervisor gives the CPU to others (steal, a noisy neighbour)",),
        of_whole=True,
        but=r".*_total",
    ),
    Shape(
        r".*slots?_(?:\w*wal_lsn_diff|\w*retained\w*|\w*lag_bytes).*",
        *("slot", "bytes", above(2**30), "replication_lag", "strong", "a replication slot holds back the WAL"),
    ),
    Shape(
        r".*slots?_active", "slot_active", "bool", zero, "replication_lag", "weak", "a replication slot is not in use"
    ),
    Shape(
        r".*(?:replica\w*|replay|slave|standby|wal|secondary)_?\w*lag\w*|.*seconds_behind.*|\w*_lag_bytes"
        r"|.*stat_replication\w*lsn_diff\w*",
        *("replication_lag", "", None, "replication_lag", "proof"),
        but=r".*consumer.*|.*kafka.*",
    ),
    Shape(
        r".*archiver_failed_count|.*(?:\bpg|wal)_\w*archive\w*fail\w*|archive_(?:command_)?fail\w*",
        *("archiving", "count", above(1), "disk_pressure", "weak", "archiving of the WAL fails"),
        as_=increase,
    ),
    Shape(
        r".*(?:alarms?_memory|memory_alarm|alarms?_mem)\w*",
        *("memory_alarm", "bool", above(1), "memory_pressure", "proof", "its memory alarm is set"),
    ),
    Shape(
        r".*(?:alarms?_(?:free_)?disk|disk_alarm)\w*",
        *("disk_alarm", "bool", above(1), "disk_pressure", "proof", "its disk alarm is set"),
    ),
)


def plain(case: CaseFile, name: str, group: Sequence[Series]) -> list[Measure]:
    """What a group of one name means by itself; empty where only its course can tell."""
    if reasons := {s.labels.get("reason", "") for s in group} & set(_WAITING):
        if name.endswith("last_terminated_reason"):
            # It stays as it is until the next end: only one that came with this trouble has to do with it.
            group = [s for s in group if s.points[0][0] > case.started_at.timestamp() - _AROUND_SECONDS]
        return [_reason(reason, group) for reason in sorted(reasons)]
    if name == "kube_pod_container_status_last_terminated_reason":
        return []
    if name == "kube_node_status_condition":
        ready = [s for s in group if s.labels.get("condition") == "Ready" and s.labels.get("status", "true") == "true"]
        return [Measure("ready", "bool", ready, bad=zero, category="node_failure", weight="proof")]
    if "throttled" in name and "request" not in name:
        return throttling([rate(s) if counted(name, group) else s for s in group][:4])
    if states := [s for s in group if s.labels.get("state", "").isupper()]:
        # HAProxy's way: a series per state, 1 for the one that it is in.
        down = [s for s in states if s.labels["state"] == "DOWN"]
        return [Measure("up", "bool", down, bad=above(1))] if down else []
    shape = next((s for s in SHAPES if re.fullmatch(s.name, name) and not re.search(s.but, name)), None)
    if shape and shape.role == "pool_waits" and any(_of_locks(name, s) for s in group):
        return []
    return [shaped(shape, name, group)] if shape else breakers(name, group)


def _reason(reason: str, group: Sequence[Series]) -> Measure:
    mine = [s for s in group if s.labels.get("reason") == reason]
    return Measure("reason", "bool", mine, bad=above(1), category=_WAITING[reason], weight="proof")


def shaped(shape: Shape, name: str, group: Sequence[Series]) -> Measure:
    """The group as its shape says: counters as rates, shares of one, lag in its unit."""
    series = [shape.as_(s) for s in group] if shape.as_ else list(group)
    bad, unit = shape.bad, shape.unit
    if counted(name, group) and shape.as_ is None:
        series = [rate(s) for s in series]
    if shape.role == "replication_lag":
        unit = "bytes" if "bytes" in name or "lsn_diff" in name else "seconds"
        bad = above(256 * 2**20 if unit == "bytes" else 30)
    if shape.of_whole:
        percent = re.search(r"percent|pct", name) or max(v for s in series for _, v in s.points) > _PERCENT
        whole = 100.0 if percent else 1.0
        series = [Series(s.labels, [(at, v / whole) for at, v in s.points]) for s in series]
    limit = 1.0 if shape.of_whole else None
    return Measure(
        *(shape.role, unit, series, limit, shape.rising, shape.category, shape.weight, bad, shape.means),
    )


def courses(name: str, group: Sequence[Series]) -> list[Measure]:
    """Whether what is counted or measured rises, by what it is called and by its labels; one measure per meaning."""
    counter = counted(name, group)
    found: dict[tuple[str, str], Measure] = {}
    seen = [rate(one) if counter else one for one in group]
    whole = sum(now(series) for series in seen)
    for series in seen:
        labels = " ".join(f"{k}={v}" for k, v in series.labels.items() if OF_KINDS.search(k))
        made = _course(name, f"{name} {labels}", series, counter=counter)
        few = len(seen) > 1 and now(series) < _FEW * whole
        if made.role == "errors" and few and not fails_its_part(series, seen):
            made = Measure("few_errors", "", [series])
        kept = found.setdefault((made.role, made.category), made)
        if kept is not made:
            kept.series.append(series)
    return list(found.values())


def _course(name: str, said: str, series: Series, *, counter: bool) -> Measure:
    for words, role, category, weight, means in _RISING:
        if re.search(words, said, re.IGNORECASE):
            return Measure(role, "", [series], None, True, category, weight, None, means)
    if failed(said) or (
        re.search(r"error|fail|5xx|abort|drop|exception", name, re.IGNORECASE) and "maxerror" not in name
    ):
        return Measure("errors", "", [series], rising_is_bad=True)
    if share := success(name, series):
        return share
    if re.search(r"(?:tx|xact|transaction)_(?:duration|age)", said):
        # An open transaction grows older by itself: the sessions tell whether anybody suffers from it.
        return Measure("transaction_age", "seconds", [series])
    timed = not (counter or is_number(name))
    if timed and re.search(r"latency|duration|response_time|[_:]p9\d|quantile|rtt|:mean$", said):
        unit = "ms" if re.search(r"milli|_ms\b|_ms:", name) else "seconds" if "second" in name else ""
        return Measure("latency", unit, [series], rising_is_bad=True, floor=_NOTICED.get(unit, 0.0))
    queued = re.search(_QUEUED, said) is not None and not _of_locks(name, series)
    if not queued and re.search(r"locks_(?:count|waiting)|blocked|lock_wait|(?<!a)waiting|deadlock", said):
        # Shared locks come with every statement; those that exclude others are few.
        shared = re.search(r"mode=(?:access_?share|row_?(?:share|exclusive))", said, re.IGNORECASE)
        means = f"sessions wait: {said.split('state=', 1)[-1].replace('_', ' ')}" if "state=" in said else ""
        return Measure("locks", "count", [series], None, not shared, "lock_contention", means=means, floor=_SOME_LOCKS)
    waits = re.search(r"queue|backlog|pending|awaiting|lag|unacked|messages_(?:ready|visible)", said)
    if (waits or queued) and not counter:
        return Measure("queue", "", [series], rising_is_bad=True, floor=_SOME_WAITING)
    return Measure("other", "", [series])


def _of_locks(name: str, series: Series) -> bool:
    """By its name, or by the label that tells what is waited for."""
    kinds = [value for key, value in series.labels.items() if "wait" in key.lower()]
    return any(_OF_LOCKS.search(text) for text in (name, *kinds))


# What failing means by how it is called: role, category, weight, in words.
_RISING: tuple[tuple[str, str, str, Weight, str], ...] = (
    (r"=429|rate_?limit|throttled_requests", "rate_limited", "rate_limited", "strong", ""),
    (r"SERVFAIL|dns\w*(?:error|fail)", "dns_errors", "dns_failure", "strong", ""),
    (r"(?:tls|ssl|cert)\w*(?:fail|error|verif)", "tls_errors", "", "weak", ""),
    (
        r"retrans|packet_?loss|_drop(?:ped|s)?_|receive_errs|transmit_errs|connect_fail",
        *("network", "network_error", "weak", "packets are lost or sent again"),
    ),
)
# Work that waits for its turn waits for no lock.
_QUEUED = (
    r"queues?_(?:\w+_)?waiting|(?:jobs?|tasks?|files|messages|e?mails|items)_waiting|waiting_(?:jobs|tasks|messages)"
)
# Unless that is what they queue for, in words or by the kind of wait.
_OF_LOCKS = re.compile(r"(?:^|_)(?:dead|row|table|spin)?locks?(?:_|$)|^LCK_", re.IGNORECASE)
# Slower than this is noticed.
_NOTICED = {"ms": 50.0, "seconds": 0.05}
_SOME_LOCKS, _SOME_WAITING = 5.0, 20.0
# Of all that is asked, so few failures are as good as none.
_FEW = 0.01
