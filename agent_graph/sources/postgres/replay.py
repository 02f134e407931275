"""Why a replica stands still: what its replay waits for, which of its sessions holds it, how late it is told to be."""

import re
from collections.abc import Sequence
from datetime import datetime

from agent_graph.sources.postgres.rows import Row, number, pids, seconds
from agent_graph.sources.postgres.sessions import clients, session_line
from agent_graph.sources.signs import Book, when

# Replay may wait this long for anybody by default (max_standby_streaming_delay).
_HELD_SECONDS = 30.0
# By so much the age of a statement and of what is not replayed differ, and are still of one moment.
_APART_SECONDS, _APART = 120.0, 0.2
_REPLICAS_OWN = ("walreceiver", "startup")


def read_replay(book: Book, activity: list[Row], settings: Row, replication: Sequence[Row], now: datetime) -> set[int]:
    """A sign for replay that is held or paused; gives the pid that holds it, whose statement is slow for nobody else.

    PostgreSQL says so by the wait of its startup process (RecoveryConflictSnapshot, RecoveryPause, a lock). An older
    one says nothing, and the session is known by having begun when replay stopped.
    """
    startup = next((row for row in activity if row.get("backend_type") == "startup"), None)
    if not any(row.get("backend_type") in _REPLICAS_OWN for row in activity):
        return set()
    waits = str((startup or {}).get("wait_event") or "")
    if waits.startswith("RecoveryPause"):
        line = f"startup process: waiting {waits}"
        book.sign("replication_lag", "proof", line, subject="replay", means="replay is paused (pg_wal_replay_pause)")
        return set()
    kind = str((startup or {}).get("wait_event_type") or "")
    conflict = waits.startswith("RecoveryConflict") or kind == "Lock"
    oldest = _oldest(activity, now)
    if oldest is None or not (conflict or _as_old(oldest, replication, now)):
        return set()
    return _held(book, oldest, f"waits ({waits}) for" if conflict else "stands still since", settings, now)


def read_delay(book: Book, activity: list[Row], settings: Row) -> None:
    """How late this replica is told to be; a primary keeps the setting, too, and does nothing by it."""
    own = any(row.get("backend_type") in _REPLICAS_OWN for row in activity)
    told = str(settings.get("recovery_min_apply_delay") or "0").strip()
    if re.match(r"[1-9]", told) and (own or not activity):
        line = f"recovery_min_apply_delay = {told}{' ms' if told.isdigit() else ''}"
        book.sign("told_delay", "weak", line, subject="replay", means="it replays so much later on purpose")


def _held(book: Book, row: Row, how: str, settings: Row, now: datetime) -> set[int]:
    pid = int(number(row, "pid") or 0)
    who = " ".join(str(row[key]) for key in ("usename", "application_name") if row.get(key))
    means = f"replay {how} pid {pid} ({who}), whose statement has run for {_age(row, now):.0f} s"
    means += ", and max_standby_streaming_delay lets it wait for ever" if _for_ever(settings) else ""
    line = f"replay {how} {session_line(row, now)}"
    book.sign("replication_lag", "proof", line, subject=f"pid {pid}", at=when(row.get("xact_start")), means=means)
    book.owns(f"pid {pid}")
    book.facts["replay_held_by"] = [{"pid": pid, "state": row.get("state")}]
    return {pid}


def _oldest(activity: list[Row], now: datetime) -> Row | None:
    """Whose snapshot is the oldest; those that show one before those that do not."""
    open_ = [row for row in clients(activity) if pids(row.get("pid")) and _age(row, now) >= _HELD_SECONDS]
    shown = [row for row in open_ if row.get("backend_xmin")]
    return max(shown or open_, key=lambda row: _age(row, now), default=None)


def _as_old(row: Row, replication: Sequence[Row], now: datetime) -> bool:
    lags = [
        seconds(r, now, ("pg_last_xact_replay_timestamp",), ("replay_lag", "replay_lag_seconds")) for r in replication
    ]
    lag = max((lag for lag in lags if lag is not None), default=0.0)
    return lag >= _HELD_SECONDS and abs(_age(row, now) - lag) <= max(_APART_SECONDS, _APART * lag)


def _age(row: Row, now: datetime) -> float:
    return seconds(row, now, ("xact_start",), ("xact_age",)) or 0.0


def _for_ever(settings: Row) -> bool:
    return str(settings.get("max_standby_streaming_delay")) in ("-1", "-1ms")
