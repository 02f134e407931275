"""/api/incidents: the list and the timeline. The incident's own page is composed in backend.page."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from pydantic import AwareDatetime

from backend.access import Caller, DepsDep, require
from backend.cursor import Cursor, Limit
from backend.http import PROBLEM
from backend.incident import reading
from backend.incident.reading import Filters
from backend.incident.rules import Severity, Status
from backend.incident.schemas import IncidentEventPage, IncidentPage

router = APIRouter(prefix="/api/incidents", tags=["incidents"])

Reader = Annotated[Caller, Depends(require("incident.read"))]

NOT_FOUND: dict[int | str, dict[str, Any]] = {
    404: {"description": "`not_found`: there is no such incident in your team.", "content": {PROBLEM: {}}}
}


@router.get("")
async def list_incidents(
    deps: DepsDep,
    caller: Reader,
    status: Annotated[list[Status], Query(default_factory=list, description="Any of these.")],
    severity: Annotated[list[Severity], Query(default_factory=list, description="Any of these.")],
    target: Annotated[str | None, Query(max_length=300)] = None,
    q: Annotated[str | None, Query(max_length=200, description="Part of title, target or root cause; or #12.")] = None,
    since: Annotated[AwareDatetime | None, Query(description="Opened at this time or later.")] = None,
    collapsed: Annotated[bool, Query(description="Of five or more that are alike only the newest.")] = False,
    like: Annotated[UUID | None, Query(description="Alike with this incident: same severity, similar title.")] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> IncidentPage:
    """The team's incidents, newest first."""
    filters = Filters(status, severity, target, q, since, like, collapsed)
    async with deps.db.reading(caller) as session:
        return await reading.page(session, caller.team.team_id, filters, cursor, limit)


@router.get("/{incident_id}/events", responses=NOT_FOUND)
async def list_events(
    incident_id: UUID,
    deps: DepsDep,
    caller: Reader,
    cursor: Cursor = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 200,
) -> IncidentEventPage:
    """The timeline: who did what when, oldest first."""
    async with deps.db.reading(caller) as session:
        return await reading.events(session, caller.team.team_id, incident_id, cursor, limit)
