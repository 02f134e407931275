"""Who a verified token or an API key belongs to, as the database knows them now: person, member, key, visitor."""

import json
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncSession

from backend import keys
from backend.caller import Caller, Key, Membership, Origin, Person, Visit
from backend.errors import Forbidden, NightdeskError
from backend.standing import Maintenance
from backend.tokens import Claims

# The claim that opens a team to an API key. Only we set it; no token may bring it along.
_TEAM_CLAIM = "nightdesk_team"


class SessionOver(NightdeskError):
    """This sign-in has ended. Sign in again."""

    status, code = 401, "session_ended"


class NoTeam(NightdeskError):
    """You do not belong to any team yet. Ask an admin to invite you."""

    status, code = 403, "no_team"


class VisitOver(Forbidden):
    """This visit has ended. Start a new one, with its reason, to go on."""

    code = "visit_over"


async def key_caller(session: AsyncSession, key: str, origin: Origin, now: datetime) -> Caller:
    """The team's API key as a caller. Raises what `keys.look_up` does."""
    row = await keys.look_up(session, key, now)
    team = Membership(
        row.team_id,
        row.team_name,
        row.slug,
        "viewer",
        row.plan,
        row.trial_ends_at,
        row.suspended_at,
        row.suspended_reason,
    )
    return Caller(
        user_id=row.id,
        email="",
        name=row.name,
        aal="aal1",
        session_id=None,
        team=team,
        teams=(team,),
        claims={"sub": str(row.id), "role": "authenticated", _TEAM_CLAIM: str(team.team_id)},
        key=Key(row.id, row.name, frozenset(row.scopes)),
        origin=origin,
    )


async def person_behind(session: AsyncSession, claims: Claims, origin: Origin, now: datetime) -> Person:
    """Whose token it is. A token outlives its sign-in, so that is looked up. Raises SessionOver."""
    found = await session.execute(
        text(
            "select coalesce(p.name, '') as name, p.current_team_id, coalesce(p.is_platform_admin, false) as admin,"
            " (select value from public.app_settings where key = 'maintenance') as maintenance,"
            " exists (select 1 from auth.sessions where id = :session_id and user_id = :user_id"
            "   and (not_after is null or not_after > :now)) as is_live"
            " from (select 1) as one left join public.profiles p on p.user_id = :user_id"
        ),
        {"user_id": claims.sub, "session_id": claims.session_id, "now": now},
    )
    row = found.one()
    if not row.is_live:
        raise SessionOver()
    metadata = claims.raw.get("user_metadata") or {}
    return Person(
        user_id=claims.sub,
        email=claims.email,
        name=row.name or str(metadata.get("name") or claims.email),
        aal=claims.aal,
        session_id=claims.session_id,
        teams=await memberships(session, claims.sub),
        claims={name: value for name, value in claims.raw.items() if name != _TEAM_CLAIM},
        current_team_id=row.current_team_id,
        is_platform_admin=row.admin,
        maintenance=_maintenance(row.maintenance),
        origin=origin,
    )


async def in_a_team(
    session: AsyncSession, person: Person, wanted: str | None, visit: str | None, now: datetime
) -> Caller:
    """The person in the team they want (slug or id), or as the member they visit. Raises NoTeam, VisitOver."""
    if visit is not None:
        return await _visitor(session, person, visit, now)
    if not person.teams:
        raise NoTeam()
    team = _chosen(person, wanted)
    return Caller(
        user_id=person.user_id,
        email=person.email,
        name=person.name,
        aal=person.aal,
        session_id=person.session_id,
        team=team,
        teams=person.teams,
        claims=person.claims,
        is_platform_admin=person.is_platform_admin,
        origin=person.origin,
    )


def _chosen(person: Person, wanted: str | None) -> Membership:
    """The team that was asked for, else the one they used last, else the oldest that is not suspended."""
    if wanted:
        team = next((t for t in person.teams if wanted in (t.slug, str(t.team_id))), None)
        if team is None:
            raise Forbidden("You are not a member of that team.")
        return team
    usable = [t for t in person.teams if t.suspended_at is None] or list(person.teams)
    return next((t for t in usable if t.team_id == person.current_team_id), usable[0])


async def _visitor(session: AsyncSession, person: Person, visit_id: str, now: datetime) -> Caller:
    """The platform admin as the member they visit. Raises VisitOver."""
    found = await session.execute(
        text(
            "select i.id, i.user_id, i.team_id, i.reason, i.expires_at, u.email from public.impersonations i"
            " join auth.users u on u.id = i.user_id"
            " where i.id::text = :id and i.admin_id = :admin_id and i.ended_at is null and i.expires_at > :now"
            " and not exists (select 1 from public.profiles p where p.user_id = i.user_id and p.is_platform_admin)"
        ),
        {"id": visit_id.lower(), "admin_id": person.user_id, "now": now},
    )
    row = found.first()
    teams = await memberships(session, row.user_id) if row is not None and person.is_platform_admin else ()
    team = next((t for t in teams if row is not None and t.team_id == row.team_id), None)
    if row is None or team is None:
        raise VisitOver()
    return Caller(
        user_id=row.user_id,
        email=row.email or "",
        name=row.email or "",
        aal="aal1",
        session_id=None,
        team=team,
        teams=(team,),
        claims={**person.claims, "sub": str(row.user_id), "email": row.email, "aal": "aal1"},
        visit=Visit(row.id, person.user_id, person.email or person.name, row.reason, row.expires_at),
        origin=person.origin,
    )


async def memberships(session: AsyncSession, user_id: UUID) -> tuple[Membership, ...]:
    """The teams of a person, oldest membership first."""
    rows = await session.execute(
        text(
            "select t.id, t.name, t.slug, m.role, t.plan, t.trial_ends_at, t.suspended_at, t.suspended_reason"
            " from public.team_members m join public.teams t on t.id = m.team_id"
            " where m.user_id = :user_id order by m.created_at, t.slug"
        ),
        {"user_id": user_id},
    )
    return tuple(_membership(row) for row in rows)


def _membership(row: Row[Any]) -> Membership:
    return Membership(*row)


async def read_maintenance(session: AsyncSession) -> Maintenance:
    """Whether the installation is closed for changes."""
    found = await session.execute(text("select value from public.app_settings where key = 'maintenance'"))
    return _maintenance(found.scalar_one_or_none())


def _maintenance(value: Any) -> Maintenance:
    stored = json.loads(value) if isinstance(value, str) else value
    return Maintenance(bool(stored.get("on")), str(stored.get("notice", ""))) if stored else Maintenance()
