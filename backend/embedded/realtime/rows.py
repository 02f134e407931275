"""A row change as clients receive it: typed JSON, the columns with their types, at most a megabyte. Pure."""

from typing import Any

import orjson

from backend.embedded.realtime.bindings import Column, Table
from backend.embedded.realtime.pgoutput import Change, Values

MOST_BYTES = 1_048_576
# Of a row that is too large only values up to this many bytes are sent.
SMALL = 64
TOO_LARGE = "Error 413: Payload Too Large"


def payload(change: Change, table: Table, select: frozenset[str] = frozenset()) -> bytes:
    """The JSON of "data". Keys always come along; values that nobody may read, or that did not change, do not."""
    columns = [column for column in table.columns if not select or column.is_key or column.name in select]
    body: dict[str, Any] = {
        "schema": change.schema,
        "table": change.table,
        "commit_timestamp": change.committed_at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "type": change.kind,
        "columns": [{"name": column.name, "type": column.type} for column in columns],
        "errors": None,
    }
    if change.kind != "DELETE":
        body["record"] = _record(change.new, columns)
    if change.kind != "INSERT":
        body["old_record"] = _record(change.old, [column for column in columns if column.is_key])
    encoded = orjson.dumps(body)
    if len(encoded) <= MOST_BYTES:
        return encoded
    small = {name: value for name, value in change.new.items() if value is None or len(value.encode()) <= SMALL}
    return orjson.dumps({**body, "record": _record(small, columns), "errors": [TOO_LARGE]})


def _record(values: Values, columns: list[Column]) -> dict[str, Any]:
    return {column.name: _json(column.type, values[column.name]) for column in columns if column.name in values}


def _json(kind: str, text: str | None) -> Any:
    """As PostgreSQL's to_jsonb would have it; of other types the text, which clients convert by the column's type."""
    if text is None:
        return None
    match kind:
        case "bool":
            return text == "t"
        case "int2" | "int4" | "int8":
            return int(text)
        case "numeric" | "float4" | "float8" if text not in ("NaN", "Infinity", "-Infinity"):
            return orjson.Fragment(text)
        case "json" | "jsonb":
            return orjson.Fragment(text)
        case "timestamptz" if text[-3:-2] in ("+", "-"):
            return text.replace(" ", "T", 1) + ":00"
        case "timestamptz" | "timestamp":
            return text.replace(" ", "T", 1)
        case _:
            return text
