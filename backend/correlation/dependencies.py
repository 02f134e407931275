"""The one writer of dependencies: what people declare, and what investigations saw."""

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.errors import Conflict, Invalid, NotFound

MAX_PER_TEAM = 5_000


class BadDependency(Invalid):
    """Nothing depends on itself."""

    code = "bad_dependency"


class TooManyDependencies(Conflict):
    """The team has as many dependencies as fit; delete some."""

    code = "too_many_dependencies"


async def page(session: AsyncSession, team_id: uuid.UUID) -> Sequence[Row[Any]]:
    """All of the team's, by target."""
    query = text(
        "select target, depends_on, origin, incident_id, created_by, created_at from public.dependencies"
        " where team_id = :team order by target, depends_on"
    )
    return (await session.execute(query, {"team": team_id})).all()


async def declare(
    session: AsyncSession, team_id: uuid.UUID, target: str, depends_on: str, who: str, now: datetime
) -> Row[Any]:
    """Declares a dependency; one that was only seen becomes declared. Raises BadDependency and TooManyDependencies."""
    if target == depends_on:
        raise BadDependency()
    count = text("select count(*) from public.dependencies where team_id = :team")
    if (await session.execute(count, {"team": team_id})).scalar_one() >= MAX_PER_TEAM:
        raise TooManyDependencies()
    query = text(
        "insert into public.dependencies (team_id, target, depends_on, origin, created_by, created_at)"
        " values (:team, :target, :needs, 'declared', :who, :now) on conflict (team_id, target, depends_on)"
        " do update set origin = 'declared', created_by = excluded.created_by, created_at = excluded.created_at"
        " returning target, depends_on, origin, incident_id, created_by, created_at"
    )
    values = {"team": team_id, "target": target, "needs": depends_on, "who": who, "now": now}
    return (await session.execute(query, values)).one()


async def forget(session: AsyncSession, team_id: uuid.UUID, target: str, depends_on: str) -> None:
    """Deletes a dependency. Raises NotFound."""
    query = text(
        "delete from public.dependencies where team_id = :team and target = :target and depends_on = :needs"
        " returning target"
    )
    found = await session.execute(query, {"team": team_id, "target": target, "needs": depends_on})
    if found.first() is None:
        raise NotFound()
