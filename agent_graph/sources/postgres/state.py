"""Turns rows of PostgreSQL's statistics views into evidence: sessions, statements, waits, replication."""

from collections.abc import Mapping
from typing import Any

from agent_graph.sources.postgres.replay import read_delay, read_replay
from agent_graph.sources.postgres.replication import read_replication
from agent_graph.sources.postgres.rows import Row, brief, number
from agent_graph.sources.postgres.sessions import read_locks, read_sessions
from agent_graph.sources.postgres.statistics import STATISTICS
from agent_graph.sources.postgres.upkeep import (
    read_archiver,
    read_checkpoints,
    read_pools,
    read_prepared,
    read_tables,
)
from agent_graph.sources.postgres.views import by_view, settings_of
from agent_graph.sources.signs import Book
from backend.investigation.kinds import CaseFile, Evidence

NAME = "postgres"
_SLOW_MS, _HEAVY_MS = 500.0, 100.0
# Average active sessions on one event from which on it is a queue.
_QUEUE, _CALM, _OVERLOADED = 3.0, 2.0, 8.0
# Waiting for the client, for the clock or for something to do is no load.
_NO_WORK = ("client", "activity", "timeout", "extension")


def evidence_of(case: CaseFile, documents: Mapping[str, Any], query: str) -> list[Evidence]:
    """`documents`: what each file or view is called → its rows."""
    book = Book()
    tables = by_view(documents)
    settings = settings_of(tables.get("settings", []))
    activity = tables.get("activity", [])
    waits = read_locks(book, activity, tables.get("locks", []), tables.get("blocking", []), case.now)
    waits |= read_replay(book, activity, settings, tables.get("replication", []), case.now)
    read_delay(book, activity, settings)
    limit = number(settings, "max_connections")
    kept = ("superuser_reserved_connections", "reserved_connections")
    reserved = sum(number(settings, name) or 0 for name in kept)
    if activity:
        read_sessions(book, activity, limit - reserved if limit else None, waits, case.now, case.started_at)
    _databases(book, tables.get("database", []), limit, seen=bool(activity))
    _statements(book, tables.get("statements", []))
    _waits(book, tables.get("waits", []))
    read_replication(book, tables.get("replication", []), case.now)
    read_tables(book, tables.get("tables", []), activity)
    read_pools(book, tables.get("pools", []))
    read_archiver(book, tables.get("archiver", []), case.now)
    read_checkpoints(book, tables.get("checkpoints", []))
    read_prepared(book, tables.get("prepared", []), case.now)
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
    hints = [s for s in hints if s["subject"] != STATISTICS]
    if len(hints) >= 2:
        hints[0]["weight"] = "strong"


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

    rows = [r for r in rows if str(r.get("wait_event_type") or r.get("type") or "").lower() not in _NO_WORK]
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
        elif kind in ("io", "cpu", "lwlock", "bufferpin", "ipc") or event.lower() == "cpu":
            much = load(row) >= _OVERLOADED
            book.sign("slow_query", "strong" if much else "weak", line, means=f"sessions are busy with {event}")
        else:
            book.say(line)
