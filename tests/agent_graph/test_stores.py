"""What a store is concluded to suffer from, by series, lines and changes: the cause with its telling fact, or none."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import pytest

from agent_graph.analysts.rules.analyst import analyse
from agent_graph.conclusion import Draft
from agent_graph.sources.alert import AlertSource
from agent_graph.sources.changes import evidence_of as changes_of
from agent_graph.sources.measures import measures_of
from agent_graph.sources.metric_evidence import evidence_of
from agent_graph.sources.series import Series
from tests.agent_graph.cases import BEGAN, NOW, alert, case, logs
from tests.agent_graph.test_metric_shapes import always, series, since


@dataclass(frozen=True)
class Seen:
    """`fires`: what the alert is called. `done`: minutes before, kind, whose, what. `beside`: others' lines."""

    name: str
    fires: str
    found: list[Series]
    lines: tuple[str, ...] = ()
    done: tuple[tuple[float, str, str, str], ...] = ()
    of: str = "host"
    labels: tuple[tuple[str, str], ...] = ()
    beside: tuple[str, ...] = ()


async def concluded(seen: Seen) -> Draft:
    fires = alert(name=seen.fires, labels={"alertname": seen.fires, **dict(seen.labels)}, annotations={})
    told = case(seen.name, alerts=[fires], source_type=seen.of)
    rows = [
        {"ts": (BEGAN - timedelta(minutes=ago)).isoformat(), "kind": kind, "target": whose, "summary": what}
        for ago, kind, whose, what in seen.done
    ]
    source = AlertSource()
    evidence = [
        *(await source.answer(told, source.first(told)[0])),
        *evidence_of(told, measures_of(told, seen.found), BEGAN - timedelta(minutes=40), NOW),
        *([logs(*seen.lines)] if seen.lines else []),
        *([logs(*seen.beside).model_copy(update={"data": {"own": False}})] if seen.beside else []),
        *changes_of(told, rows, "changes"),
    ]
    return analyse(told, [one.model_copy(update={"label": f"E{n}"}) for n, one in enumerate(evidence, 1)])


def disk(share: Callable[[int], float]) -> list[Series]:
    free = series("node_filesystem_avail_bytes", lambda n: 1e12 * (1 - share(n)), mountpoint="/data")
    return [free, series("node_filesystem_size_bytes", always(1e12), mountpoint="/data")]


MARIADB = (
    "2026-11-21 3:00:00 9 [ERROR] Slave SQL: Could not execute Update_rows_v1 event on table shop.stock; Can't find "
    "record in 'stock', Error_code: 1032, Gtid 0-1-55, Internal MariaDB error code: 1032",
    "2026-11-21 3:00:00 9 [ERROR] Slave SQL thread aborted. Fix the problem, and restart the slave SQL thread",
)
REDIS = (
    "1:S 21 Nov 2026 03:00:00.100 # Failed trying to load the MASTER synchronization DB from disk, no space left",
    "1:S 21 Nov 2026 03:00:02.100 # Connection with master lost: Internal error in RDB reading",
)

SENT_AWAY = (
    "2026-11-21T03:00:00Z [cache-0] 8:M 21 Nov 2026 03:00:00.000 # Client id=2 addr=10.0.0.8:5012 flags=S cmd=psync "
    "scheduled to be closed ASAP for overcoming of output buffer limits.",
)
LOST = ("1:S 21 Nov 2026 03:00:00.100 # I/O error trying to sync with MASTER: connection lost",)
PARTED = (
    "2026-11-21T03:00:00Z [error] Mnesia('rabbit@b'): ** ERROR ** mnesia_event got {inconsistent_database, "
    "running_partitioned_network, 'rabbit@a'}",
    *(
        f"2026-11-21T03:0{n}:00Z [error] queue.declare caused a channel exception not_found: queue 'labels' in "
        "vhost '/' process is stopped by supervisor"
        for n in range(1, 9)
    ),
)
UPLINK = ((2, "maintenance", "sw-4", "network: uplink moved to the new core"),)


def outages(n: int) -> float:
    """A member away for four minutes of every ten."""
    return 40.0 if n % 10 < 4 and n < 6 else 0.0


