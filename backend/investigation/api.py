"""GET what the agent looked at and concluded."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends

from backend.access import Caller, DepsDep, require
from backend.investigation import views
from backend.investigation.schemas import EvidenceList, HypothesisList, InvestigationList

router = APIRouter(prefix="/api/incidents/{incident_id}", tags=["investigation"])

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
