"""How far replicas and slots are behind, from whichever columns say so."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from agent_graph.sources.postgres.rows import Row, seconds, size
from agent_graph.sources.signs import Book

_LAG_SECONDS, _LAG_BYTES = 30.0, 256 * 2**20
# Who misses no more than this of the log has all there is, whatever the clock says of the last change.
_NOTHING = 2**20
# Where a row is of one replica: as the server lists them first, then as people's own queries name theirs.
_NAMES = ("application_name", "slot_name", "client_addr", "node", "server", "instance", "host", "hostname")
_BEHIND = (
    *("replay_lag_bytes", "lag_bytes", "retained_bytes", "retained_wal_bytes", "wal_lag_bytes", "retained_wal"),
    *("wal_retained", "retained", "retained_size", "lag_size", "behind", "pg_wal_lsn_diff"),
)


def read_replication(book: Book, rows: list[Row], now: datetime) -> None:
    """A sign for every replica or slot that is behind, unused or well."""
    for row in rows:
        who = next((str(row[key]) for key in _NAMES if row.get(key)), "replica")
        lag = seconds(
            row,
            now,
            ("pg_last_xact_replay_timestamp", "last_xact_replay_timestamp"),
            ("replay_lag", "replay_lag_seconds", "lag_seconds", "lag", "write_lag"),
        )
        behind = size(row, *_BEHIND)
        behind = behind if behind is not None else _lsn_distance(row)
        state = row.get("state") or row.get("status")
        line = f"replication {who}: state {state or row.get('wal_status') or row.get('active')}"
        line += f", lag {lag:.0f} s" if lag is not None else ""
        line += f", behind {behind / 2**20:.0f} MiB" if behind is not None else ""
        lost = row.get("wal_status") in ("lost", "unreserved") or row.get("active") in (False, "f")
        whole = state == "streaming" and behind is not None and behind < _NOTHING
        if (not whole and (lag or 0) >= _LAG_SECONDS) or (behind or 0) >= _LAG_BYTES or row.get("wal_status") == "lost":
            how = f"{lag:.0f} s" if lag is not None else f"{(behind or 0) / 2**20:.0f} MiB"
            book.sign(
                "replication_lag", "proof", line, subject=str(who), means=f"replica {who} is {how} behind{_where(row)}"
            )
        elif lost:
            book.sign("replication_lag", "weak", line, subject=str(who), means=f"replication slot {who} is not in use")
        elif state == "streaming" and (lag is not None or behind is not None):
            book.sign("healthy", "strong", line, subject="replication", means=f"{who} streams and is not behind")
        else:
            book.say(line)


def _where(row: Row) -> str:
    """Where on its way the log stops: before it is sent, on the network, or only before it is replayed."""
    sent, flushed, replayed = (_lsn(row.get(name)) for name in ("sent_lsn", "flush_lsn", "replay_lsn"))
    ahead = _lsn(row.get("pg_current_wal_lsn") or row.get("current_wal_lsn"))
    if sent is None or flushed is None or replayed is None:
        return ""
    if flushed - replayed >= _NOTHING > sent - flushed:
        return ": it has received all and does not replay it, so something on the replica holds it"
    if ahead is not None and ahead - sent >= _NOTHING > sent - replayed:
        return ": the primary does not send it"
    return ": it does not receive what is sent" if sent - flushed >= max(_NOTHING, flushed - replayed) else ""


def _lsn_distance(row: Row) -> float | None:
    ahead, behind = (_first(row, names) for names in (_AHEAD, _REPLAYED))
    return max(0.0, ahead - behind) if ahead is not None and behind is not None else None


# Where the log ends, for the primary or as far as the replica was told; and how far it has been followed.
_AHEAD = ("pg_current_wal_lsn", "current_wal_lsn", "sent_lsn", "latest_end_lsn", "pg_last_wal_receive_lsn")
_REPLAYED = ("replay_lsn", "pg_last_wal_replay_lsn", "restart_lsn")


def _first(row: Row, names: Sequence[str]) -> float | None:
    return next((at for name in names if (at := _lsn(row.get(name))) is not None), None)


def _lsn(text: Any) -> float | None:
    try:
        high, low = str(text).split("/")
        return float((int(high, 16) << 32) + int(low, 16))
    except ValueError:
        return None
