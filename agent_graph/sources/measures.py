"""Groups series by what they mean: the target's own, combined with their limits, and apart from them the others'."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from agent_graph.sources.belonging import labelled, named, split
from agent_graph.sources.courses import rate, ratio, total_of
from agent_graph.sources.histograms import latencies
from agent_graph.sources.holders import holder
from agent_graph.sources.lateness import LATE_SERIES, TOLD_SERIES
from agent_graph.sources.machine_memory import machine_memory
from agent_graph.sources.measure import Measure, above, throttling, zero
from agent_graph.sources.packed import packed
from agent_graph.sources.series import Series
from agent_graph.sources.shapes import courses, plain
from agent_graph.sources.stores import known
from backend.investigation.kinds import CaseFile

_Groups = dict[str, list[Series]]


@dataclass(frozen=True)
class Sorted:
    """`own`: the target's measures. `others`: series of what is around it."""

    own: list[Measure]
    others: list[Series]


def sort(case: CaseFile, series: Sequence[Series]) -> Sorted:
    """Everything, by whose it is and what it means."""
    by_name: _Groups = {}
    for one in named(series):
        by_name.setdefault(one.labels.get("__name__", "value"), []).append(one)
    made, consumed = latencies(by_name)
    for one in made:
        by_name.setdefault(one.labels["__name__"], []).append(one)
    strictly = labelled(case, series)
    mine: _Groups = {}
    others: list[Series] = []
    for name, group in by_name.items():
        if name not in consumed:
            own, rest = split(case, group, strictly=strictly)
            others += rest
            if own:
                mine[name] = own
    return Sorted(meanings(case, mine), others)


def measures_of(case: CaseFile, series: Sequence[Series]) -> list[Measure]:
    """The target's own."""
    return sort(case, series).own


def meanings(case: CaseFile, groups: _Groups) -> list[Measure]:
    """What these series of one owner mean."""
    groups = _undelayed(groups)
    found = _combined(groups)
    used = {s.labels.get("__name__") for m in found for s in m.series} | _LIMIT_NAMES
    for name, group in groups.items():
        if name not in used:
            found += known(name, group) or plain(case, name, group) or courses(name, group)
    return found


