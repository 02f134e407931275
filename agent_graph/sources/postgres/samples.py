"""What two looks at counters, or several at the same moment's state, say together."""

from collections.abc import Sequence

from agent_graph.sources.postgres.rows import Row, brief, number

_SHOWN = 5


def mean_waits(samples: Sequence[Sequence[Row]]) -> list[Row]:
    """Average active sessions per wait event over the samples."""
    totals: dict[tuple[str, str], float] = {}
    for sample in samples:
        for row in sample:
            key = (str(row["wait_event_type"]), str(row["wait_event"]))
            totals[key] = totals.get(key, 0.0) + (number(row, "sessions") or 0.0)
    # A server where nobody does anything at all is as calm as can be, and that is worth a row.
    totals = totals or {("CPU", "CPU"): 0.0}
    return [
        {"wait_event_type": kind, "wait_event": event, "avg_active_sessions": round(total / len(samples), 2)}
        for (kind, event), total in sorted(totals.items(), key=lambda item: -item[1])
    ]


def difference(before: Sequence[Row], after: Sequence[Row]) -> list[Row]:
    """What statements cost between two looks: totals since the statistics began tell of last month, too."""
    known = {row.get("queryid"): row for row in before}
    found: list[Row] = []
    for row in after:
        first: Row = known.get(row.get("queryid"), {})
        calls = (number(row, "calls") or 0) - (number(first, "calls") or 0)
        spent = (number(row, "total_exec_time") or 0) - (number(first, "total_exec_time") or 0)
        # Fewer than before: somebody reset the statistics in between.
        if calls > 0 and spent >= 0 and first:
            found.append(
                {"query": row.get("query"), "calls": calls, "total_exec_time": spent, "mean_exec_time": spent / calls}
            )
    return sorted(found, key=lambda row: -float(row["total_exec_time"]))


def heaviest(rows: Sequence[Row]) -> list[str]:
    """A line for each of the statements that cost most since the statistics began."""
    total = sum(number(row, "total_exec_time") or 0 for row in rows) or 1.0
    lines: list[str] = []
    for row in rows[:_SHOWN]:
        calls, spent = number(row, "calls") or 0, number(row, "total_exec_time") or 0
        mean = spent / calls if calls else 0.0
        lines.append(f"{spent / total:.0%} of the time, {calls:.0f} calls, mean {mean:.1f} ms: {brief(row['query'])}")
    return lines
