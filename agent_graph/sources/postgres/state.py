"""Turns rows of PostgreSQL's statistics views into evidence: sessions, statements, waits, replication."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from agent_graph.sources.postgres.rows import Row, brief, number, rows_of, seconds
from agent_graph.sources.postgres.sessions import read_locks, read_sessions
from agent_graph.sources.signs import Book
from backend.investigation.kinds import CaseFile, Evidence

NAME = "postgres"
_SLOW_MS, _HEAVY_MS = 500.0, 100.0
_LAG_SECONDS, _LAG_BYTES = 30.0, 256 * 2**20
# Average active sessions on one event from which on it is a queue.
_QUEUE, _CALM = 3.0, 2.0


def evidence_of(case: CaseFile, documents: Mapping[str, Any], query: str) -> list[Evidence]:
    """`documents`: what each file or view is called → its rows."""
    book = Book()
    tables = _by_view(documents)
    settings = _settings(tables.get("settings", []))
    activity = tables.get("activity", [])
    waits = read_locks(book, activity, tables.get("locks", []), tables.get("blocking", []), case.now)
    limit = number(settings, "max_connections")
    kept = ("superuser_reserved_connections", "reserved_connections")
    reserved = sum(number(settings, name) or 0 for name in kept)
    if activity:
        read_sessions(book, activity, limit - reserved if limit else None, waits, case.now)
    _databases(book, tables.get("database", []), limit, seen=bool(activity))
    _statements(book, tables.get("statements", []))
    _waits(book, tables.get("waits", []))
    _replication(book, tables.get("replication", []), case.now)
    _tables(book, tables.get("tables", []))
    if not book.lines:
        return []
    _together(book)
    bad = [s for s in book.signs if s["category"] != "healthy" and s["weight"] != "weak"]
    if not bad and activity:
        book.sign("healthy", "strong", book.lines[0], means="the server has room, and nothing waits")
    return [
        Evidence(
            source=NAME,
            kind="state",
            title="PostgreSQL sessions and statistics",
            query=query,
            window_end=case.now,
            summary=(bad[0]["means"] if bad else book.lines[0])[:1000],
            content=book.content(),
            data=book.data(),
            inventory=book.inventory,
        )
    ]


def full_server(blank: Evidence, server: str, said: str) -> Evidence:
    """A server that lets nobody in because its slots are taken has told its state by that."""
    book = Book()
    means = f"{server} refuses new connections: all its connection slots are taken"
    book.sign("connection_exhaustion", "proof", f"{server} refuses connections: {said}", means=means)
    return blank.model_copy(update={"summary": means, "content": book.content(), "data": book.data()})


def _together(book: Book) -> None:
    """A busy server is no slow statement, and neither is a heavy one; both are."""
    hints = [s for s in book.signs if s["category"] == "slow_query" and s["weight"] == "weak"]
    if len(hints) >= 2:
        hints[0]["weight"] = "strong"


# What tells a view by its columns, for files called something of their own.
_VIEWS: tuple[tuple[str, tuple[str, ...], tuple[str, ...]], ...] = (
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


def _by_view(documents: Mapping[str, Any]) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = {}
    for name, document in documents.items():
        rows = rows_of(document)
        stem = name.rsplit("/", 1)[-1].removesuffix(".json").lower()
        stem = stem.removeprefix("pg_stat_").removeprefix("pg_")
        columns = {key for row in rows[:5] for key in row}
        view = next((v for v, names, _ in _VIEWS if stem in names), None)
        view = view or next((v for v, _, marks in _VIEWS if columns & set(marks)), None)
        if view:
            found.setdefault(view, []).extend(rows)
    return found


def _settings(rows: list[Row]) -> Row:
    found: Row = {}
    for row in rows:
        found.update({str(row["name"]): row.get("setting")} if "name" in row else row)
    return found


def _databases(book: Book, rows: list[Row], limit: float | None, *, seen: bool) -> None:
    used = sum(number(row, "numbackends") or 0 for row in rows)
    if rows and limit and not seen:
        line = f"{used:.0f} of {limit:.0f} connections in use"
        if used >= 0.9 * limit:
            book.sign("connection_exhaustion", "proof", line, means=line)
        else:
            book.say(line)
    for row in rows:
        size = number(row, "size_bytes")
        if size is not None:
            book.say(f"database {row.get('datname')}: {size / 2**20:.0f} MiB")
        if (number(row, "deadlocks") or 0) > 0:
            book.say(
                f"database {row.get('datname')}: {number(row, 'deadlocks'):.0f} deadlocks since its statistics began"
            )


def _statements(book: Book, rows: list[Row]) -> None:
    total = sum(number(r, "total_exec_time", "total_time") or 0 for r in rows) or 1.0
    rows = sorted(
        rows,
        key=lambda r: -(number(r, "total_exec_time", "total_time") or number(r, "mean_exec_time", "mean_time") or 0),
    )
    for row in rows[:5]:
        mean, share = (
            number(row, "mean_exec_time", "mean_time") or 0.0,
            (number(row, "total_exec_time", "total_time") or 0) / total,
        )
        line = (
            f"statement {brief(row.get('query'))}: {number(row, 'calls') or 0:.0f} calls, mean "
            f"{mean:.1f} ms, {share:.0%} of all time"
        )
        if mean >= _SLOW_MS and (share >= 0.4 or len(rows) == 1):
            means = (
                f"one statement takes {mean:.0f} ms on average and {share:.0%} of the server's time: "
                f"{brief(row.get('query'))}"
            )
            book.sign("slow_query", "strong", line, means=means)
        elif mean >= _HEAVY_MS and share >= 0.5:
            book.sign("slow_query", "weak", line, means=f"one statement takes {share:.0%} of the server's time: {line}")
        else:
            book.say(line)


def _waits(book: Book, rows: list[Row]) -> None:
    def load(row: Row) -> float:
        return number(row, "avg_active_sessions", "aas", "sessions", "count") or 0.0

    if rows and sum(map(load, rows)) < _CALM:
        line = f"{sum(map(load, rows)):.2f} sessions active on average"
        book.sign("healthy", "strong", line, subject="waits", means="hardly any session waits or works")
    for row in sorted(rows, key=load, reverse=True)[:6]:
        kind = str(row.get("wait_event_type") or row.get("type") or "")
        event = f"{kind}:{row.get('wait_event') or row.get('event') or 'CPU'}".strip(":")
        line = f"wait {event}: {load(row):.2f} average active sessions"
        kind = event.split(":")[0].lower()
        if load(row) < _QUEUE:
            book.say(line)
        elif kind == "lock" or event.lower().startswith(("transactionid", "tuple", "relation")):
            book.sign("lock_contention", "strong", line, means=f"sessions queue for locks ({event})")
        elif "syncrep" in event.lower():
            book.sign("replication_lag", "strong", line, means="commits wait for a synchronous replica (SyncRep)")
        elif kind in ("io", "cpu", "lwlock") or event.lower() == "cpu":
            book.sign("slow_query", "weak", line, means=f"sessions are busy with {event}")
        else:
            book.say(line)


def _replication(book: Book, rows: list[Row], now: datetime) -> None:
    for row in rows:
        who = row.get("application_name") or row.get("slot_name") or row.get("client_addr") or "replica"
        lag = seconds(
            row,
            now,
            ("pg_last_xact_replay_timestamp", "last_xact_replay_timestamp"),
            ("replay_lag", "replay_lag_seconds", "lag_seconds", "lag", "write_lag"),
        )
        behind = number(row, "replay_lag_bytes", "lag_bytes", "retained_bytes", "retained_wal_bytes", "wal_lag_bytes")
        behind = behind if behind is not None else _lsn_distance(row)
        line = f"replication {who}: state {row.get('state') or row.get('wal_status') or row.get('active')}"
        line += f", lag {lag:.0f} s" if lag is not None else ""
        line += f", behind {behind / 2**20:.0f} MiB" if behind is not None else ""
        lost = row.get("wal_status") in ("lost", "unreserved") or row.get("active") in (False, "f")
        if (lag or 0) >= _LAG_SECONDS or (behind or 0) >= _LAG_BYTES or row.get("wal_status") == "lost":
            how = f"{lag:.0f} s" if lag is not None else f"{(behind or 0) / 2**20:.0f} MiB"
            book.sign("replication_lag", "proof", line, subject=str(who), means=f"replica {who} is {how} behind")
        elif lost:
            book.sign("replication_lag", "weak", line, subject=str(who), means=f"replication slot {who} is not in use")
        elif row.get("state") == "streaming" and (lag is not None or behind is not None):
            book.sign("healthy", "strong", line, subject="replication", means=f"{who} streams and is not behind")
        else:
            book.say(line)


def _lsn_distance(row: Row) -> float | None:
    ahead = _lsn(row.get("pg_current_wal_lsn") or row.get("current_wal_lsn") or row.get("sent_lsn"))
    behind = _lsn(row.get("replay_lsn") or row.get("restart_lsn"))
    return max(0.0, ahead - behind) if ahead is not None and behind is not None else None


def _lsn(text: Any) -> float | None:
    try:
        high, low = str(text).split("/")
        return float((int(high, 16) << 32) + int(low, 16))
    except ValueError:
        return None


def _tables(book: Book, rows: list[Row]) -> None:
    for row in sorted(rows, key=lambda r: -(number(r, "n_dead_tup") or 0))[:5]:
        dead, live = number(row, "n_dead_tup") or 0, number(row, "n_live_tup") or 0
        name = str(row.get("relname") or row.get("table_name") or "?")
        schema = str(row.get("schemaname") or "public")
        line = (
            f"table {schema}.{name}: {live:.0f} live rows, {dead:.0f} dead, last analyze "
            f"{row.get('last_autoanalyze') or row.get('last_analyze')}"
        )
        size = number(row, "size_bytes")
        line += f", {size / 2**20:.0f} MiB" if size is not None else ""
        book.owns(f"table {schema}.{name}")
        if dead > 10_000 and dead > live:
            book.sign(
                "slow_query",
                "weak",
                line,
                subject=f"{schema}.{name}",
                means=f"{name} is bloated: more dead rows than live ones",
            )
            book.facts.setdefault("bloated", []).append({"schema": schema, "table": name})
        else:
            book.say(line)
