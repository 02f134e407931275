"""One at a time, per team, looks for the incident that trouble belongs to and opens one where there is none.

Two processes that look at the same instant would both find nothing. A turn ends with its transaction, so that whoever
is next sees what was opened. It is for the whole team because what belongs together need not have a name in common (a
dependency, a deploy), and costs little: whoever opens an incident waits for the team's next number anyway.

The order of locks: alerts or monitors, then the turn, then incidents.
"""

import uuid
from collections.abc import Collection

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

_TAKE = text(
    "select pg_advisory_xact_lock(hashtextextended('incidents ' || t, 0)) from unnest(cast(:teams as text[])) as t"
)


async def take(session: AsyncSession, teams: Collection[uuid.UUID]) -> None:
    """Waits for the turn of each of the teams, in one order. To take it again costs nothing but the asking."""
    if teams:
        await session.execute(_TAKE, {"teams": sorted(str(team) for team in teams)})
