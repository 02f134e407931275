"""Tables, pools, archiving, checkpoints and prepared transactions: what wears a server down or fills it up."""

import re
from datetime import datetime, timedelta

from agent_graph.sources.postgres.rows import Row, number, seconds
from agent_graph.sources.postgres.statistics import read_outdated, read_unanalyzed
from agent_graph.sources.signs import Book, when
from agent_graph.wording import clock, moment

_SCANNED_ROWS, _MANY_SCANS = 100_000, 100
# So many are felt, whatever the size of the table.
_MANY_DEAD = 1_000_000
_WAITS_SECONDS, _PREPARED_SECONDS = 5.0, 300.0
# A segment is written every few minutes, and tried again three times at once.
_OFTEN, _STILL = 3, timedelta(minutes=10)
# As many tries as ten minutes hold, where no success says since when it fails.
_MANY = 30
# Who archives, as logs call it.
_ARCHIVING = r"archiv|wal-?[eg]\b|pgbackrest|barman"


def read_tables(book: Book, rows: list[Row], activity: list[Row]) -> None:
    """Bloated tables, large ones that are read from end to end, and those of which the planner knows nothing.

    `activity`: the sessions, which tell who reads a bloated one now.
    """
    _scanned(book, rows)
    read_unanalyzed(book, rows, lambda table: _is_read(table, activity))
    read_outdated(book, rows)
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
                "strong" if dead >= _MANY_DEAD and _is_read(name, activity) else "weak",
                line,
                subject=f"{schema}.{name}",
                means=f"{name} is bloated: more dead rows than live ones{_vacuumed(row)}",
            )
            book.facts.setdefault("bloated", []).append({"schema": schema, "table": name})
        else:
            book.say(line)


def _is_read(name: str, activity: list[Row]) -> bool:
    """Does a statement at work name it, and is none of them cleaning it? Dead rows that nobody passes slow nobody."""
    at_work = [str(row.get("query") or "") for row in activity if row.get("state") == "active"]
    naming = [query for query in at_work if re.search(rf"\b{re.escape(name)}\b", query, re.IGNORECASE)]
    return bool(naming) and not any(re.match(r"\s*(?:autovacuum:|vacuum)", query, re.IGNORECASE) for query in naming)


def _vacuumed(row: Row) -> str:
    known = [at for key in ("last_vacuum", "last_autovacuum") if (at := when(row.get(key)))]
    if not known:
        return ", and as far as is known it was never vacuumed" if "last_autovacuum" in row else ""
    return f", last vacuumed at {moment(max(known), seconds=False)}"


def _scanned(book: Book, rows: list[Row]) -> None:
    """Large tables that hardly any index is used for."""
    for row in rows:
        live, scans = number(row, "n_live_tup", "rows") or 0, number(row, "seq_scan", "seq_scans") or 0
        read, by_index = number(row, "seq_tup_read") or scans * live, number(row, "idx_scan", "index_scans") or 0
        if live < _SCANNED_ROWS or scans < _MANY_SCANS or scans < by_index or read < 10 * live:
            continue
        name = row.get("relname") or row.get("table_name") or "?"
        line = f"table {name}: {scans:.0f} sequential scans against {by_index:.0f} by index, {live:.0f} rows"
        means = f"{name} is read from end to end by sequential scans: an index is missing or not used"
        book.sign("slow_query", "weak", line, subject=str(name), means=means)


def read_pools(book: Book, rows: list[Row]) -> None:
    """PgBouncer's SHOW POOLS: clients that wait for a server connection."""
    for row in rows:
        waiting, longest = number(row, "cl_waiting") or 0, number(row, "maxwait") or 0
        line = (
            f"pool {row.get('database')}/{row.get('user')}: {number(row, 'cl_active') or 0:.0f} clients active, "
            f"{waiting:.0f} waiting for up to {longest:.0f} s, {number(row, 'sv_active') or 0:.0f} servers active, "
            f"{number(row, 'sv_idle') or 0:.0f} idle"
        )
        if waiting >= 1 and longest >= _WAITS_SECONDS and not number(row, "sv_idle"):
            means = f"{waiting:.0f} clients wait for a connection of the pool {row.get('database')}"
            book.sign("connection_exhaustion", "strong", line, subject=str(row.get("database")), means=means)
        else:
            book.say(line)


def read_archiver(book: Book, rows: list[Row], now: datetime) -> None:
    """Archiving that fails keeps every segment of the WAL until the disk is full, and nothing can be restored from it.

    One that goes on failing is trouble now: whatever takes the segments does not take them.
    """
    for row in rows:
        failed, done = when(row.get("last_failed_time")), when(row.get("last_archived_time"))
        line = (
            f"archiver: {number(row, 'archived_count') or 0:.0f} archived, last at {row.get('last_archived_time')}; "
            f"{number(row, 'failed_count') or 0:.0f} failed, last {row.get('last_failed_wal')} at "
            f"{row.get('last_failed_time')}"
        )
        if failed is not None and (done is None or failed > done):
            book.sign("disk_pressure", "weak", line, means="archiving of the WAL fails, so pg_wal grows")
            tries, begun = number(row, "failed_count") or 0, when(row.get("stats_reset"))
            long = tries >= _OFTEN and failed - done >= _STILL if done else tries >= _MANY
            if long and now - failed <= _STILL:
                never = "has never succeeded" + (f" since {moment(begun, seconds=False)}" if begun else "")
                how = f"has failed since {clock(done)}" if done else never
                means = f"archiving of the WAL {how}, so pg_wal grows"
                book.sign("dependency_failure", "strong", line, subject="archiver", at=done, means=means)
                book.facts["why"] = {"dependency_failure": _ARCHIVING}
        else:
            book.say(line)


def read_checkpoints(book: Book, rows: list[Row]) -> None:
    """Checkpoints that the volume of writes forces, rather than the clock."""
    for row in rows:
        timed = number(row, "checkpoints_timed", "num_timed") or 0
        forced = number(row, "checkpoints_req", "num_requested") or 0
        line = f"checkpoints: {timed:.0f} by time, {forced:.0f} forced by the volume of writes"
        if forced > max(10.0, 2 * timed):
            book.sign("slow_query", "weak", line, means="writes force checkpoint after checkpoint")
        else:
            book.say(line)


def read_prepared(book: Book, rows: list[Row], now: datetime) -> None:
    """Transactions that were prepared and forgotten hold their locks through every restart."""
    for row in rows:
        age = seconds(row, now, ("prepared",), ("age", "age_seconds")) or 0.0
        line = f"prepared transaction {row.get('gid')} of {row.get('owner')}: for {age:.0f} s"
        if age >= _PREPARED_SECONDS:
            means = f"the prepared transaction {row.get('gid')} has been holding its locks for {age:.0f} s"
            book.sign("lock_contention", "weak", line, subject=str(row.get("gid")), means=means)
        else:
            book.say(line)
