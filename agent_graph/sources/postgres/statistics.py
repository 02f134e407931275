"""Tables that were never analyzed, or not since they changed: without statistics the planner guesses, and reads on."""

from collections.abc import Callable
from typing import Any

from agent_graph.sources.postgres.rows import Row, number
from agent_graph.sources.signs import Book

# What is scanned so often, and so much at a time, is no table that somebody has just made or hardly uses.
_SCANS, _ROWS_A_SCAN = 20, 10_000
_NAMED = 4
# What such a sign is about. Alone, or with other hints, it makes no trouble: many small servers live without.
STATISTICS = "statistics"
# The server analyzes a table by itself as a tenth of it has changed: what has changed so much more was left out.
_CHANGED, _SHARE_CHANGED = 100_000, 0.5


def read_unanalyzed(book: Book, rows: list[Row], asked_for: Callable[[str], bool]) -> None:
    """Much read, and without statistics: after an upgrade, a restore or a load nobody ran ANALYZE.

    What a scan reads tells how large they are: the count of rows goes back to nothing with the statistics. Where a
    statement at work asks for one (`asked_for`), the rows that were loaded tell it, too.
    """
    bare = [row for row in rows if _is_unanalyzed(row)]
    loaded = [row for row in bare if _changed_since(row) >= _CHANGED and asked_for(_named(row)["table"])]
    read = [row for row in bare if row in loaded or _rows_a_scan(row) >= _ROWS_A_SCAN]
    if not read:
        return
    if loaded:
        book.facts["outdated_statistics"] = [_named(row) for row in loaded[:_NAMED]]
    read.sort(key=lambda row: (row not in loaded, -_rows_a_scan(row)))
    names = [str(row.get("relname") or row.get("table_name") or "?") for row in read]
    some = ", ".join(names[:_NAMED])
    every = len(names) > 1 and all(_is_unanalyzed(row) for row in rows)
    line = f"never analyzed: {some}; the planner has no statistics of {'any table' if every else 'them'}"
    why = " as after an upgrade or a restore" if every else ""
    means = (
        f"{some} {'were' if len(names) > 1 else 'was'} never analyzed{why}, so that the planner guesses: run ANALYZE"
    )
    book.sign("slow_query", "weak", line, subject=STATISTICS, means=means)


def read_outdated(book: Book, rows: list[Row]) -> None:
    """Loaded or rewritten, and not analyzed since: the planner takes what is there now for what was there then."""
    outdated = [row for row in rows if not _is_unanalyzed(row) and _changed_since(row) >= _least_changed(row)]
    if not outdated:
        return
    outdated.sort(key=lambda row: -_changed_since(row))
    book.facts.setdefault("outdated_statistics", []).extend(_named(row) for row in outdated[:_NAMED])
    for row in outdated[:_NAMED]:
        name = _named(row)["table"]
        book.owns(f"table {_named(row)['schema']}.{name}")
        last = row.get("last_autoanalyze") or row.get("last_analyze")
        line = f"table {name}: {_changed_since(row):.0f} rows changed since its last analyze {last}"
        means = f"{_changed_since(row):.0f} rows of {name} changed since it was last analyzed: run ANALYZE"
        book.sign("slow_query", "weak", line, subject=STATISTICS, means=means)


def _named(row: Row) -> dict[str, Any]:
    table = str(row.get("relname") or row.get("table_name") or "?")
    return {"table": table, "schema": str(row.get("schemaname") or "public")}


def _changed_since(row: Row) -> float:
    return number(row, "n_mod_since_analyze") or 0.0


def _least_changed(row: Row) -> float:
    return max(_CHANGED, _SHARE_CHANGED * (number(row, "n_live_tup", "rows") or 0))


def _is_unanalyzed(row: Row) -> bool:
    """Says the view that nobody has? A view that does not tell says nothing."""
    keys = ("last_analyze", "last_autoanalyze")
    return all(key in row and not row[key] for key in keys)


def _rows_a_scan(row: Row) -> float:
    scans = number(row, "seq_scan", "seq_scans") or 0
    live = number(row, "n_live_tup", "rows") or 0
    read = number(row, "seq_tup_read")
    return (read / scans if read is not None else live) if scans >= _SCANS else 0.0
