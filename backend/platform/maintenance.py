"""The one writer of maintenance mode: whether anything can be changed, since when, and what people are told."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

_KEY = {"key": "maintenance"}


@dataclass(frozen=True)
class Switch:
    """As it stands."""

    on: bool = False
    notice: str = ""
    since: datetime | None = None
    by: str | None = None


async def read(session: AsyncSession, *, lock: bool = False) -> Switch:
    """How it stands; off when nobody has ever touched it."""
    found = await session.execute(
        text(f"select value, updated_by from public.app_settings where key = :key{' for update' if lock else ''}"),  # noqa: S608
        _KEY,
    )
    row = found.first()
    if row is None:
        return Switch()
    value: dict[str, Any] = row.value
    since = value.get("since")
    return Switch(
        bool(value.get("on")),
        str(value.get("notice", "")),
        datetime.fromisoformat(since) if since else None,
        row.updated_by,
    )


async def switch(session: AsyncSession, on: bool, notice: str, by: str, now: datetime) -> tuple[Switch, Switch]:
    """Turns it on or off, or changes the notice. Answers how it was and how it is."""
    was = await read(session, lock=True)
    since = (was.since if was.on and was.since else now) if on else None
    value = {"on": on, "notice": notice, "since": since.isoformat() if since else None}
    await session.execute(
        text(
            "insert into public.app_settings (key, value, updated_at, updated_by)"
            " values (:key, cast(:value as jsonb), :now, :by) on conflict (key) do update"
            " set value = excluded.value, updated_at = excluded.updated_at, updated_by = excluded.updated_by"
        ),
        {**_KEY, "value": json.dumps(value), "now": now, "by": by},
    )
    return was, Switch(on, notice, since, by)
