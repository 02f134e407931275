"""Rows of statistics views, whatever the file or query was called: numbers, times and ages read tolerantly."""

import re
from datetime import datetime
from typing import Any, cast

from agent_graph.sources.signs import when

Row = dict[str, Any]
_AGE = re.compile(r"(?:(\d+) days? ?)?(?:(\d+):(\d\d):(\d\d(?:\.\d+)?))?$")


def rows_of(document: Any) -> list[Row]:
    """Rows from a list, from {"rows": […]}, or one row."""
    if isinstance(document, dict):
        one = cast(Row, document)
        inner = next((v for k, v in one.items() if k in ("rows", "data", "result") and isinstance(v, list)), None)
        return rows_of(inner) if inner is not None else [one]
    return (
        [cast(Row, row) for row in cast(list[Any], document) if isinstance(row, dict)]
        if isinstance(document, list)
        else []
    )


def number(row: Row, *names: str) -> float | None:
    """The first of the columns that holds a number."""
    for name in names:
        try:
            if row.get(name) is not None and not isinstance(row[name], bool):
                return float(row[name])
        except (TypeError, ValueError):
            continue
    return None


def seconds(row: Row, now: datetime, since: tuple[str, ...], ages: tuple[str, ...] = ()) -> float | None:
    """How long something has lasted: from a time, a number of seconds, or an interval as PostgreSQL prints it."""
    for name in since:
        at = when(row.get(name))
        if at is not None:
            return max(0.0, (now - at).total_seconds())
    for name in ages:
        value = row.get(name)
        if isinstance(value, int | float):
            return float(value)
        if isinstance(value, str) and value.strip():
            match = _AGE.fullmatch(value.strip())
            if match:
                days, hours, minutes, secs = match.groups()
                return int(days or 0) * 86400.0 + int(hours or 0) * 3600 + int(minutes or 0) * 60 + float(secs or 0)
    return None


def pids(value: Any) -> list[int]:
    """Process ids from a list, a number, or PostgreSQL's {1,2}."""
    if isinstance(value, list):
        return [pid for item in cast(list[Any], value) for pid in pids(item)]
    return [int(found) for found in re.findall(r"\d+", str(value))] if value not in (None, "", 0) else []


def brief(text: Any, limit: int = 160) -> str:
    return " ".join(str(text or "").split())[:limit]
