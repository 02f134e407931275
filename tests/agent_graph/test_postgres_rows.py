"""Rows of statistics views in whatever shape they were saved: who blocks, what is full, what wears the server down."""

from typing import Any

import pytest

from agent_graph.sources.postgres.state import evidence_of
from tests.agent_graph.cases import case

ROOM = [{"name": "max_connections", "setting": "100"}]
BUSY = {"state": "active", "query": "select * from orders where id = 7", "query_start": "2026-11-21T03:09:59Z"}
ARCHIVED = {"archived_count": 9, "failed_count": 4, "last_archived_time": "2026-11-21T01:00:00Z"}
NEVER = {"archived_count": 0, "last_archived_time": None, "last_failed_time": "2026-11-21T03:08:00Z"}
TABLE = {"relname": "orders", "n_live_tup": 5_000_000, "n_dead_tup": 10}
BLOATED = {**TABLE, "n_dead_tup": 9_000_000, "last_vacuum": None, "last_autovacuum": "2026-11-01 02:00:00+00"}

# A replica's own processes, a statement of more than an hour, and the log on its way.
REPLICA = [{"pid": 3, "backend_type": "startup", "wait_event_type": "IPC", "wait_event": "RecoveryConflictSnapshot"}]
SINCE = {"xact_start": "2026-11-21T02:00:00Z", "query_start": "2026-11-21T02:00:00Z"}
READS = {"state": "active", "backend_type": "client backend", "query": "select sum(amount) from payments", **SINCE}
LATE = [{"name": "recovery_min_apply_delay", "setting": "3600000", "unit": "ms"}]
FOR_EVER = [{"name": "max_standby_streaming_delay", "setting": "-1"}]
SENT = {"application_name": "r1", "state": "streaming", "sent_lsn": "5A/91C02F10", "flush_lsn": "5A/91C02F10"}

