"""What a client wants to hear of tables: its bindings, checked against the columns there are, and matched. Pure.

A binding: {"event": "INSERT" | "UPDATE" | "DELETE" | "*", "schema", "table", "filter": "column=op.value",
"select": [column]}; all but the event may be missing.
"""

import operator
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any, cast
from uuid import UUID

from backend.embedded.realtime.pgoutput import Change, Values

MOST_BINDINGS = 100
MOST_IN_VALUES = 100
EVENTS = ("*", "INSERT", "UPDATE", "DELETE")
COMPARE: Mapping[str, Callable[[Any, Any], bool]] = {
    "eq": operator.eq,
    "neq": operator.ne,
    "lt": operator.lt,
    "lte": operator.le,
    "gt": operator.gt,
    "gte": operator.ge,
}


@dataclass(frozen=True)
class Column:
    """A column that `authenticated` may read. `type`: PostgreSQL's own name, such as int8 or timestamptz."""

    name: str
    type: str
    is_key: bool = False


@dataclass(frozen=True)
class Table:
    """A table whose changes are sent."""

    schema: str
    name: str
    columns: tuple[Column, ...]

    def column(self, name: str) -> Column | None:
        return next((column for column in self.columns if column.name == name), None)


class BadBinding(Exception):
    """A client cannot hear what it asks for; the message says why."""


@dataclass(frozen=True)
class Filter:
    """column operator value; `wanted` has more than one value for "in" only."""

    column: Column
    op: str
    wanted: tuple[Any, ...]

    def passes(self, values: Values) -> bool:
        """What is null or not known passes no filter, as in SQL."""
        text = values.get(self.column.name)
        if text is None:
            return False
        try:
            value = _typed(self.column.type, text)
        except (ValueError, InvalidOperation):
            # "infinity" and other values that compare with nothing here.
            return False
        return value in self.wanted if self.op == "in" else COMPARE[self.op](value, self.wanted[0])


@dataclass(frozen=True)
class Binding:
    """A checked binding. `tables`: those it covers; `select`: empty for all columns."""

    id: int
    event: str
    tables: frozenset[tuple[str, str]]
    filter: Filter | None = None
    select: frozenset[str] = frozenset()

    def matches(self, change: Change) -> bool:
        """Of a deleted row only the key is known: a filter on anything else lets none through."""
        if self.event not in ("*", change.kind) or (change.schema, change.table) not in self.tables:
            return False
        if self.filter is None:
            return True
        if change.kind == "DELETE":
            return self.filter.column.is_key and self.filter.passes(change.old)
        return self.filter.passes(change.new)


def numbered(requested: object) -> list[dict[str, Any]]:
    """The requested bindings, each with an id: same order, same members, or clients hang up."""
    items = [
        item for item in cast(list[Any], requested if isinstance(requested, list) else []) if isinstance(item, dict)
    ]
    return [{**item, "id": zlib.crc32(repr((place, item)).encode()) or 1} for place, item in enumerate(items)]


def check(requested: dict[str, Any], tables: Mapping[tuple[str, str], Table]) -> Binding:
    """A binding of a join, against the tables there are. Raises BadBinding."""
    event = str(requested.get("event") or "*").upper()
    schema, name = str(requested.get("schema") or "public"), str(requested.get("table") or "*")
    covered = {key: table for key, table in tables.items() if schema in ("*", key[0]) and name in ("*", key[1])}
    if event not in EVENTS or not covered:
        raise BadBinding("Please check Realtime is enabled for the given connect parameters")
    some = next(iter(covered.values()))
    condition = _filter(requested.get("filter"), some, alone=len(covered) == 1)
    wanted = requested.get("select")
    select = frozenset(str(column) for column in cast(list[Any], wanted)) if isinstance(wanted, list) else frozenset()
    for column in select:
        if not all(table.column(column) for table in covered.values()):
            raise BadBinding(f"invalid column for select {column}")
    return Binding(int(requested["id"]), event, frozenset(covered), condition, select)


def _filter(text: object, table: Table, *, alone: bool) -> Filter | None:
    if text is None or text == "":
        return None
    name, found, rest = str(text).partition("=")
    op, dot, value = rest.partition(".")
    if not (found and dot) or (op != "in" and op not in COMPARE):
        raise BadBinding(f"Error parsing `filter` params: {text}")
    column = table.column(name.strip()) if alone else None
    if column is None:
        raise BadBinding(f"invalid column for filter {name}")
    if op != "in":
        return Filter(column, op, (_wanted(column, value),))
    if not (value.startswith("(") and value.endswith(")")):
        raise BadBinding("`in` filter value must be wrapped by parentheses")
    values = value[1:-1].split(",")
    if len(values) > MOST_IN_VALUES:
        raise BadBinding(f"too many values for `in` filter. Maximum {MOST_IN_VALUES}")
    return Filter(column, op, tuple(_wanted(column, one.strip()) for one in values))


def _wanted(column: Column, text: str) -> Any:
    try:
        return _typed(column.type, text)
    except (ValueError, InvalidOperation):
        raise BadBinding(f"invalid input syntax for type {column.type}: {text!r}") from None


def _typed(kind: str, text: str) -> Any:
    """The value to compare: numbers, times and truths by what they mean, everything else by its characters."""
    match kind:
        case "int2" | "int4" | "int8":
            return int(text)
        case "numeric" | "float4" | "float8":
            number = Decimal(text)
            if not number.is_finite():
                raise ValueError(text)
            return number
        case "bool":
            if text.lower() not in ("t", "true", "f", "false"):
                raise ValueError(text)
            return text.lower() in ("t", "true")
        case "uuid":
            return UUID(text)
        case "timestamptz":
            found = datetime.fromisoformat(text)
            if found.tzinfo is None:
                raise ValueError("a time without its offset")
            return found
        case _:
            return text
