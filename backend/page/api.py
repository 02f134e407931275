"""/api/incidents/{id} and what a person does there: open, acknowledge, investigate, resolve, reopen."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Body, Depends

from backend.access import Caller, DepsDep, require
from backend.action import reading as actions
from backend.audit.service import Thing, record
from backend.deps import Deps
from backend.incident import intake, reading, service
from backend.incident.correction import correct
from backend.incident.rules import PersonVerb
from backend.incident.schemas import Command, Correction, NewIncident
from backend.incident.service import Observation
from backend.investigation import views as investigations
from backend.page.schemas import IncidentDetail
from backend.refusals import refusals

router = APIRouter(prefix="/api/incidents", tags=["incidents"])

Reader = Annotated[Caller, Depends(require("incident.read"))]
Writer = Annotated[Caller, Depends(require("incident.write"))]

Said = Annotated[Command, Body(default_factory=Command)]


NOT_FOUND = refusals(s404="`not_found`: there is no such incident in your team.")
REFUSED = NOT_FOUND | refusals(
    s403="`forbidden`: your role may not do this.",
    s409="`verb_refused`: this cannot be done to the incident as it is now; `detail` says why.",
)

CORRECTION = NOT_FOUND | refusals(s403="`forbidden`: your role may not do this.")


@router.post("", status_code=201, responses=refusals(s403="`forbidden`: your role may not open incidents."))
async def open_incident(body: NewIncident, deps: DepsDep, caller: Writer) -> IncidentDetail:
    """Opens an incident by hand. It is investigated like any other."""
    now = deps.clock.now()
    async with deps.db.transaction() as session:
        observed = await intake.observe(
            session,
            Observation(
                team_id=caller.team.team_id,
                title=body.title,
                target=body.target,
                severity=body.severity,
                source_type=body.source_type,
                fingerprint=None,
                started_at=now,
                actor=caller.actor,
                container_runtime=body.container_runtime,
                description=body.description or None,
            ),
            now,
        )
        opened = {"target": body.target, "severity": body.severity}
        thing = Thing("incident", observed.incident_id, body.title)
        await record(session, caller, "incident.open", thing, now, after=opened)
    return await _detail(deps, caller, observed.incident_id, now)


@router.get("/{incident_id}", responses=NOT_FOUND)
async def get_incident(incident_id: UUID, deps: DepsDep, caller: Reader) -> IncidentDetail:
    """The incident, and for every verb whether you may, or why not."""
    return await _detail(deps, caller, incident_id, deps.clock.now())


@router.post("/{incident_id}/acknowledge", responses=REFUSED)
async def acknowledge(incident_id: UUID, said: Said, deps: DepsDep, caller: Writer) -> IncidentDetail:
    """Says that you are on it."""
    return await _command(deps, caller, incident_id, "acknowledge", said)


@router.post("/{incident_id}/investigate", responses=REFUSED)
async def investigate(incident_id: UUID, said: Said, deps: DepsDep, caller: Writer) -> IncidentDetail:
    """Sends the investigator to look again, with your hint."""
    return await _command(deps, caller, incident_id, "investigate", said)


@router.post("/{incident_id}/resolve", responses=REFUSED)
async def resolve(incident_id: UUID, said: Said, deps: DepsDep, caller: Writer) -> IncidentDetail:
    """Says that it is over."""
    return await _command(deps, caller, incident_id, "resolve", said)


@router.post("/{incident_id}/reopen", responses=REFUSED)
async def reopen(incident_id: UUID, said: Said, deps: DepsDep, caller: Writer) -> IncidentDetail:
    """Says that it was not over."""
    return await _command(deps, caller, incident_id, "reopen", said)


@router.put("/{incident_id}/root-cause", responses=CORRECTION)
async def put_root_cause(incident_id: UUID, said: Correction, deps: DepsDep, caller: Writer) -> IncidentDetail:
    """Says what the cause was; also when it is over. It weighs more than what the agent concluded, which is kept."""
    now = deps.clock.now()
    async with deps.db.reading(caller) as session:
        known = await reading.find(session, caller.team.team_id, incident_id)
        before = {"root_cause": known.root_cause, "category": known.incident_type}
    async with deps.db.transaction() as session:
        await correct(session, incident_id, said.root_cause, said.category, caller.actor, now)
        thing = Thing("incident", incident_id, known.title)
        await record(session, caller, "incident.correct", thing, now, before=before, after=said.model_dump())
    return await _detail(deps, caller, incident_id, now)


async def _command(deps: Deps, caller: Caller, incident_id: UUID, verb: PersonVerb, said: Command) -> IncidentDetail:
    now = deps.clock.now()
    async with deps.db.reading(caller) as session:
        title = (await reading.find(session, caller.team.team_id, incident_id)).title
    async with deps.db.transaction() as session:
        await service.command(session, incident_id, verb, caller.actor, now, comment=said.comment, hint=said.hint)
        await record(session, caller, f"incident.{verb}", Thing("incident", incident_id, title), now)
    return await _detail(deps, caller, incident_id, now)


async def _detail(deps: Deps, caller: Caller, incident_id: UUID, now: datetime) -> IncidentDetail:
    async with deps.db.reading(caller) as session:
        incident = await reading.find(session, caller.team.team_id, incident_id)
        return IncidentDetail.model_validate(
            reading.values(incident, incident.post_mortem_md is not None)
            | {
                "verbs": reading.verbs(incident, caller),
                "logs": incident.logs,
                "agent_reasoning": incident.agent_reasoning,
                "metrics_snapshot": incident.metrics_snapshot,
                "investigation": await investigations.latest(session, incident_id),
                "current_action": await actions.current(session, caller, incident_id, now),
            }
        )