# name: documents, signs that are no hint of health, a part of what the first of them means
ROWS: dict[str, tuple[dict[str, Any], set[tuple[str, str]], str]] = {
    "sessions counted by state fill the server": (
        {"pg_stat_activity": [{"state": "idle", "count": 96}, {"state": "active", "count": 2}], "pg_settings": ROOM},
        {("connection_exhaustion", "proof")},
        "98 of 100 connections",
    ),
    "one file with several views": (
        {"dump": {"pg_stat_activity": [{"state": "idle", "count": 97}], "pg_settings": ROOM}},
        {("connection_exhaustion", "proof")},
        "97 of 100",
    ),
    "columns in capitals": (
        {
            "pg_stat_activity": [{"STATE": "idle", "COUNT": "97"}],
            "pg_settings": [{"NAME": "max_connections", "SETTING": 100}],
        },
        {("connection_exhaustion", "proof")},
        "97 of 100",
    ),
    "a blocking query tells of the blocker itself": (
        {
            "blocking": [
                {
                    "blocked_pid": 8,
                    "blocking_pid": 7,
                    "blocking_user": "report",
                    "current_statement_in_blocking_process": "ALTER TABLE orders ADD x int",
                }
            ]
        },
        {("lock_contention", "proof")},
        "ALTER TABLE orders",
    ),
    "everybody runs the same statement": (
        {"pg_stat_activity": [{"pid": n, **BUSY} for n in range(1, 9)], "pg_settings": ROOM},
        {("slow_query", "weak")},
        "8 of 8 active sessions",
    ),
    "a large table without an index, and nothing else": (
        {"pg_stat_user_tables": [{**TABLE, "seq_scan": 9_000, "seq_tup_read": 4e10, "idx_scan": 3}]},
        {("slow_query", "weak")},
        "sequential scans",
    ),
    "and sessions that suffer from it": (
        {
            "pg_stat_user_tables": [{**TABLE, "seq_scan": 9_000, "seq_tup_read": 4e10, "idx_scan": 3}],
            "waits": [{"wait_event_type": "IO", "wait_event": "DataFileRead", "avg_active_sessions": 4.2}],
        },
        {("slow_query", "strong"), ("slow_query", "weak")},
        "DataFileRead",
    ),
    "a large table read by index": (
        {"pg_stat_user_tables": [{**TABLE, "seq_scan": 120, "seq_tup_read": 1e8, "idx_scan": 90_000}]},
        set(),
        "",
    ),
    "reads that overload the server by themselves": (
        {"waits": [{"wait_event_type": "IO", "wait_event": "DataFileRead", "avg_active_sessions": 14}]},
        {("slow_query", "strong")},
        "DataFileRead",
    ),
    "sessions that wait for their clients": (
        {"waits": [{"wait_event_type": "Client", "wait_event": "ClientRead", "avg_active_sessions": 40}]},
        set(),
        "",
    ),
    "a slot's size as people read it": (
        {
            "pg_replication_slots": [
                {"slot_name": "cdc", "active": "f", "wal_status": "extended", "retained_wal": "569 GB"}
            ]
        },
        {("replication_lag", "proof")},
        "cdc",
    ),
    "a replica that streams": (
        {"pg_stat_replication": [{"application_name": "r1", "state": "streaming", "replay_lag": "00:00:00.004"}]},
        set(),
        "",
    ),
    "a statement that replay waits for": (
        {"pg_stat_activity": [*REPLICA, {**READS, "pid": 71, "usename": "bi"}], "pg_settings": FOR_EVER},
        {("replication_lag", "proof")},
        "replay waits (RecoveryConflictSnapshot) for pid 71 (bi)",
    ),
    "an old replica says nothing, and replay stopped when the statement began": (
        {
            "pg_stat_activity": [{**REPLICA[0], "wait_event": None}, {**READS, "pid": 71, "usename": "bi"}],
            "recovery": [{"application_name": "this server", "state": "replica", "replay_lag_seconds": 4190}],
        },
        {("replication_lag", "proof")},
        "stands still since pid 71 (bi)",
    ),
    "somebody has paused it": (
        {"pg_stat_activity": [{**REPLICA[0], "wait_event_type": "IPC", "wait_event": "RecoveryPause"}]},
        {("replication_lag", "proof")},
        "paused",
    ),
    "a replica that is told to be late": (
        {"pg_stat_activity": [{**REPLICA[0], "wait_event": "RecoveryApplyDelay"}], "pg_settings": LATE},
        {("told_delay", "weak")},
        "later on purpose",
    ),
    "a primary does nothing by that setting": (
        {"pg_stat_activity": [{"pid": 7, **BUSY}], "pg_settings": LATE},
        set(),
        "",
    ),
    "a worker of its own cleans a table": (
        {
            "pg_stat_activity": [
                {"pid": 9, **SINCE, "backend_type": "autovacuum worker", "query": "autovacuum: VACUUM a"}
            ]
        },
        {("upkeep", "weak")},
        "autovacuum: VACUUM a has been at work",
    ),
    "a long statement on a replica that keeps up": (
        {"pg_stat_activity": [{**REPLICA[0], "wait_event": "RecoveryWalStream"}, {**READS, "pid": 71}]},
        {("slow_query", "strong")},
        "pid 71 has been running",
    ),
    "received, and not replayed": (
        {"pg_stat_replication": [{**SENT, "replay_lsn": "5A/03B11A68"}]},
        {("replication_lag", "proof")},
        "something on the replica holds it",
    ),
    "sent, and not received": (
        {"pg_stat_replication": [{**SENT, "flush_lsn": "5A/03B11A68", "replay_lsn": "5A/03B11A68"}]},
        {("replication_lag", "proof")},
        "does not receive what is sent",
    ),
    "clients queue at the pool": (
        {
            "pgbouncer": [
                {"database": "shop", "user": "app", "cl_waiting": 41, "maxwait": 17, "sv_active": 20, "sv_idle": 0}
            ]
        },
        {("connection_exhaustion", "strong")},
        "41 clients wait",
    ),
    "a pool with room": (
        {
            "pgbouncer": [
                {"database": "shop", "user": "app", "cl_waiting": 0, "maxwait": 0, "sv_active": 2, "sv_idle": 9}
            ]
        },
        set(),
        "",
    ),
    "archiving fails since": (
        {"pg_stat_archiver": [{**ARCHIVED, "last_failed_time": "2026-11-21T03:08:00Z"}]},
        {("disk_pressure", "weak"), ("dependency_failure", "strong")},
        "archiving of the WAL has failed since 01:00:00",
    ),
    "dead rows that every reader passes": (
        {"pg_stat_activity": [BUSY], "pg_stat_user_tables": [BLOATED]},
        {("slow_query", "strong")},
        "orders is bloated: more dead rows than live ones, last vacuumed at 2026-11-01 02:00",
    ),
    "dead rows that nobody reads": ({"pg_stat_user_tables": [BLOATED]}, {("slow_query", "weak")}, "bloated"),
    "dead rows that are being cleaned": (
        {
            "pg_stat_activity": [BUSY, {"state": "active", "query": "autovacuum: VACUUM public.orders"}],
            "pg_stat_user_tables": [BLOATED],
        },
        {("slow_query", "weak")},
        "bloated",
    ),
    "archiving fails for a moment": (
        {
            "pg_stat_archiver": [
                {**ARCHIVED, "last_archived_time": "2026-11-21T03:07:00Z", "last_failed_time": "2026-11-21T03:08:00Z"}
            ]
        },
        {("disk_pressure", "weak")},
        "archiving",
    ),
    "archiving has never worked": (
        {"pg_stat_archiver": [{**NEVER, "failed_count": 500}]},
        {("disk_pressure", "weak"), ("dependency_failure", "strong")},
        "archiving of the WAL has never succeeded",
    ),
    "archiving has not worked since the statistics began": (
        {"pg_stat_archiver": [{**NEVER, "failed_count": 90, "stats_reset": "2026-11-21T01:00:00Z"}]},
        {("disk_pressure", "weak"), ("dependency_failure", "strong")},
        "archiving of the WAL has never succeeded since 2026-11-21 01:00",
    ),
    "archiving was switched on a minute ago": (
        {"pg_stat_archiver": [{**NEVER, "failed_count": 3, "stats_reset": "2026-01-01T01:00:00Z"}]},
        {("disk_pressure", "weak")},
        "archiving",
    ),
    "archiving failed once and went on": (
        {"pg_stat_archiver": [{**ARCHIVED, "last_failed_time": "2026-11-20T03:08:00Z"}]},
        set(),
        "",
    ),
    "a prepared transaction nobody finished": (
        {"pg_prepared_xacts": [{"gid": "tx-1", "owner": "app", "prepared": "2026-11-20T22:00:00Z"}]},
        {("lock_contention", "weak")},
        "tx-1",
    ),
    "writes force checkpoints": (
        {"pg_stat_bgwriter": [{"checkpoints_timed": 12, "checkpoints_req": 480}]},
        {("slow_query", "weak")},
        "checkpoint",
    ),
}


@pytest.mark.parametrize("name", ROWS)
def test_rows_mean(name: str):
    documents, wanted, means = ROWS[name]
    found = [s for e in evidence_of(case("shop"), documents, "rows") for s in e.data["signs"]]
    bad = [s for s in found if s["category"] != "healthy"]
    assert {(s["category"], s["weight"]) for s in bad} == wanted
    assert not means or means in " ".join(s["means"] for s in bad)
