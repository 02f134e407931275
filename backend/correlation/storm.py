"""How much comes in just now."""

import uuid
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.correlation import rules
from backend.correlation.schemas import Storm
from backend.incident.rules import ACTIVE

_OPENED = text("select count(*) from public.incidents where team_id = :team and created_at >= :since")
# By way of the incidents: the alerts of a team are many, those of its open incidents few.
_FIRED = text(
    "select count(*) from public.incidents i join public.alerts a on a.incident_id = i.id"
    " where i.team_id = :team and i.status = any(:active) and i.last_seen_at >= :since and a.received_at >= :since"
)


async def now_of(session: AsyncSession, team_id: uuid.UUID, now: datetime) -> Storm:
    """The last minutes of the team."""
    window = {"team": team_id, "since": now - rules.WINDOW}
    incidents = int((await session.execute(_OPENED, window)).scalar_one())
    alerts = int((await session.execute(_FIRED, {**window, "active": sorted(ACTIVE)})).scalar_one())
    minutes = int(rules.WINDOW.total_seconds()) // 60
    running = rules.is_storm(incidents, alerts)
    return Storm(running=running, minutes=minutes, incidents=incidents, alerts=alerts)
