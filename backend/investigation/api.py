"""GET what the agent looked at and concluded."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends

from backend.access import Caller, DepsDep, require
from backend.cursor import Cursor, Limit
from backend.investigation import views
from backend.investigation.schemas import EvidenceList, HypothesisList, InvestigationList, StepList, Transcript
from backend.refusals import refusals

router = APIRouter(
    prefix="/api/incidents/{incident_id}",
    tags=["investigation"],
    responses=refusals(s404="`not_found`: there is no such incident in your team."),
)

Reader = Annotated[Caller, Depends(require("incident.read"))]


@router.get("/investigations")
async def list_investigations(incident_id: UUID, deps: DepsDep, caller: Reader) -> InvestigationList:
    """The rounds of an incident, the newest first."""
    async with deps.db.reading(caller) as session:
        return InvestigationList(items=await views.investigations(session, incident_id))


@router.get("/evidence")
async def list_evidence(incident_id: UUID, deps: DepsDep, caller: Reader) -> EvidenceList:
    """Everything that was looked at, with the exact queries; what did not answer says so."""
    async with deps.db.reading(caller) as session:
        return EvidenceList(items=await views.evidence(session, incident_id))


@router.get("/hypotheses")
async def list_hypotheses(incident_id: UUID, deps: DepsDep, caller: Reader) -> HypothesisList:
    """The explanations of every round, the leading one first."""
    async with deps.db.reading(caller) as session:
        return HypothesisList(items=await views.hypotheses(session, incident_id))


@router.get("/investigations/{investigation_id}/steps")
async def list_steps(
    incident_id: UUID, investigation_id: UUID, deps: DepsDep, caller: Reader, cursor: Cursor = None, limit: Limit = 100
) -> StepList:
    """What the round did, and is doing now."""
    async with deps.db.reading(caller) as session:
        return await views.steps(session, incident_id, investigation_id, cursor, limit)


@router.get("/investigations/{investigation_id}/transcript")
async def read_transcript(
    incident_id: UUID, investigation_id: UUID, deps: DepsDep, caller: Reader, cursor: Cursor = None
) -> Transcript:
    """What the model was told and answered, two calls a page. Secrets were hidden before it was told."""
    async with deps.db.reading(caller) as session:
        return await views.transcript(session, incident_id, investigation_id, cursor)
