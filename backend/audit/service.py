"""The one writer of the audit log: a line in the same transaction as what it tells about."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.access import Caller, Person
from backend.audit.model import AuditLog
from backend.audit.rules import changes, without_secrets
from backend.caller import Origin


@dataclass(frozen=True)
class Thing:
    """What something was done to."""

    type: str
    id: Any = None
    name: str | None = None


async def record(
    session: AsyncSession,
    who: Caller | Person,
    action: str,
    thing: Thing,
    now: datetime,
    *,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    team_id: uuid.UUID | None = None,
    of_installation: bool = False,
) -> None:
    """Writes who did `action` to `thing`. Of `before` and `after` only what differs is kept, and no secret.

    `team_id`: whose log it belongs in, when not that of the caller's own team; without any, or when it is
    `of_installation`, the line outlives the team. What support does in a team is on the record of both.
    """
    if before is not None and after is not None:
        before, after = changes(before, after)
    team = team_id or (who.team.team_id if isinstance(who, Caller) else None)
    line: dict[str, Any] = {
        "created_at": now,
        **_actor(who),
        "action": action,
        "object_type": thing.type,
        "object_id": None if thing.id is None else str(thing.id),
        "object_name": thing.name,
        "before": without_secrets(before),
        "after": without_secrets(after),
        **_origin(who.origin),
    }
    session.add(AuditLog(id=uuid.uuid4(), team_id=None if of_installation else team, **line))
    if isinstance(who, Caller) and who.visit is not None and not of_installation:
        session.add(AuditLog(id=uuid.uuid4(), team_id=None, team_name=who.team.name, **line))
    await session.flush()


async def record_session_event(
    session: AsyncSession, user_id: uuid.UUID, email: str, action: str, origin: Origin, now: datetime
) -> None:
    """Writes `session.sign_in`, `session.sign_out` and the like into the log of every team of that person."""
    found = await session.execute(
        text("select team_id from public.team_members where user_id = :id order by team_id"), {"id": user_id}
    )
    for team_id in list(found.scalars()) or [None]:
        session.add(
            AuditLog(
                id=uuid.uuid4(),
                team_id=team_id,
                created_at=now,
                actor_kind="person",
                actor_id=user_id,
                actor=email,
                action=action,
                object_type="session",
                **_origin(origin),
            )
        )
    await session.flush()


def _actor(who: Caller | Person) -> dict[str, Any]:
    if isinstance(who, Caller) and who.key is not None:
        return {"actor_kind": "api_key", "actor_id": who.key.id, "actor": f"API key {who.key.name}"}
    named = {"actor_kind": "person", "actor_id": who.user_id, "actor": who.email or who.name}
    if isinstance(who, Caller) and who.visit is not None:
        return {**named, "impersonator_id": who.visit.admin_id, "impersonator": who.visit.admin_name}
    return named


def _origin(origin: Origin) -> dict[str, Any]:
    return {
        "ip_address": origin.address,
        "user_agent": origin.user_agent,
        "country": origin.country,
        "city": origin.city,
    }
