"""The decoder of logical replication messages: rows, keys, nulls, what did not change, and garbage."""

import struct
from datetime import UTC, datetime

import pytest

from backend.embedded.realtime.pgoutput import BadMessage, Change, decode

AT = datetime(2026, 11, 20, 23, 51, 13, 86000, tzinfo=UTC)
BEGIN = b"B" + struct.pack(">qqI", 1, int((AT - datetime(2000, 1, 1, tzinfo=UTC)).total_seconds() * 1_000_000), 7)
COMMIT = b"C" + bytes(25)
OID = struct.pack(">I", 16_400)


def column(name: str, *, key: bool = False) -> bytes:
    return bytes([key]) + name.encode() + b"\0" + struct.pack(">Ii", 25, -1)


RELATION = (
    b"R"
    + OID
    + b"public\0incidents\0d"
    + struct.pack(">H", 3)
    + column("id", key=True)
    + column("title")
    + column("logs")
)


def row(*values: str | bytes | None) -> bytes:
    """Text, None for null, b"u" for a large value that did not change."""
    parts = [
        b"n" if value is None else value if isinstance(value, bytes) else b"t" + sized(value.encode())
        for value in values
    ]
    return struct.pack(">H", len(values)) + b"".join(parts)


def sized(content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + content


@pytest.mark.parametrize(
    ("message", "kind", "new", "old"),
    [
        (b"I" + OID + b"N" + row("1", "wörld", None), "INSERT", {"id": "1", "title": "wörld", "logs": None}, {}),
        (b"U" + OID + b"N" + row("1", "a", b"u"), "UPDATE", {"id": "1", "title": "a"}, {"id": "1"}),
        (
            b"U" + OID + b"K" + row("1", None, None) + b"N" + row("2", "a", "b"),
            "UPDATE",
            {"id": "2", "title": "a", "logs": "b"},
            {"id": "1"},
        ),
        (b"D" + OID + b"K" + row("1", None, None), "DELETE", {}, {"id": "1"}),
        (b"D" + OID + b"O" + row("1", "secret", "secret"), "DELETE", {}, {"id": "1"}),
    ],
)
def test_a_row_is_decoded(message: bytes, kind: str, new: dict[str, str], old: dict[str, str]) -> None:
    (change,) = decode([BEGIN, RELATION, message, COMMIT])
    assert change == Change(kind, "public", "incidents", new, old, AT)  # type: ignore[arg-type]


def test_what_is_no_row_is_passed_over() -> None:
    assert decode([BEGIN, b"O" + bytes(9), b"Y" + OID, RELATION, b"T" + bytes(9), b"M" + bytes(9), COMMIT]) == []


@pytest.mark.parametrize(
    "messages",
    [
        [b""],
        [b"B\0"],
        [b"I" + OID + b"N" + row("1", "a", "b")],
        [RELATION[:20]],
        [RELATION, b"I" + OID + b"N" + row("1", "a")],
        [RELATION, b"I" + OID + b"X" + row("1", "a", "b")],
        [RELATION, b"I" + OID + b"N" + row("1", "a", b"?")],
        [RELATION, b"D" + OID + b"N" + row("1", "a", "b")],
        [RELATION, b"I" + OID + b"N" + row("1", "a", "b")[:-1]],
    ],
)
def test_garbage_is_refused(messages: list[bytes]) -> None:
    with pytest.raises(BadMessage):
        decode(messages)
