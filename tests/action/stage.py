"""Sets the scene for tests of actions: an analyzed incident, a registered hook, people, a proposal before them."""

import uuid
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.access import Caller, Membership, Role
from backend.action import decision, service
from backend.action.kinds import Change, Preview, Proposal
from backend.action.model import Action
from backend.actor import AGENT, Actor
from backend.incident import intake
from backend.incident import service as incidents
from backend.incident.model import Incident
from backend.incident.rules import SourceType
from backend.incident.service import Observation
from backend.runbook import service as runbook
from backend.settings import Settings

STATE: dict[str, Any] = {"hook": "0" * 64}
PREVIEW = Preview(
    summary="Call runbook hook restart-orders.", changes=[Change(what="orders", before="down", after="up")]
)
PROPOSAL = Proposal(
    kind="runbook.call_hook",
    params={"hook": "restart-orders", "arguments": {"reason": "it crashed"}},
    target="orders",
    rationale="The log says so [E1].",
    evidence=["E1"],
)


async def team_id(session: AsyncSession, slug: str = "default") -> uuid.UUID:
    """The id of a team, made if there is none."""
    await session.execute(
        text("insert into public.teams (name, slug) values (:slug, :slug) on conflict do nothing"), {"slug": slug}
    )
    found = await session.execute(text("select id from public.teams where slug = :slug"), {"slug": slug})
    return found.scalar_one()


async def person(
    session: AsyncSession, email: str, role: Role = "responder", team: str = "default", aal: str = "aal1"
) -> Caller:
    """Somebody signed in, as far as services look."""
    membership = Membership(await team_id(session, team), team, team, role)
    user_id, session_id = uuid.uuid4(), uuid.uuid4()
    await session.execute(text("insert into auth.users (id) values (:id)"), {"id": user_id})
    await session.execute(
        text("insert into auth.sessions (id, user_id, aal) values (:id, :user, cast(:aal as auth.aal_level))"),
        {"id": session_id, "user": user_id, "aal": aal},
    )
    return Caller(user_id, email, email, aal, session_id, membership, (membership,), {})


async def register_hook(session: AsyncSession, now: datetime, **changes: Any) -> None:
    """The hook that PROPOSAL wants to call."""
    owner = await person(session, "olivia@example.org", "owner")
    values: dict[str, Any] = {
        "name": "restart-orders",
        "description": "Restarts the orders service.",
        "url": "http://127.0.0.1:9/hooks/restart",
        "method": "POST",
        "headers": {"Authorization": "Bearer hook-secret-1"},
        "params_schema": {
            "type": "object",
            "properties": {"reason": {"type": "string", "maxLength": 200}},
            "additionalProperties": False,
        },
        "target": "orders",
        "categories": ["app_crash"],
        "risk": "medium",
        "idempotent": False,
        "inverse": "",
        "timeout_seconds": 5.0,
        "settle_seconds": 2.0,
    }
    await runbook.create(session, owner, {**values, **changes}, now)


async def analyzed(
    session: AsyncSession, now: datetime, *, target: str = "orders", source_type: SourceType = "manual", **more: Any
) -> Incident:
    """An incident whose investigation is done."""
    seen = Observation(
        team_id=await team_id(session),
        title=f"{target} does not answer",
        target=target,
        severity="high",
        source_type=source_type,
        fingerprint=None,
        started_at=now,
        actor=Actor("source", "test"),
        **more,
    )
    observed = await intake.observe(session, seen, now)
    incident = await incidents.lock(session, observed.incident_id)
    incidents.apply(session, incident, "investigate", AGENT, now, message="Investigating", investigation_round=1)
    incidents.apply(session, incident, "conclude", AGENT, now, message="Concluded", root_cause="It crashed.")
    await session.flush()
    return incident


async def investigation(session: AsyncSession, incident: Incident) -> uuid.UUID:
    """The row that proposals refer to."""
    made = await session.execute(
        text(
            "insert into public.investigations (team_id, incident_id, round)"
            " select :team_id, :incident_id, coalesce(max(round), 0) + 1"
            " from public.investigations where incident_id = :incident_id returning id"
        ),
        {"team_id": incident.team_id, "incident_id": incident.id},
    )
    return made.scalar_one()


async def drafted(session: AsyncSession, incident: Incident, now: datetime, proposal: Proposal = PROPOSAL) -> uuid.UUID:
    """A proposal that waits for its preparation."""
    action_id = await service.draft(session, incident, proposal, await investigation(session, incident), now)
    assert action_id is not None, incident.needs_person
    return action_id


async def proposed(
    session: AsyncSession, settings: Settings, now: datetime, *, state: dict[str, Any] | None = None, **hook: Any
) -> tuple[Incident, Action]:
    """A proposal before the people."""
    await register_hook(session, now, **hook)
    incident = await analyzed(session, now)
    action_id = await drafted(session, incident, now)
    assert await service.propose(session, action_id, PREVIEW, STATE if state is None else state, settings, now)
    return incident, await action_of(session, action_id)


async def approved(
    session: AsyncSession, settings: Settings, now: datetime, *, state: dict[str, Any] | None = None, **hook: Any
) -> tuple[Incident, Action]:
    """An approved action that nobody has started yet."""
    incident, action = await proposed(session, settings, now, state=state, **hook)
    alice = await person(session, "alice@example.org")
    await decision.approve(session, action.id, alice, digest(action), "", now)
    return incident, await action_of(session, action.id)


async def action_of(session: AsyncSession, action_id: uuid.UUID) -> Action:
    """The action as it is in the database."""
    query = select(Action).where(Action.id == action_id).execution_options(populate_existing=True)
    return (await session.scalars(query)).one()


async def timeline(session: AsyncSession, incident: Incident) -> list[str]:
    """The verbs of the timeline, oldest first."""
    rows = await session.execute(
        text("select verb from public.incident_events where incident_id = :id order by seq"), {"id": incident.id}
    )
    return list(rows.scalars())


async def waiting_jobs(session: AsyncSession, action_id: uuid.UUID) -> dict[str, datetime | None]:
    """The jobs that wait for an action, with the time they are for."""
    rows = await session.execute(
        text(
            "select task_name, scheduled_at from jobs.procrastinate_jobs"
            " where status = 'todo' and args ->> 'action_id' = :id"
        ),
        {"id": str(action_id)},
    )
    return {row.task_name: row.scheduled_at for row in rows}


def digest(action: Action) -> str:
    """What the people were shown."""
    assert action.digest is not None
    return action.digest


MINUTE = timedelta(minutes=1)
