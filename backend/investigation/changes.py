"""What was changed before the trouble, for the case file. Changes belong to a sibling package: read by name."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.investigation.kinds import ChangeFact

# A change of yesterday that only breaks under today's load is worth knowing; one of last week is noise.
BEFORE = timedelta(hours=24)
_MOST = 50


async def changes_around(
    session: AsyncSession, team_id: UUID, target: str, began: datetime, now: datetime
) -> list[ChangeFact]:
    """The team's changes from a day before the trouble on: the target's own and the latest first."""
    rows = await session.execute(
        text(
            "select at, kind, target, summary, ref, url, registered_by from public.changes"
            " where team_id = :team and at between :since and :now"
            " order by target = :target desc, at desc, id desc limit :most"
        ),
        {"team": team_id, "since": began - BEFORE, "now": now, "target": target, "most": _MOST},
    )
    return [
        ChangeFact(
            at=row.at,
            kind=row.kind,
            target=row.target,
            summary=row.summary,
            ref=row.ref,
            url=row.url,
            by=row.registered_by,
        )
        for row in rows
    ]