COPIES = series("kafka_server_replicamanager_underreplicatedpartitions", outages)
STUCK = series("kafka_controller_kafkacontroller_offlinepartitionscount", since(0, 12))
STEADY = series("http_request_duration_seconds:p95", always(0.12), service="web")
SLOW = series("http_request_duration_seconds:p95", since(0.12, 3.0), service="web")
FULL = [
    series("redis_memory_used_bytes", lambda n: 9.9e8 + n * 1e5),
    series("redis_memory_max_bytes", always(1e9)),
    series("redis_instance_info", always(1), maxmemory_policy="volatile-ttl"),
]
EVICTS = series("redis_evicted_keys_total", lambda n: (n + 40) * 20.0 + max(0, n) * 9_000.0)
ROLLS = ((55, "maintenance", "kafka-3", "rolling restart of the brokers for new JVM settings"),)
FLAG = ((22, "feature_flag", "recs", "flag recs-cache turned on for 100%"),)
FILLS = series("redis_memory_used_bytes", lambda n: 3e8 if n < -20 else min(1e9, 3e8 + (n + 20) * 4e7))
REFUSED = tuple(f"ERROR SET cart:{n} failed: OOM command not allowed when used memory > 'maxmemory'" for n in range(5))
WAITS = series("rabbitmq_queue_messages_ready", lambda n: 3.0 if n < -2 else (n + 3) * 900.0, queue="render")
TAKEN = series("rabbitmq_queue_consumers", since(6, 0), queue="render")
NIGHTLY = series("rabbitmq_queue_consumers", always(0), queue="nightly")
LAG = series(
    "kafka_consumergroup_lag",
    lambda n: 20.0 if n < -4 or n > 5 else 3000.0 - abs(n) * 400,
    consumergroup="mail",
    topic="jobs",
)
SQL, LINK = "mysql_slave_status_slave_sql_running", "redis_master_link_up"
# What is measured and said → category, and what a reader must be told.
TROUBLE: dict[str, tuple[Seen, str, str]] = {
    "an applier that meets a row that is not there": (
        Seen("db-2", "ReplicationStopped", [series(SQL, since(1, 0))], MARIADB),
        *("replication_lag", "record in 'stock'"),
    ),
    "a replica that lost its master for want of room": (
        Seen("cache-1", "RedisReplicaDown", [series(LINK, since(1, 0))], REDIS),
        *("replication_lag", "no space left"),
    ),
    "a replica that is sent away for what it has not fetched": (
        Seen("cache-1", "RedisReplicaDown", [series(LINK, since(1, 0))], LOST, beside=SENT_AWAY),
        *("replication_lag", "output buffer limits"),
    ),
    "nodes that parted, and queues without a process": (
        Seen("broker", "Partition", [series("rabbitmq_unreachable_cluster_peers_count", since(0, 1))], PARTED, UPLINK),
        *("network_error", "uplink moved"),
    ),
    "a queue that nobody takes from any more": (
        Seen("broker", "QueueGrows", [WAITS, TAKEN, NIGHTLY]),
        *("dependency_failure", "its consumers are gone"),
    ),
    "a node that its cluster left alone": (
        Seen("db-2", "GaleraNotReady", [series("mysql_global_status_wsrep_ready", since(1, 0))]),
        *("dependency_failure", "no working part of its cluster"),
    ),
    "a disk that fills up, before it is full": (
        Seen("pg-1", "HostOutOfDiskSpace", disk(lambda n: 0.90 + n * 0.002)),
        *("disk_pressure", "at this pace full in"),
    ),
    "a rolling restart that leaves partitions without a leader": (
        Seen("kafka-3", "KafkaUnderReplicated", [COPIES, STUCK, STEADY], done=ROLLS),
        *("dependency_failure", "no leader"),
    ),
    "a cache that lets go what its users need": (
        Seen("cache-1", "RedisMemoryHigh", [*FULL, EVICTS, SLOW]),
        *("memory_pressure", "evicted"),
    ),
    "a store that began to fill when a flag was turned on": (
        Seen("cart-redis", "CartErrors", [FILLS, FULL[1], SLOW], REFUSED, FLAG),
        *("memory_pressure", "flag recs-cache"),
    ),
}
WELL: dict[str, Seen] = {
    "a lag that a rollout brought, and that is gone": Seen(
        "mail",
        "KafkaLag",
        [LAG],
        done=((5, "deploy", "mail", "mail 2.9"),),
        labels=(("group", "mail"), ("topic", "jobs")),
    ),
    "a queue of the night, by day": Seen("broker", "NoConsumers", [NIGHTLY, series("up", always(1))]),
    "a disk as full as ever": Seen("pg-1", "HostOutOfDiskSpace", [*disk(always(0.9)), series("up", always(1))]),
    "brokers that are restarted one by one": Seen("kafka-3", "KafkaUnderReplicated", [COPIES, STEADY], done=ROLLS),
    "a cache that is full by design": Seen("cache-1", "RedisMemoryHigh", [*FULL, STEADY]),
    "a disk that an alert is not about": Seen("pg-1", "HostSwaps", disk(lambda n: 0.90 + n * 0.002)),
}


@pytest.mark.parametrize("name", TROUBLE)
async def test_the_cause_is_named_with_its_telling_fact(name: str):
    seen, category, said = TROUBLE[name]
    draft = await concluded(seen)
    assert (draft.verdict, draft.category) == ("incident", category)
    assert said in draft.root_cause


@pytest.mark.parametrize("name", WELL)
async def test_what_only_looks_alike_is_no_incident(name: str):
    assert (await concluded(WELL[name])).verdict != "incident"
