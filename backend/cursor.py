"""Cursors of lists that are ordered by a time and an id: opaque to clients, and stable while rows are added."""

import base64
import binascii
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Annotated, Any, TypeVar
from uuid import UUID

from fastapi import Query
from sqlalchemy import Integer, Select, tuple_
from sqlalchemy.orm import InstrumentedAttribute

from backend.errors import Invalid

Cursor = Annotated[str | None, Query(max_length=200, description="`next_cursor` of the page before.")]
Limit = Annotated[int, Query(ge=1, le=200, description="Most items of a page.")]


Rows = TypeVar("Rows", bound=Select[*tuple[Any, ...]])
Row = TypeVar("Row")


class BadCursor(Invalid):
    """The cursor is not one that this list has given out. Start again without it."""

    code = "bad_cursor"


def encode(at: datetime, row_id: UUID | int) -> str:
    """A cursor for the rows after this one."""
    return base64.urlsafe_b64encode(f"{at.isoformat()}|{row_id}".encode()).decode().rstrip("=")


def decode(cursor: str) -> tuple[datetime, str]:
    """The time and the id (as text) of the last row of the page before. Raises BadCursor."""
    try:
        at, _, row_id = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode().partition("|")
        when = datetime.fromisoformat(at)
    except (ValueError, binascii.Error):
        raise BadCursor() from None
    if when.tzinfo is None or not row_id:
        raise BadCursor()
    return when, row_id


def decode_uuid(cursor: str) -> tuple[datetime, UUID]:
    """As decode, for lists whose ids are UUIDs."""
    at, row_id = decode(cursor)
    try:
        return at, UUID(row_id)
    except ValueError:
        raise BadCursor() from None


def decode_int(cursor: str) -> tuple[datetime, int]:
    """As decode, for lists whose ids are numbers."""
    at, row_id = decode(cursor)
    if not row_id.isascii() or not row_id.isdigit() or len(row_id) > 18:
        raise BadCursor()
    return at, int(row_id)


def newest_first(
    query: Rows, at: InstrumentedAttribute[datetime], row_id: InstrumentedAttribute[Any], cursor: str | None, limit: int
) -> Rows:
    """The page after the cursor, and one row more, by which `cut` knows of a next one. Raises BadCursor."""
    if cursor is not None:
        after = decode_int(cursor) if isinstance(row_id.type, Integer) else decode_uuid(cursor)
        query = query.where(tuple_(at, row_id) < tuple_(*after))
    return query.order_by(at.desc(), row_id.desc()).limit(limit + 1)


def cut(
    rows: Sequence[Row], limit: int, place: Callable[[Row], tuple[datetime, UUID | int]]
) -> tuple[list[Row], str | None]:
    """What fits on the page, and the cursor of the next one; None: there is none. `place`: time and id of a row."""
    return list(rows[:limit]), encode(*place(rows[limit - 1])) if len(rows) > limit else None
