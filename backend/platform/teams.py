"""All teams of the installation, found, suspended and given time. Who is in them is written by backend/team."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncSession

from backend import cursor as cursors
from backend.errors import NotFound
from backend.incident.rules import ACTIVE

_TEAM = """
    select t.id, t.name, t.slug, t.plan, t.created_at, t.trial_ends_at, t.suspended_at, t.suspended_reason,
        (select count(*) from public.team_members m where m.team_id = t.id) as members,
        (select count(*) from public.incidents i where i.team_id = t.id and i.status = any(:active)) as open_incidents,
        (select u.email from public.team_members m join auth.users u on u.id = m.user_id
         where m.team_id = t.id and m.role = 'owner' order by m.created_at, u.email limit 1) as owner_email
    from public.teams t
"""
_ACTIVE = {"active": sorted(ACTIVE)}


async def page(
    session: AsyncSession, q: str | None, cursor: str | None, limit: int
) -> tuple[list[Row[Any]], str | None]:
    """Teams whose name, address or owner contains `q`, the newest first, and where the next page begins."""
    at, after = cursors.decode_uuid(cursor) if cursor else (None, None)
    rows = await session.execute(
        text(
            f"select * from ({_TEAM}) found"  # noqa: S608
            " where (cast(:at as timestamptz) is null or (created_at, id) < (cast(:at as timestamptz), :after))"
            " and (cast(:q as text) is null or strpos(lower(concat_ws(' ', name, slug, owner_email)), lower(:q)) > 0)"
            " order by created_at desc, id desc limit :limit"
        ),
        {**_ACTIVE, "at": at, "after": after, "q": q, "limit": limit + 1},
    )
    return cursors.cut(rows.all(), limit, lambda row: (row.created_at, row.id))


async def find(session: AsyncSession, team_id: uuid.UUID) -> Row[Any]:
    """One team. Raises NotFound."""
    found = await session.execute(text(f"{_TEAM} where t.id = :id"), {**_ACTIVE, "id": team_id})
    row = found.first()
    if row is None:
        raise NotFound()
    return row


async def members(session: AsyncSession, team_id: uuid.UUID) -> list[Row[Any]]:
    """Everybody in the team, oldest membership first."""
    rows = await session.execute(
        text(
            "select m.user_id, coalesce(u.email, '') as email, coalesce(p.name, '') as name, m.role,"
            " coalesce(p.is_platform_admin, false) as is_platform_admin"
            " from public.team_members m join auth.users u on u.id = m.user_id"
            " left join public.profiles p on p.user_id = m.user_id where m.team_id = :id order by m.created_at, u.email"
        ),
        {"id": team_id},
    )
    return list(rows)


async def suspend(session: AsyncSession, team_id: uuid.UUID, reason: str, now: datetime) -> None:
    """Nothing can be changed and only its admins can look, from now on; a second time changes the reason only."""
    await session.execute(
        text(
            "update public.teams set suspended_at = coalesce(suspended_at, :now), suspended_reason = :reason"
            " where id = :id"
        ),
        {"id": team_id, "reason": reason, "now": now},
    )


async def unsuspend(session: AsyncSession, team_id: uuid.UUID) -> None:
    """The team goes on."""
    await session.execute(
        text("update public.teams set suspended_at = null, suspended_reason = null where id = :id"), {"id": team_id}
    )


async def set_trial(session: AsyncSession, team_id: uuid.UUID, ends_at: datetime | None) -> None:
    """The trial ends then; None: there is none."""
    await session.execute(
        text("update public.teams set trial_ends_at = :ends where id = :id"), {"id": team_id, "ends": ends_at}
    )
