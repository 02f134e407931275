"""The one writer of teams and memberships: a team always has an owner, and no more members than its plan allows."""

import json
import uuid
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from backend.errors import Conflict, NotFound
from backend.permissions import Role
from backend.settings import Settings
from backend.team import rules
from backend.team.schemas import Limits, Usage


class SlugTaken(Conflict):
    """Another team has this address already."""

    code = "slug_taken"


@dataclass(frozen=True)
class MemberRow:
    """Somebody in a team."""

    user_id: uuid.UUID
    email: str
    name: str
    role: Role
    joined_at: datetime


_TEAM = "id, name, slug, settings, plan, trial_ends_at, suspended_at, suspended_reason, created_at"


async def create(
    session: AsyncSession, settings: Settings, owner_id: uuid.UUID, name: str, slug: str, now: datetime
) -> Row[Any]:
    """A team with its owner. Raises BadSlug, SlugTaken."""
    values = {
        "name": name,
        "slug": rules.normal_slug(slug),
        "plan": settings.team_plan,
        "trial": now + timedelta(days=settings.trial_days) if settings.trial_days else None,
        "now": now,
    }
    statement = (
        "insert into public.teams (name, slug, plan, trial_ends_at, created_at)"  # noqa: S608
        f" values (:name, :slug, :plan, :trial, :now) on conflict (slug) do nothing returning {_TEAM}"
    )
    row = (await session.execute(text(statement), values)).first()
    if row is None:
        raise SlugTaken()
    await add_member(session, row.id, owner_id, "owner", now)
    return row


async def locked(session: AsyncSession, team_id: uuid.UUID) -> Row[Any]:
    """The team, locked: whoever changes its members does so one after the other. Raises NotFound."""
    found = await session.execute(
        text(f"select {_TEAM} from public.teams where id = :id for update"),  # noqa: S608
        {"id": team_id},
    )
    row = found.first()
    if row is None:
        raise NotFound()
    return row


async def change(session: AsyncSession, team_id: uuid.UUID, values: dict[str, Any]) -> Row[Any]:
    """Changes name, slug and settings, as far as they are given. Raises BadSlug, SlugTaken."""
    if "slug" in values:
        values = {**values, "slug": rules.normal_slug(values["slug"])}
    if "settings" in values:
        values = {**values, "settings": json.dumps(values["settings"])}
    assert values.keys() <= {"name", "slug", "settings"}
    changes = ", ".join(f"{n} = cast(:{n} as jsonb)" if n == "settings" else f"{n} = :{n}" for n in values)
    if changes:
        try:
            await session.execute(
                text(f"update public.teams set {changes} where id = :id"),  # noqa: S608
                {**values, "id": team_id},
            )
        except IntegrityError:
            raise SlugTaken() from None
    return await locked(session, team_id)


async def delete(session: AsyncSession, team_id: uuid.UUID) -> None:
    """The team and everything it owns."""
    await session.execute(text("delete from public.teams where id = :id"), {"id": team_id})


async def members(session: AsyncSession, team_id: uuid.UUID) -> list[MemberRow]:
    """Everybody in the team, oldest membership first."""
    rows = await session.execute(
        text(
            "select m.user_id, coalesce(u.email, '') as email, coalesce(p.name, '') as name, m.role, m.created_at"
            " from public.team_members m join auth.users u on u.id = m.user_id"
            " left join public.profiles p on p.user_id = m.user_id where m.team_id = :id order by m.created_at, u.email"
        ),
        {"id": team_id},
    )
    return [MemberRow(*row) for row in rows]


async def add_member(session: AsyncSession, team_id: uuid.UUID, user_id: uuid.UUID, role: Role, now: datetime) -> None:
    """Adds somebody; who is in the team already stays as they are. Raises LimitReached."""
    team = await locked(session, team_id)
    refusal = rules.over_limit(team.plan, "members", len(await members(session, team_id)))
    if refusal is not None:
        raise refusal
    await session.execute(
        text(
            "insert into public.team_members (team_id, user_id, role, created_at) values (:team, :user, :role, :now)"
            " on conflict do nothing"
        ),
        {"team": team_id, "user": user_id, "role": role, "now": now},
    )


async def usage(session: AsyncSession, team_id: uuid.UUID) -> Usage:
    """How much the team has of what its plan limits."""
    found = await session.execute(
        text(
            "select (select count(*) from public.team_members where team_id = :id) as members,"
            " (select count(*) from public.monitors where team_id = :id) as monitors,"
            " (select count(*) from public.integrations where team_id = :id and revoked_at is null) as integrations"
        ),
        {"id": team_id},
    )
    return Usage(**found.mappings().one())


def plan_limits(plan: str) -> Limits:
    """How much a plan allows."""
    return Limits(**asdict(rules.PLANS.get(plan, rules.Plan())))


async def set_role(
    session: AsyncSession, team_id: uuid.UUID, user_id: uuid.UUID, role: Role | None, *, by: Role
) -> MemberRow:
    """Changes a member's role, or removes them (None). Answers what they were. Raises NotFound, AboveYou, LastOwner."""
    await locked(session, team_id)
    everybody = await members(session, team_id)
    member = next((m for m in everybody if m.user_id == user_id), None)
    if member is None:
        raise NotFound()
    refusal = rules.membership_refusal(by, member.role, role, owners=sum(m.role == "owner" for m in everybody))
    if refusal is not None:
        raise refusal
    change = "delete from public.team_members" if role is None else "update public.team_members set role = :role"
    await session.execute(
        text(f"{change} where team_id = :team and user_id = :user"),
        {"team": team_id, "user": user_id, "role": role},
    )
    return member
