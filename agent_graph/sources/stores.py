"""What the exporters of databases, brokers, caches, searches and pools count, where its name alone does not tell.

mysqld_exporter, redis_exporter, mongodb_exporter, kafka_exporter and JMX, rabbitmq_prometheus, elasticsearch_exporter,
etcd, MinIO, Ceph, Patroni, CloudNativePG, HikariCP, go_sql, php-fpm.
"""

import re
from collections.abc import Sequence

from agent_graph.sources.courses import monotonic, rate
from agent_graph.sources.measure import Measure, above, zero
from agent_graph.sources.series import Series
from agent_graph.sources.shapes import Shape, shaped


def _grown(series: Series) -> Series:
    """A counter as its growth, whether or not its name says that it is one."""
    return rate(series) if monotonic(series) else series


def off_one(value: float) -> bool:
    """Not 1 (PRIMARY), as Galera calls the part that may answer."""
    return value != 1


def spent(value: float) -> bool:
    """Nothing is left: of percent, of credits, of bytes."""
    return value < 1


_LENT = r"\w*(?:burst_?(?:credit_?)?balance|ebs_?(?:io|byte)_?balance)"
STOPPED = "replication has stopped"
_NO_CONNECTION = "callers get no connection of the pool in time"
_SHAPES = (
    # Replication, membership and leaders: gone, not only late.
    Shape(
        r"mysql_(?:slave|replica)_status_(?:slave|replica)_(?:io|sql)_running",
        *("replicating", "bool", zero, "replication_lag", "proof", STOPPED),
    ),
    Shape(
        r"redis_(?:master|slave_master)_link_up",
        *("replicating", "bool", zero, "replication_lag", "proof", f"{STOPPED}: the replica has lost its master"),
    ),
    # Commits that wait until a copy has them, or for the time that is set where no copy is there.
    Shape(
        r"mysql_global_status_rpl_semi_sync_(?:master|source)_clients",
        *("confirming", "count", zero, "replication_lag", "strong", "no replica is left to confirm (semi-sync)"),
    ),
    Shape(
        r"mysql_global_status_rpl_semi_sync_(?:master|source)_wait_sessions",
        *("commits", "count", above(5), "replication_lag", "strong", "commits wait to be confirmed (semi-sync)"),
    ),
    Shape(
        r"mongodb_\w*members?_health",
        *("member", "bool", zero, "node_failure", "weak", "a member of the replica set is not reached"),
    ),
    Shape(
        r"\w*under_?replicated_?partitions?\w*",
        *("in_sync", "count", above(1), "replication_lag", "weak", "partitions have too few replicas in sync"),
    ),
    Shape(
        r"\w*offline_?partitions?\w*",
        *("leader", "count", above(1), "dependency_failure", "strong", "partitions have no leader"),
    ),
    Shape(
        r"etcd_server_has_leader|redis_cluster_state",
        *("leader", "bool", zero, "dependency_failure", "strong", "the cluster has no leader, or is not whole"),
    ),
    Shape(
        r"mysql_global_status_wsrep_(?:ready|connected)|galera_(?:ready|primary)",
        *("leader", "bool", zero, "dependency_failure", "strong", "the node is no working part of its cluster (wsrep)"),
    ),
    Shape(
        r"mysql_global_status_wsrep_cluster_status",
        *("leader", "bool", off_one, "dependency_failure", "strong", "its part of the cluster has no majority (wsrep)"),
    ),
    Shape(
        r"patroni_cluster_unlocked",
        *("leader", "bool", above(1), "dependency_failure", "strong", "the cluster has no leader"),
    ),
    Shape(
        r"rabbitmq_(?:unreachable_cluster_peers_count|(?:node_)?partitions)",
        *("partition", "count", above(1), "network_error", "strong", "nodes of the cluster do not see each other"),
    ),
    Shape(
        r"minio_\w*(?:drives?|disks?|nodes?)_offline\w*",
        *("offline", "count", above(1), "node_failure", "weak", "drives or nodes of the object store are offline"),
    ),
    # A disk that was given up.
    Shape(
        r"\w*offline_?log_?director\w*",
        *("offline", "count", above(1), "node_failure", "strong", "a directory of its log is offline: its disk fails"),
    ),
    Shape(
        r"smart\w*_device_(?:smart_status|smart_healthy|health_ok)",
        *("smart", "bool", zero, "node_failure", "strong", "a disk says of itself that it fails (SMART)"),
    ),
    Shape(r"ceph_health_status", "cluster", "count", above(2), "", "strong", "its health is an error"),
    # What a cloud lends: who has spent it is served at the base rate, whatever its disk or CPU could do.
    Shape(
        rf"{_LENT}\w*",
        *("credits", "", spent, "quota_exceeded", "strong", "its burst credits are spent: it gets the base rate only"),
    ),
    Shape(
        r"\w*cpu_?credit_?balance\w*",
        *("credits", "", spent, "cpu_throttling", "weak", "its CPU credits are spent"),
    ),
    # What runs out.
    Shape(
        r"rabbitmq_node_mem_alarm|rabbitmq_alarms_memory_used_watermark",
        *("memory_alarm", "bool", above(1), "memory_pressure", "proof", "its memory alarm is set"),
    ),
    Shape(
        r"rabbitmq_node_disk_(?:free_)?alarm|rabbitmq_alarms_free_disk_space_watermark",
        *("disk_alarm", "bool", above(1), "disk_pressure", "proof", "its disk alarm is set"),
    ),
    Shape(
        r"redis_(?:rdb_last_bgsave|aof_last_(?:write|bgrewrite))_status",
        *("saving", "bool", zero, "disk_pressure", "weak", "it could not save its data to disk"),
    ),
    Shape(
        r"cnpg_collector_pg_wal_archive_status|\w*wal_(?:files_)?ready(?:_count)?",
        *("archiving", "count", above(20), "disk_pressure", "weak", "segments of the WAL wait to be archived"),
    ),
    Shape(
        r"elasticsearch_\w*breakers?_\w*tripped\w*",
        *("breaker", "", None, "memory_pressure", "strong", "its circuit breakers trip: requests need too much memory"),
        as_=_grown,
        rising=True,
    ),
    Shape(r"elasticsearch_thread_?pool_rejected\w*", "errors", as_=_grown, rising=True),
    Shape(
        r"\w*(?:hikaricp|pool|connections?)_?\w*timeouts?(?:_total|_count)?",
        *("pool_waits", "count", None, "connection_exhaustion", "strong", _NO_CONNECTION),
        as_=_grown,
        rising=True,
        but=r"seconds|_ms\b|idle|config|setting",
    ),
    Shape(
        r"go_sql\w*(?:blocked_seconds|waited_for|wait_duration)\w*|phpfpm_max_children_reached\w*",
        *("pool_waits", "count", None, "connection_exhaustion", "strong", "callers wait for one that is free"),
        as_=_grown,
        rising=True,
    ),
    # Old versions of rows, which every reader passes: kept as long as somebody's transaction may ask for them.
    Shape(
        r"\w*(?:history_list_length|rseg_history_len)\w*",
        *("history", "count", above(1_000_000), "slow_query", "strong"),
        "old versions of rows pile up (history list): a transaction that is open for long keeps them from being purged",
    ),
    # What explains that users suffer, and is no trouble without.
    Shape(r"(?:redis|memcached)_\w*evicted\w*|memcached_items_evicted_total", "evictions", as_=_grown),
    Shape(r"mysql_global_status_slow_queries", "slow_statements", as_=_grown),
    # Consumers that wait for work are what a queue is for; how many they are says nothing without what waits.
    Shape(
        r"redis_blocked_clients|\w*queue_consumers?(?:_count)?|\w*consumer_?(?:count|group_members)",
        "consumers",
        "count",
    ),
    Shape(
        r"\w*row_lock_(?:current_waits|waits)|\w*lock_waits(?:_total)?",
        *("locks", "count", None, "lock_contention", "weak", "statements wait for row locks"),
        rising=True,
    ),
)