_LIMIT_NAMES = {
    "container_spec_memory_limit_bytes",
    "kube_pod_container_resource_limits",
    "kube_pod_container_resource_requests",
    "pg_settings_max_connections",
    "container_cpu_cfs_periods_total",
    "node_filesystem_size_bytes",
    "node_filesystem_files",
    "node_memory_MemTotal_bytes",
    "jvm_memory_max_bytes",
    "jvm_memory_bytes_max",
    "kubelet_volume_stats_capacity_bytes",
    "kubelet_volume_stats_inodes",
    "hikaricp_connections_max",
    "container_spec_cpu_quota",
    "container_spec_cpu_period",
    "kube_deployment_spec_replicas",
    "kube_pod_container_resource_limits_memory_bytes",
    "container_fs_limit_bytes",
    "process_max_fds",
    "container_ulimits_soft",
    "node_filefd_maximum",
    "redis_memory_max_bytes",
    "mysql_global_variables_max_connections",
    "memcached_max_connections",
    "rabbitmq_resident_memory_limit_bytes",
    "elasticsearch_jvm_memory_max_bytes",
    "etcd_server_quota_backend_bytes",
    "elasticsearch_filesystem_data_size_bytes",
    "minio_cluster_capacity_usable_total_bytes",
    "windows_logical_disk_size_bytes",
}
_FULL = 0.98
_POOL = r"\w*(?:pool|connections?|clients|threads|sessions|workers)_?\w*"
# What is used, what it may be at most, role, unit. The limit is a number of the same unit.
_AGAINST = (
    (
        r"container_memory_(?:working_set_bytes|usage_bytes|rss)|process_resident_memory_bytes",
        r"container_spec_memory_limit_bytes|kube_pod_container_resource_limits(?:_memory_bytes)?",
        *("memory", "bytes"),
    ),
    (r"jvm_memory_used_bytes|jvm_memory_bytes_used", r"jvm_memory_max_bytes|jvm_memory_bytes_max", "memory", "bytes"),
    (r"redis_memory_used_bytes", r"redis_(?:memory_max|config_maxmemory)\w*", "memory", "bytes"),
    (
        r"pg_stat_(?:activity_count|database_numbackends)",
        r"pg_settings_(?:pg_settings_)?max_connections",
        *("pg_connections", "count"),
    ),
    (r"mysql_global_status_threads_connected", r"mysql_global_variables_max_connections", "pg_connections", "count"),
    (r"redis_connected_clients", r"redis_(?:config_)?maxclients", "pg_connections", "count"),
    (r"go_sql_(?:stats_connections_)?(?:in_use|open)\w*", r"go_sql_\w*max_open\w*", "pg_connections", "count"),
    (
        rf"{_POOL}(?:active|in_use|used|busy|checked_?out|acquired|borrowed)\w*",
        rf"{_POOL}(?:max|limit|size|capacity)\w*",
        *("pg_connections", "count"),
    ),
    (r"memcached_current_connections", r"memcached_max_connections", "pg_connections", "count"),
    (r"rabbitmq_process_resident_memory_bytes", r"rabbitmq_resident_memory_limit_bytes", "memory", "bytes"),
    (r"elasticsearch_jvm_memory_used_bytes", r"elasticsearch_jvm_memory_max_bytes", "memory", "bytes"),
    (r"container_fs_usage_bytes", r"container_fs_limit_bytes", "disk", "bytes"),
    (r"etcd_mvcc_db_total_size_in_bytes", r"etcd_server_quota_backend_bytes", "disk", "bytes"),
    (r"(?:\w+_)?process_open_fds", r"(?:\w+_)?process_max_fds", "pg_connections", "count"),
    (r"container_file_descriptors", r"container_ulimits_soft", "pg_connections", "count"),
    (r"node_filefd_allocated", r"node_filefd_maximum", "pg_connections", "count"),
    (r"node_nf_conntrack_entries", r"node_nf_conntrack_entries_limit", "packet_table", "count"),
    (r"node_arp_entries", r"node_arp_entries_limit|\w*gc_thresh3", "packet_table", "count"),
)
_SHARES = (
    ("node_filesystem_avail_bytes|node_filesystem_free_bytes", "node_filesystem_size_bytes", "disk"),
    ("node_filesystem_files_free", "node_filesystem_files", "disk"),
    ("kubelet_volume_stats_available_bytes", "kubelet_volume_stats_capacity_bytes", "disk"),
    ("kubelet_volume_stats_inodes_free", "kubelet_volume_stats_inodes", "disk"),
    ("elasticsearch_filesystem_data_available_bytes", "elasticsearch_filesystem_data_size_bytes", "disk"),
    ("minio_cluster_capacity_usable_free_bytes", "minio_cluster_capacity_usable_total_bytes", "disk"),
    ("windows_logical_disk_free_bytes", "windows_logical_disk_size_bytes", "disk"),
)


def _undelayed(groups: _Groups) -> _Groups:
    """Behind is who is later than told, of a copy that is kept late on purpose."""
    found = dict(groups)
    for told in (told for told in TOLD_SERIES if told in groups):
        for name in (name for name in groups if LATE_SERIES.fullmatch(name)):
            found[name] = [_less(one, [d for d in groups[told] if _same(one, d)]) for one in groups[name]]
    return found


def _less(late: Series, told: list[Series]) -> Series:
    delay = told[0].last if told else 0.0
    return Series(late.labels, [(at, max(0.0, value - delay)) for at, value in late.points]) if delay else late


def _combined(mine: _Groups) -> list[Measure]:
    found = [*_against(mine), *_used_up(mine), *_unconsumed(mine)]
    throttled, periods = (
        mine.get("container_cpu_cfs_throttled_periods_total"),
        mine.get("container_cpu_cfs_periods_total"),
    )
    if throttled and periods:
        shares = [ratio(rate(t), rate(p)) for t in throttled for p in periods if _same(t, p)]
        found += throttling(shares[:4])
    found += _cores(mine)
    used, hard = _quota(mine)
    found += [Measure("quota", "count", [used], hard)] if used else []
    return [*found, *_cpu(mine.get("node_cpu_seconds_total", []))]


def _against(mine: _Groups) -> list[Measure]:
    found: list[Measure] = []
    for used, limits, role, unit in _AGAINST:
        series = next((group for name, group in mine.items() if re.fullmatch(used, name)), None)
        caps = [s for name, group in mine.items() if re.fullmatch(limits, name) for s in group if _of_memory(s)]
        taken = {s.labels.get("__name__") for m in found for s in m.series}
        if series and series[0].labels.get("__name__") not in taken:
            limit = max((s.last for s in caps if s.last < 2**60), default=0.0) or None
            if role == "disk":
                # How much is stored says nothing; how full it is does.
                found += [Measure(role, "ratio", [_share(one, limit) for one in series], 1.0)] if limit else []
                continue
            together = role == "pg_connections" and len(series) > 1
            most = holder(series) if together else None
            summed = [total_of(series), *([most] if most else [])] if together else series
            found.append(_of_packets(summed, limit) if role == "packet_table" else Measure(role, unit, summed, limit))
    return found


