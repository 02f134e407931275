"""Rows of statistics views, whatever the file or query was called: numbers, times and ages read tolerantly."""

import re
from datetime import datetime
from typing import Any, cast

from agent_graph.sources.signs import when

Row = dict[str, Any]
_SIZE = re.compile(r"(-?[\d.]+) (bytes|kB|MB|GB|TB)", re.IGNORECASE)
_UNITS = {"bytes": 1.0, "kb": 2.0**10, "mb": 2.0**20, "gb": 2.0**30, "tb": 2.0**40}
_AGE = re.compile(r"(?:(\d+) days? ?)?(?:(\d+):(\d\d):(\d\d(?:\.\d+)?))?$")


def rows_of(document: Any) -> list[Row]:
    """Rows from a list, from {"rows": […]}, or one row."""
    if isinstance(document, dict):
        one = _lower(cast(Row, document))
        inner = next((v for k, v in one.items() if k in ("rows", "data", "result") and isinstance(v, list)), None)
        return rows_of(inner) if inner is not None else [one]
    return (
        [_lower(cast(Row, row)) for row in cast(list[Any], document) if isinstance(row, dict)]
        if isinstance(document, list)
        else []
    )


def _lower(row: Row) -> Row:
    return {str(key).lower(): value for key, value in row.items()}


def size(row: Row, *names: str) -> float | None:
    """The first of the columns that holds bytes, as a number or as pg_size_pretty prints them."""
    for name in names:
        match = _SIZE.fullmatch(str(row.get(name) or "").strip())
        if match:
            return float(match[1]) * _UNITS[(match[2] or "bytes").lower()]
    return number(row, *names)


def number(row: Row, *names: str) -> float | None:
    """The first of the columns that holds a number."""
    for name in names:
        try:
            if row.get(name) is not None and not isinstance(row[name], bool):
                return float(row[name])
        except (TypeError, ValueError, OverflowError):
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
            return number(row, name)
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
