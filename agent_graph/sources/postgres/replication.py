"""How far replicas and slots are behind, from whichever columns say so."""

from datetime import datetime
from typing import Any

from agent_graph.sources.postgres.rows import Row, seconds, size
from agent_graph.sources.signs import Book

_LAG_SECONDS, _LAG_BYTES = 30.0, 256 * 2**20
_BEHIND = (
    *("replay_lag_bytes", "lag_bytes", "retained_bytes", "retained_wal_bytes", "wal_lag_bytes", "retained_wal"),
    *("wal_retained", "retained", "retained_size", "lag_size", "behind", "pg_wal_lsn_diff"),
)


def read_replication(book: Book, rows: list[Row], now: datetime) -> None:
    """A sign for every replica or slot that is behind, unused or well."""
    for row in rows:
        who = row.get("application_name") or row.get("slot_name") or row.get("client_addr") or "replica"
        lag = seconds(
            row,
            now,
            ("pg_last_xact_replay_timestamp", "last_xact_replay_timestamp"),
            ("replay_lag", "replay_lag_seconds", "lag_seconds", "lag", "write_lag"),
        )
        behind = size(row, *_BEHIND)
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