# Who takes from a queue, and what waits in it.
_CONSUMERS = r"\w*queue_consumers?(?:_count)?|\w*consumer_?(?:count|group_members)"
_WAITING = r"\w*queue_messages(?:_ready)?|\w*(?:consumer_?group|group)_lag(?:_sum)?|\w*queue_(?:size|depth|length)"
_MUCH = 20.0
UNCONSUMED = "nobody takes what is in the queue any more: its consumers are gone"


def _unconsumed(mine: _Groups) -> list[Measure]:
    """Queues that had consumers, have none, and grow. One that nobody fills needs nobody."""
    waiting = [s for name, group in mine.items() if re.fullmatch(_WAITING, name) for s in group]
    gone = [
        one
        for name, group in mine.items()
        if re.fullmatch(_CONSUMERS, name)
        for one in group
        if one.last == 0 < max(value for _, value in one.points)
        and any(_same(one, queue) and queue.last >= max(_MUCH, 2 * queue.points[0][1]) for queue in waiting)
    ]
    return [
        Measure("consumers", "count", [one], None, False, "dependency_failure", "strong", zero, UNCONSUMED)
        for one in gone
    ]


def _of_packets(used: list[Series], limit: float | None) -> Measure:
    """Tables without which the kernel lets no new packets through: full ones are the network's trouble."""
    bad = above(_FULL * limit) if limit else None
    means = "the kernel's table of connections or neighbours is full: it drops what is new"
    return Measure("packet_table", "count", used, limit, False, "network_error", "strong", bad, means)


def _share(series: Series, whole: float) -> Series:
    return Series(series.labels, [(at, value / whole) for at, value in series.points])


def _used_up(mine: _Groups) -> list[Measure]:
    """What is left of something, as the share that is used; the fullest first, whichever kind it is."""
    found: list[Measure] = []
    for free, size, role in _SHARES:
        group = next((g for n, g in mine.items() if re.fullmatch(free, n)), [])
        # An image has no room by nature.
        pairs = [(f, s) for f in group if not packed(f.labels) for s in mine.get(size, []) if _same(f, s)]
        if pairs:
            used = [Series(f.labels, [(at, 1 - v) for at, v in ratio(f, s).points]) for f, s in pairs]
            found.append(Measure(role, "ratio", sorted(used, key=lambda s: -s.last), 1.0))
    machine = machine_memory(mine)
    return sorted([*machine[:1], *found], key=lambda m: -m.series[0].last) + machine[1:]


def _cores(mine: _Groups) -> list[Measure]:
    """The CPU it uses, against its limit where there is one. At its limit it may be just busy: a hint, no more."""
    found: list[Measure] = []
    caps = {_pod(s): s.last for s in mine.get("kube_pod_container_resource_limits", []) if not _of_memory(s)}
    for one in mine.get("container_cpu_usage_seconds_total", []):
        limit = caps.get(_pod(one))
        bad = above(0.95 * limit) if limit else None
        found.append(Measure("cpu", "cores", [rate(one)], limit, bad=bad, category="cpu_throttling"))
    return found


def _pod(series: Series) -> tuple[str, str]:
    return series.labels.get("pod", ""), series.labels.get("container", "")


def _cpu(series: Sequence[Series]) -> list[Measure]:
    """A machine's time that others took, out of its time by mode."""
    stolen = [rate(s) for s in series if s.labels.get("mode") == "steal"]
    means = "the hypervisor gives the CPU to others (steal, a noisy neighbour)"
    return (
        [Measure("cpu_steal", "ratio", stolen, bad=above(0.1), category="cpu_throttling", weight="strong", means=means)]
        if stolen
        else []
    )


def _of_memory(series: Series) -> bool:
    return series.labels.get("resource", "memory") == "memory"


def _same(one: Series, other: Series) -> bool:
    shared = set(one.labels) & set(other.labels) - {"__name__"}
    return all(one.labels[key] == other.labels[key] for key in shared)


def _quota(mine: _Groups) -> tuple[Series | None, float]:
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
