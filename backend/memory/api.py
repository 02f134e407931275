"""What an incident can be compared with: similar ones of the past, and runbooks that fit."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends

from backend.access import Caller, DepsDep, require
from backend.handbook import reading as handbook
from backend.incident import reading as incidents
from backend.incident.api import NOT_FOUND
from backend.memory import reading
from backend.memory.kinds import Past
from backend.memory.schemas import (
    DoneAction,
    PastIncident,
    SimilarIncident,
    SimilarIncidentPage,
    SuggestedRunbook,
    SuggestedRunbookPage,
)

router = APIRouter(prefix="/api/incidents/{incident_id}", tags=["memory"])

Reader = Annotated[Caller, Depends(require("incident.read"))]


@router.get("/similar", responses=NOT_FOUND)
async def list_similar(incident_id: UUID, deps: DepsDep, caller: Reader) -> SimilarIncidentPage:
    """Incidents of the team that look like this one, why, what was done about them, and whether it helped."""
    team_id = caller.team.team_id
    async with deps.db.reading(caller) as session:
        incident = await incidents.find(session, team_id, incident_id)
        look = await reading.recognised(session, incident)
        return SimilarIncidentPage(
            items=[_similar(past) for past in await reading.similar(session, team_id, incident_id, look)]
        )


@router.get("/runbooks", responses=NOT_FOUND)
async def list_fitting_runbooks(incident_id: UUID, deps: DepsDep, caller: Reader) -> SuggestedRunbookPage:
    """Runbooks that fit the incident, and why."""
    async with deps.db.reading(caller) as session:
        incident = await incidents.find(session, caller.team.team_id, incident_id)
        situation = await reading.situation_of(session, incident)
        found = await handbook.suggest(session, caller.team.team_id, situation)
    return SuggestedRunbookPage(
        items=[
            SuggestedRunbook(
                id=s.runbook.id,
                slug=s.runbook.slug,
                title=s.runbook.title,
                excerpt=s.runbook.excerpt,
                reasons=s.fit.reasons,
            )
            for s in found
        ]
    )


def _similar(past: Past) -> SimilarIncident:
    return SimilarIncident(
        incident=PastIncident.model_validate(past),
        score=past.likeness.score,
        reasons=past.likeness.reasons,
        root_cause=past.root_cause,
        corrected=past.by_person is not None,
        action=DoneAction.model_validate(past.action) if past.action else None,
    )
