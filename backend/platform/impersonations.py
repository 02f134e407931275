"""The one writer of visits: a platform admin acts as a member of a team, with a reason, for half an hour."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.access import Person
from backend.errors import NotFound
from backend.platform import rules

MOST_SHOWN = 100
_VISIT = """
    select i.*, t.name as team_name, t.slug as team_slug, coalesce(u.email, '') as user_email,
        coalesce(a.email, '') as admin_email, i.ended_at is null and i.expires_at > :now as active
    from public.impersonations i join public.teams t on t.id = i.team_id
    join auth.users u on u.id = i.user_id join auth.users a on a.id = i.admin_id
"""


async def begin(
    session: AsyncSession, admin: Person, team_id: uuid.UUID, user_id: uuid.UUID, reason: str, now: datetime
) -> Row[Any]:
    """The visit. Raises NotInTeam, PlatformAdminVisited, AlreadyVisiting."""
    await _close_expired(session, admin.user_id, now)
    found = await session.execute(
        text(
            "select u.email, coalesce(p.is_platform_admin, false) as is_platform_admin,"
            " exists (select 1 from public.impersonations where admin_id = :admin and ended_at is null) as visiting"
            " from public.team_members m join auth.users u on u.id = m.user_id"
            " left join public.profiles p on p.user_id = m.user_id where m.team_id = :team and m.user_id = :user"
        ),
        {"admin": admin.user_id, "team": team_id, "user": user_id},
    )
    member = found.first()
    refusal = rules.visit_refusal(
        member=member is not None,
        target_is_platform_admin=member is not None and member.is_platform_admin,
        visiting=member is not None and member.visiting,
    )
    if refusal is not None or member is None:
        raise refusal or rules.NotInTeam()
    made = await session.execute(
        text(
            "insert into public.impersonations"
            " (admin_id, admin_name, team_id, user_id, user_name, reason, started_at, expires_at)"
            " values (:admin, :admin_name, :team, :user, :user_name, :reason, :now, :until)"
            " on conflict (admin_id) where ended_at is null do nothing returning id"
        ),
        {
            "admin": admin.user_id,
            "admin_name": admin.email or admin.name,
            "team": team_id,
            "user": user_id,
            "user_name": member.email or "",
            "reason": reason,
            "now": now,
            "until": now + rules.VISIT,
        },
    )
    visit_id = made.scalar_one_or_none()
    if visit_id is None:
        raise rules.AlreadyVisiting()
    return await find(session, visit_id, now)


async def find(session: AsyncSession, visit_id: uuid.UUID, now: datetime) -> Row[Any]:
    """One visit. Raises NotFound."""
    found = await session.execute(text(f"{_VISIT} where i.id = :id"), {"id": visit_id, "now": now})
    row = found.first()
    if row is None:
        raise NotFound()
    return row


async def recent(session: AsyncSession, now: datetime) -> list[Row[Any]]:
    """The latest visits, those that go on first."""
    rows = await session.execute(
        text(f"{_VISIT} order by active desc, i.started_at desc, i.id limit :limit"), {"now": now, "limit": MOST_SHOWN}
    )
    return list(rows)


async def end(session: AsyncSession, visit_id: uuid.UUID, now: datetime) -> bool:
    """Ends a visit. False: it was over already."""
    ended = await session.execute(
        text(
            "update public.impersonations set ended_at = :now"
            " where id = :id and ended_at is null and expires_at > :now returning 1"
        ),
        {"id": visit_id, "now": now},
    )
    return ended.first() is not None


async def _close_expired(session: AsyncSession, admin_id: uuid.UUID, now: datetime) -> None:
    """A visit that ran out does not stand in the way of the next one."""
    await session.execute(
        text(
            "update public.impersonations set ended_at = expires_at"
            " where admin_id = :admin and ended_at is null and expires_at <= :now"
        ),
        {"admin": admin_id, "now": now},
    )