def known(name: str, group: Sequence[Series]) -> list[Measure]:
    """What a store's series mean; empty where the general shapes of names are enough."""
    name = name.split(":")[0]
    if name == "elasticsearch_cluster_health_status":
        red = [s for s in group if s.labels.get("color") == "red"]
        means = "primary shards are missing (red)"
        return [Measure("cluster", "bool", red, bad=above(1), weight="strong", means=means)] if red else []
    if name == "node_md_disks":
        lost = [s for s in group if s.labels.get("state") == "failed"]
        means = "an array has lost a disk"
        return [Measure("array", "count", lost, None, False, "node_failure", "strong", above(1), means)] if lost else []
    if re.fullmatch(r"kafka_connect_\w*task_status", name):
        dead = [s for s in group if s.labels.get("status", "").lower() == "failed"]
        means = "a task of a connector has failed, and does not start again by itself, whatever the connector says"
        return [Measure("task", "bool", dead, None, False, "app_crash", "strong", above(1), means)] if dead else []
    if name == "mysql_global_status_connection_errors_total":
        full = [s for s in group if s.labels.get("error") == "max_connections"]
        means = "connections are turned away"
        refused = Shape(name, "refused", "", None, "connection_exhaustion", "strong", means, rising=True)
        return [shaped(refused, name, full)] if full else []
    if re.search(rf"{_LENT}|credit_?balance", name):
        # Who never had any is not used to them.
        group = [s for s in group if s.points[0][1] > 1]
    if "_semi_sync_" in name:
        # Who never had a copy that confirms does not wait for one.
        group = [s for s in group if any(value for _, value in s.points)]
    shape = next((s for s in _SHAPES if re.fullmatch(s.name, name) and not re.search(s.but, name)), None)
    return [shaped(shape, name, group)] if shape and group else []
