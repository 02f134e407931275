"""Tables that were never analyzed: without statistics the planner guesses, and reads from end to end."""

from agent_graph.sources.postgres.rows import Row, number
from agent_graph.sources.signs import Book

# What is scanned so often, and so much at a time, is no table that somebody has just made or hardly uses.
_SCANS, _ROWS_A_SCAN = 20, 10_000
_NAMED = 4
# What such a sign is about. Alone, or with other hints, it makes no trouble: many small servers live without.
STATISTICS = "statistics"


def read_unanalyzed(book: Book, rows: list[Row]) -> None:
    """Much read, and without statistics: after an upgrade, a restore or a load nobody ran ANALYZE.

    What a scan reads tells how large they are: the count of rows goes back to nothing with the statistics.
    """
    read = [row for row in rows if _is_unanalyzed(row) and _rows_a_scan(row) >= _ROWS_A_SCAN]
    if not read:
        return
    read.sort(key=lambda row: -_rows_a_scan(row))
    names = [str(row.get("relname") or row.get("table_name") or "?") for row in read]
    some = ", ".join(names[:_NAMED])
    every = len(names) > 1 and all(_is_unanalyzed(row) for row in rows)
    line = f"never analyzed: {some}; the planner has no statistics of {'any table' if every else 'them'}"
    why = " as after an upgrade or a restore" if every else ""
    means = (
        f"{some} {'were' if len(names) > 1 else 'was'} never analyzed{why}, so that the planner guesses: run ANALYZE"
    )
    book.sign("slow_query", "weak", line, subject=STATISTICS, means=means)


def _is_unanalyzed(row: Row) -> bool:
    """Says the view that nobody has? A view that does not tell says nothing."""
    keys = ("last_analyze", "last_autoanalyze")
    return all(key in row and not row[key] for key in keys)


def _rows_a_scan(row: Row) -> float:
    scans = number(row, "seq_scan", "seq_scans") or 0
    live = number(row, "n_live_tup", "rows") or 0
    read = number(row, "seq_tup_read")
    return (read / scans if read is not None else live) if scans >= _SCANS else 0.0
