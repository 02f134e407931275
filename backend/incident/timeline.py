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
    await session.execute(
        text(
            "insert into public.incident_events (incident_id, team_id, verb, from_status, status, actor_kind, actor_id,"
            " actor, message, data, created_at)"
            " select t.incident_id, t.team_id, t.verb, t.from_status, t.status, t.actor_kind, t.actor_id, t.actor,"
            " t.message, t.data::jsonb, :now"
            " from unnest(cast(:incident_ids as uuid[]), cast(:team_ids as uuid[]), cast(:verbs as text[]),"
            " cast(:befores as text[]), cast(:afters as text[]), cast(:actor_kinds as text[]),"
            " cast(:actor_ids as uuid[]), cast(:actors as text[]), cast(:messages as text[]), cast(:data as text[]))"
            " with ordinality as t (incident_id, team_id, verb, from_status, status, actor_kind, actor_id, actor,"
            " message, data, position) order by t.position"
        ),
        {
            "now": now,
            "incident_ids": [event.incident_id for event in events],
            "team_ids": [event.team_id for event in events],
            "verbs": [event.verb for event in events],
            "befores": [event.from_status for event in events],
            "afters": [event.status for event in events],
            "actor_kinds": [event.actor.kind for event in events],
            "actor_ids": [event.actor.id for event in events],
            "actors": [event.actor.name for event in events],
            "messages": [event.message for event in events],
            "data": [orjson.dumps(event.data).decode() for event in events],
        },
    )
