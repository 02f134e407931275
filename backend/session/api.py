"""/api/me/sessions: where you are signed in, and signing out elsewhere."""

from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request
from sqlalchemy import Row

from backend.access import DepsDep, PersonDep
from backend.audit.service import record_session_event
from backend.errors import NotFound
from backend.location import Places
from backend.refusals import refusals
from backend.session import service
from backend.session.schemas import Session, SessionPage, SignedOut

router = APIRouter(prefix="/api/me/sessions", tags=["session"])


@router.get("")
async def list_sessions(request: Request, deps: DepsDep, person: PersonDep) -> SessionPage:
    """Where you are signed in."""
    async with deps.db.transaction() as session:
        rows = await service.of_person(session, person.user_id, person.session_id, deps.clock.now())
    places: Places = request.app.state.places
    return SessionPage(items=[_shown(row, places) for row in rows])


@router.delete(
    "/{session_id}", status_code=204, responses=refusals(s404="`not_found`: you have no sign-in of that id.")
)
async def end_session(session_id: UUID, deps: DepsDep, person: PersonDep) -> None:
    """Signs you out there, at once."""
    async with deps.db.transaction() as session:
        if not await service.end(session, person.user_id, session_id):
            raise NotFound()
        now = deps.clock.now()
        await record_session_event(session, person.user_id, person.email, "session.revoke", person.origin, now)


@router.post("/sign-out-others")
async def sign_out_others(deps: DepsDep, person: PersonDep) -> SignedOut:
    """Signs you out everywhere else, at once."""
    async with deps.db.transaction() as session:
        ended = await service.end_others(session, person.user_id, person.session_id)
        now = deps.clock.now()
        await record_session_event(session, person.user_id, person.email, "session.revoke_others", person.origin, now)
    return SignedOut(ended=ended)


def _shown(row: Row[Any], places: Places) -> Session:
    place = places.of(row.ip)
    location = ", ".join(part for part in (place.city, place.country) if part)
    values = {name: getattr(row, name) for name in Session.model_fields if name != "location"}
    return Session(**values, location=location or None)
