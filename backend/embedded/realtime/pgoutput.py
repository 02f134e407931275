"""PostgreSQL's logical replication messages (plugin pgoutput, protocol 1): bytes in, row changes out. Pure.

One call of pg_logical_slot_get_binary_changes is self-contained: every table is described before its first row.
https://www.postgresql.org/docs/current/protocol-logicalrep-message-formats.html
"""

import struct
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

Kind = Literal["INSERT", "UPDATE", "DELETE"]
# Values as PostgreSQL writes them. A large value that an UPDATE left alone is not sent, so it is not in the row.
Values = dict[str, str | None]

EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
PART_OF_KEY = 1


class BadMessage(Exception):
    """What arrived is no message of the protocol."""


@dataclass(frozen=True)
class Relation:
    """A table as the stream describes it: (name, is part of the key) of each column."""

    schema: str
    table: str
    columns: tuple[tuple[str, bool], ...]

    def key_of(self, values: Values) -> Values:
        return {name: values[name] for name, is_key in self.columns if is_key and name in values}


@dataclass(frozen=True)
class Change:
    """One row of a committed transaction. `old`: the key as it was before; `new` is empty for a DELETE."""

    kind: Kind
    schema: str
    table: str
    new: Values
    old: Values
    committed_at: datetime


class _Reader:
    """Takes a message apart from the front."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def take(self, size: int) -> bytes:
        part = self._data[self._at : self._at + size]
        if len(part) != size:
            raise BadMessage("cut short")
        self._at += size
        return part

    def letter(self) -> str:
        return self.take(1).decode("latin-1")

    def number(self, layout: Literal["B", "H", "I", "q"]) -> int:
        return int(struct.unpack(f">{layout}", self.take(struct.calcsize(f">{layout}")))[0])

    def text(self) -> str:
        end = self._data.find(b"\0", self._at)
        if end < 0:
            raise BadMessage("cut short")
        found = self._data[self._at : end].decode()
        self._at = end + 1
        return found


def decode(messages: Iterable[bytes]) -> list[Change]:
    """The row changes of one call, in commit order. Raises BadMessage."""
    relations: dict[int, Relation] = {}
    changes: list[Change] = []
    committed_at = EPOCH
    for message in messages:
        reader = _Reader(message)
        match reader.letter():
            case "B":
                reader.take(8)
                committed_at = EPOCH + timedelta(microseconds=reader.number("q"))
            case "R":
                oid = reader.number("I")
                relations[oid] = _relation(reader)
            case "I" | "U" | "D" as letter:
                oid = reader.number("I")
                if oid not in relations:
                    raise BadMessage("a row of a table that was not described")
                changes.append(_change(letter, relations[oid], reader, committed_at))
            case _:
                # Commit, origin, type, truncate, message: nothing about a row.
                pass
    return changes


def _relation(reader: _Reader) -> Relation:
    schema, table = reader.text(), reader.text()
    reader.take(1)
    columns: list[tuple[str, bool]] = []
    for _ in range(reader.number("H")):
        is_key = reader.number("B") & PART_OF_KEY == PART_OF_KEY
        columns.append((reader.text(), is_key))
        reader.take(8)
    return Relation(schema, table, tuple(columns))


def _change(letter: str, relation: Relation, reader: _Reader, committed_at: datetime) -> Change:
    """An UPDATE brings its old key only when that changed; otherwise the new row's is the old one's."""
    before: Values | None = None
    part = reader.letter()
    if part in ("K", "O"):
        before = relation.key_of(_values(relation, reader))
        part = reader.letter() if letter == "U" else ""
    if letter == "D":
        if before is None:
            raise BadMessage("a DELETE without its key")
        return Change("DELETE", relation.schema, relation.table, {}, before, committed_at)
    if part != "N":
        raise BadMessage("a row without its values")
    new = _values(relation, reader)
    if letter == "I":
        return Change("INSERT", relation.schema, relation.table, new, {}, committed_at)
    old = relation.key_of(new) if before is None else before
    return Change("UPDATE", relation.schema, relation.table, new, old, committed_at)


def _values(relation: Relation, reader: _Reader) -> Values:
    if reader.number("H") != len(relation.columns):
        raise BadMessage("a row that does not fit its table")
    values: Values = {}
    for name, _ in relation.columns:
        match reader.letter():
            case "n":
                values[name] = None
            case "t":
                values[name] = reader.take(reader.number("I")).decode()
            case "u":
                pass
            case other:
                raise BadMessage(f"a value of kind {other!r}")
    return values
