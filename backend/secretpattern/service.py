"""The one writer of a team's secret patterns."""

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from backend.errors import Conflict, NotFound
from backend.redaction.patterns import compile_pattern

MOST_PATTERNS = 20


class PatternNameTaken(Conflict):
    """There is a pattern by that name already."""

    code = "pattern_name_taken"


class TooManyPatterns(Conflict):
    """A team has at most 20 patterns: every one is searched for in everything. Join some with `|`."""

    code = "too_many_patterns"


async def of_team(session: AsyncSession, team_id: uuid.UUID) -> Sequence[Row[Any]]:
    """All of them, by name."""
    query = text(
        "select id, name, pattern, created_at, created_by from public.secret_patterns"
        " where team_id = :team order by name"
    )
    return (await session.execute(query, {"team": team_id})).all()


async def create(
    session: AsyncSession, team_id: uuid.UUID, name: str, pattern: str, by: str, now: datetime
) -> Row[Any]:
    """Raises BadPattern, PatternNameTaken, TooManyPatterns."""
    compile_pattern(pattern)
    await session.execute(text("select id from public.teams where id = :team for update"), {"team": team_id})
    if len(await of_team(session, team_id)) >= MOST_PATTERNS:
        raise TooManyPatterns()
    statement = text(
        "insert into public.secret_patterns (team_id, name, pattern, created_at, created_by)"
        " values (:team, :name, :pattern, :now, :by) returning id, name, pattern, created_at, created_by"
    )
    values = {"team": team_id, "name": name, "pattern": pattern, "now": now, "by": by}
    try:
        return (await session.execute(statement, values)).one()
    except IntegrityError:
        raise PatternNameTaken() from None


async def remove(session: AsyncSession, team_id: uuid.UUID, pattern_id: uuid.UUID) -> str:
    """Answers its name. What was hidden stays hidden. Raises NotFound."""
    statement = text("delete from public.secret_patterns where id = :id and team_id = :team returning name")
    name = (await session.execute(statement, {"id": pattern_id, "team": team_id})).scalar_one_or_none()
    if name is None:
        raise NotFound()
    return name
