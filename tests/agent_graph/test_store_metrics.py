"""Exporters of stores, brokers and pools: what their counters mean, and what of them is no trouble."""

import pytest

from agent_graph.sources.measures import measures_of
from agent_graph.sources.series import Series
from tests.agent_graph.cases import case
from tests.agent_graph.test_metric_shapes import BAD, OVER, WELL, always, series, signs, since, until

LOCKED = {"command": "query", "state": "waiting_for_table_metadata_lock"}
BEHIND, DR = "mysql_slave_status_seconds_behind_master", {"instance": "dr:9104"}
SLOW = [series("http_request_duration_seconds:p95", since(0.1, 4.0))]


def counter(name: str, before: float, after: float, **labels: str) -> Series:
    """Grows by so much a minute, before it began and since."""
    return series(name, lambda n: before * (n + 40) + max(0, n) * (after - before), **labels)


MEANT: dict[str, tuple[list[Series], set[tuple[str, str]]]] = {
    "a replica whose SQL thread has stopped": (
        [series("mysql_slave_status_slave_sql_running", since(1, 0))],
        {("replication_lag", "proof"), BAD},
    ),
    "nobody confirms commits any more": (
        [series("mysql_global_status_rpl_semi_sync_source_clients", since(1, 0))],
        {("replication_lag", "strong"), BAD},
    ),
    "all partitions have all their replicas": ([series("kafka_topic_under_replicated_partitions", always(0))], {WELL}),
    "nobody ever confirmed commits": ([series("mysql_global_status_rpl_semi_sync_source_clients", always(0))], set()),
    "a copy that is an hour late, as it is told to be": (
        [series(BEHIND, always(3601), **DR), series("mysql_slave_status_sql_delay", always(3600), **DR)],
        {WELL},
    ),
    "a copy that is two hours late, and told to be one": (
        [series(BEHIND, since(3601, 7300), **DR), series("mysql_slave_status_sql_delay", always(3600), **DR)],
        {("replication_lag", "proof"), BAD},
    ),
    "down three times, and up for no longer than between": (
        [series("pg_up", lambda n: float(n % 12 not in (5, 6)))],
        set(),
    ),
    "a replica that lost its master for a while": ([series("redis_master_link_up", until(0, 1))], {OVER}),
    "a broker's alarm for its disk, by its own exporter": (
        [series("rabbitmq_alarms_free_disk_space_watermark", since(0, 1))],
        {("disk_pressure", "proof"), BAD},
    ),
    "a volume has spent what it could burst with": (
        [series("aws_rds_burst_balance_average", since(40, 0))],
        {("quota_exceeded", "strong"), BAD},
    ),
    "a volume that has some left": ([series("aws_rds_burst_balance_average", since(40, 12))], set()),
    "a volume that never had any": ([series("aws_ebs_burst_balance_average", always(0))], set()),
    "no alarm": ([series("rabbitmq_alarms_memory_used_watermark", always(0))], set()),
    "a broker gave a disk up": (
        [series("kafka_log_logmanager_offlinelogdirectorycount", since(0, 1))],
        {("node_failure", "strong"), BAD},
    ),
    "a disk fails its own test": (
        [series("smartctl_device_smart_status", since(1, 0), device="sdb")],
        {("node_failure", "strong"), BAD},
    ),
    "an array lost a disk": (
        [series("node_md_disks", since(6, 5), state="active"), series("node_md_disks", since(0, 1), state="failed")],
        {("node_failure", "strong"), BAD},
    ),
    "an array is whole": ([series("node_md_disks", always(0), state="failed")], set()),
    "primary shards are missing": (
        [series("elasticsearch_cluster_health_status", since(0, 1), color="red")],
        {BAD},
    ),
    "replicas are missing": ([series("elasticsearch_cluster_health_status", since(0, 1), color="yellow")], set()),
    "breakers trip": (
        [counter("elasticsearch_breakers_tripped", 0, 40, breaker="parent")],
        {("memory_pressure", "strong"), BAD},
    ),
    "a pool gives no connection in time": (
        [counter("hikaricp_connections_timeout_total", 0, 30, pool="main")],
        {("connection_exhaustion", "strong"), BAD},
    ),
    "the same pool, without waiters": ([counter("hikaricp_connections_timeout_total", 0, 0)], {WELL}),
    "the server turns clients away": (
        [counter("mysql_global_status_connection_errors_total", 0, 20, error="max_connections")],
        {("connection_exhaustion", "strong"), BAD},
    ),
    "a cache evicts, as caches do": ([counter("redis_evicted_keys_total", 0, 900)], set()),
    "and its users wait": (
        [counter("redis_evicted_keys_total", 0, 900), *SLOW],
        {("memory_pressure", "strong"), BAD},
    ),
    "consumers wait for work": ([series("redis_blocked_clients", since(1, 40))], set()),
    "sessions wait for a lock of the dictionary": (
        [series("mysql_info_schema_processlist_threads", since(0, 139), **LOCKED)],
        {("lock_contention", "weak"), BAD},
    ),
    "much stored, and room for ten times as much": (
        [series("container_fs_usage_bytes", always(5e9)), series("container_fs_limit_bytes", always(5e10))],
        set(),
    ),
    "a cluster that lost its leader": (
        [series("etcd_server_has_leader", since(1, 0))],
        {("dependency_failure", "strong"), BAD},
    ),
}


@pytest.mark.parametrize("name", MEANT)
def test_a_store_counts(name: str):
    found, wanted = MEANT[name]
    assert signs(*found) == wanted


@pytest.mark.parametrize(
    ("used", "limit"),
    [
        ("etcd_mvcc_db_total_size_in_bytes", "etcd_server_quota_backend_bytes"),
        ("memcached_current_connections", "memcached_max_connections"),
        ("r2dbc_pool_acquired", "r2dbc_pool_max_allocated"),
        ("rabbitmq_process_open_fds", "rabbitmq_process_max_fds"),
        ("rabbitmq_process_resident_memory_bytes", "rabbitmq_resident_memory_limit_bytes"),
    ],
)
def test_what_is_used_stands_against_its_limit(used: str, limit: str):
    found, *_ = measures_of(case("web"), [series(used, since(30, 99)), series(limit, always(100))])
    assert found.limit
    assert found.series[0].last / found.limit == 0.99
