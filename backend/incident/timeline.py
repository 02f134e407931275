"""Lines of the timeline, many at once."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.actor import Actor
from backend.incident.rules import Status

_APPEND = text(
    """
    insert into public.incident_events (incident_id, team_id, verb, from_status, status, actor_kind, actor_id, actor,
        message, data, created_at)
    select t.incident_id, t.team_id, t.verb, t.from_status, t.status, t.actor_kind, t.actor_id, t.actor, t.message,
        t.data, :now
    from json_to_recordset(cast(:rows as json)) as t (position integer, incident_id uuid, team_id uuid, verb text,
        from_status text, status text, actor_kind text, actor_id uuid, actor text, message text, data jsonb)
    order by t.position
    """
)


@dataclass
class Line:
    """What is to be written about one incident."""

    incident_id: uuid.UUID
    team_id: uuid.UUID
    verb: str
    from_status: Status | None
    status: Status
    actor: Actor
    message: str
    data: Mapping[str, Any] = field(default_factory=dict[str, Any])


async def append(session: AsyncSession, events: Sequence[Line], now: datetime) -> None:
    """Writes the lines in their order."""
    if not events:
        return
    document = orjson.dumps([_document(at, event) for at, event in enumerate(events)]).decode()
    await session.execute(_APPEND, {"now": now, "rows": document})


def _document(position: int, event: Line) -> dict[str, object]:
    return {
        "position": position,
        "incident_id": event.incident_id,
        "team_id": event.team_id,
        "verb": event.verb,
        "from_status": event.from_status,
        "status": event.status,
        "actor_kind": event.actor.kind,
        "actor_id": event.actor.id,
        "actor": event.actor.name,
        "message": event.message,
        "data": event.data,
    }
