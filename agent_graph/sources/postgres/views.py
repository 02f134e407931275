"""Which statistics view rows are of, whatever the file or query that gave them was called."""

from collections.abc import Mapping
from typing import Any, cast

from agent_graph.sources.postgres.rows import Row, rows_of

# What tells a view by its columns, for files called something of their own.
_WRAPPERS = ("rows", "data", "result")
_VIEWS: tuple[tuple[str, tuple[str, ...], tuple[str, ...]], ...] = (
    ("pools", ("pools", "show_pools", "pgbouncer"), ("cl_waiting",)),
    ("prepared", ("prepared_xacts",), ("gid",)),
    ("archiver", ("archiver",), ("last_archived_wal", "failed_count")),
    ("checkpoints", ("bgwriter", "checkpointer"), ("checkpoints_req", "num_requested")),
    ("blocking", ("blocking", "blocked", "blockers"), ("blocking_pid", "blocker_pid")),
    ("locks", ("locks",), ("locktype",)),
    ("statements", ("statements",), ("mean_exec_time", "mean_time", "total_exec_time")),
    ("waits", ("waits", "wait_events"), ("avg_active_sessions",)),
    (
        "replication",
        ("replication", "replication_slots", "wal_receiver", "lag", "recovery"),
        ("replay_lag", "replay_lsn", "slot_name", "replay_lag_seconds", "lag_bytes"),
    ),
    ("settings", ("settings", "config"), ("setting", "max_connections")),
    ("database", ("database", "databases"), ("numbackends",)),
    ("tables", ("tables", "user_tables", "stat_all_tables"), ("n_dead_tup", "n_live_tup")),
    ("activity", ("activity", "sessions"), ("query_start", "state")),
)


def by_view(documents: Mapping[str, Any]) -> dict[str, list[Row]]:
    """The rows by view; what tells nothing is left out."""
    found: dict[str, list[Row]] = {}
    for name, document in _apart(documents):
        rows = rows_of(document)
        stem = name.rsplit("/", 1)[-1].removesuffix(".json").lower()
        stem = stem.removeprefix("pg_stat_").removeprefix("pg_")
        columns = {key for row in rows[:5] for key in row}
        view = next((v for v, names, _ in _VIEWS if stem in names), None)
        view = view or next((v for v, _, marks in _VIEWS if columns & set(marks)), None)
        if view:
            found.setdefault(view, []).extend(rows)
    return found


def _apart(documents: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """One file may hold the rows of several views, by their names."""
    found: list[tuple[str, Any]] = []
    for name, document in documents.items():
        parts = cast(dict[str, Any], document) if isinstance(document, dict) else {}
        tables = {key: rows for key, rows in parts.items() if isinstance(rows, list) and key not in _WRAPPERS}
        found += list(tables.items()) if tables else [(name, document)]
    return found


def settings_of(rows: list[Row]) -> Row:
    """Settings by name, from rows of pg_settings or from one row of them all."""
    found: Row = {}
    for row in rows:
        found.update({str(row["name"]): row.get("setting")} if "name" in row else row)
    return found
