"""The one writer of profiles; a row appears with the first change."""

import json
import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncSession

_COLUMNS = ("name", "avatar_url", "time_zone", "locale", "preferences", "current_team_id", "is_platform_admin")


async def read(session: AsyncSession, user_id: uuid.UUID, now: datetime) -> Row[Any]:
    """The profile, made when there is none yet."""
    await session.execute(
        text(
            "insert into public.profiles (user_id, created_at, updated_at) values (:id, :now, :now)"
            " on conflict do nothing"
        ),
        {"id": user_id, "now": now},
    )
    found = await session.execute(
        text(f"select {', '.join(_COLUMNS)} from public.profiles where user_id = :id"),  # noqa: S608
        {"id": user_id},
    )
    return found.one()


async def change(session: AsyncSession, user_id: uuid.UUID, values: dict[str, Any], now: datetime) -> Row[Any]:
    """Changes what is given: some of the columns, checked before."""
    assert values.keys() <= set(_COLUMNS)
    await read(session, user_id, now)
    given = {**values, "preferences": json.dumps(values["preferences"])} if "preferences" in values else values
    changes = [f"{name} = cast(:{name} as jsonb)" if name == "preferences" else f"{name} = :{name}" for name in given]
    await session.execute(
        text(f"update public.profiles set {', '.join([*changes, 'updated_at = :now'])} where user_id = :id"),  # noqa: S608
        {**given, "id": user_id, "now": now},
    )
    return await read(session, user_id, now)
