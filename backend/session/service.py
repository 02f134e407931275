"""Sign-ins as Supabase's sign-in keeps them, here and on a project alike: listed, and ended by their owner.

A deleted row takes its refresh tokens with it, closes its live channels, and no token of it is accepted any more.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncSession

MOST_SHOWN = 200


async def of_person(session: AsyncSession, user_id: UUID, current: UUID | None, now: datetime) -> list[Row[Any]]:
    """Where they are signed in: the session that asks first, then the one used last."""
    rows = await session.execute(
        text(
            "select id, id is not distinct from cast(:current as uuid) as current, created_at,"
            " coalesce(refreshed_at at time zone 'utc', updated_at, created_at) as last_used_at, host(ip) as ip,"
            " nullif(user_agent, '') as user_agent, coalesce(aal::text, 'aal1') as aal from auth.sessions"
            " where user_id = :user and (not_after is null or not_after > :now)"
            " order by current desc, last_used_at desc, id limit :limit"
        ),
        {"user": user_id, "current": current, "now": now, "limit": MOST_SHOWN},
    )
    return list(rows)


async def end(session: AsyncSession, user_id: UUID, session_id: UUID) -> bool:
    """Ends one of the person's sign-ins. False: they have none of that id."""
    ended = await session.execute(
        text("delete from auth.sessions where id = :id and user_id = :user returning 1"),
        {"id": session_id, "user": user_id},
    )
    return ended.first() is not None


async def end_others(session: AsyncSession, user_id: UUID, current: UUID | None) -> int:
    """Ends all of them but the one that asks. Answers how many there were."""
    ended = await session.execute(
        text(
            "delete from auth.sessions where user_id = :user and id is distinct from cast(:current as uuid) returning 1"
        ),
        {"user": user_id, "current": current},
    )
    return len(ended.all())
