"""The one writer of what an incident is recognised by."""

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from backend.incident.model import Incident
from backend.memory import rules
from backend.memory.model import IncidentTemplate


async def remember(session: AsyncSession, incident: Incident, logs: Iterable[Mapping[str, Any]]) -> None:
    """Keeps which kinds of line the incident's own logs showed. `logs`: the data of each piece of log evidence."""
    found = rules.telling([template for data in logs for template in data.get("templates", [])])
    if not found:
        return
    rows = [
        {"incident_id": incident.id, "team_id": incident.team_id, "fingerprint": key, "template": template}
        for key, template in found.items()
    ]
    await session.execute(insert(IncidentTemplate).values(rows).on_conflict_do_nothing())
