"""/api/admin/impersonations: support acts as a member of a team, for half an hour, on the record of both sides."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from sqlalchemy import Row
from sqlalchemy.ext.asyncio import AsyncSession

from backend.access import DepsDep, Person, require_platform
from backend.audit.service import Thing, record
from backend.platform import impersonations, rules
from backend.platform.schemas import Impersonation, ImpersonationPage, NewImpersonation
from backend.refusals import refusals
from backend.team.schemas import Team, User

router = APIRouter(prefix="/api/admin/impersonations", tags=["platform"])

Visitor = Annotated[Person, Depends(require_platform("platform.impersonate"))]


@router.get("")
async def list_impersonations(deps: DepsDep, person: Visitor) -> ImpersonationPage:
    """The latest visits, those that go on first."""
    async with deps.db.transaction() as session:
        rows = await impersonations.recent(session, deps.clock.now())
    return ImpersonationPage(items=[_shown(row) for row in rows])


@router.post(
    "",
    status_code=201,
    responses=refusals(
        s403="`platform_admin`: nobody acts as somebody who runs the installation.",
        s404="`not_found`: nobody of that id is in that team.",
        s409="`already_visiting`: end the visit that goes on first.",
    ),
)
async def begin_impersonation(
    body: NewImpersonation, request: Request, deps: DepsDep, person: Visitor
) -> Impersonation:
    """Lets you act as a member of a team for 30 minutes: send the `id` of the answer as `X-Impersonate`."""
    if "x-impersonate" in request.headers:
        raise rules.AlreadyVisiting()
    now = deps.clock.now()
    async with deps.db.transaction() as session:
        row = await impersonations.begin(session, person, body.team_id, body.user_id, body.reason, now)
        await _tell(session, person, "impersonation.begin", row, now)
    return _shown(row)


@router.delete("/{impersonation_id}", status_code=204, responses=refusals(s404="`not_found`: there is no such visit."))
async def end_impersonation(impersonation_id: UUID, deps: DepsDep, person: Visitor) -> None:
    """Ends a visit, yours or another platform admin's. One that is over stays as it is."""
    now = deps.clock.now()
    async with deps.db.transaction() as session:
        row = await impersonations.find(session, impersonation_id, now)
        if await impersonations.end(session, impersonation_id, now):
            await _tell(session, person, "impersonation.end", row, now)


async def _tell(session: AsyncSession, person: Person, action: str, row: Row[Any], now: datetime) -> None:
    thing = Thing("impersonation", row.id, f"{row.user_email} in {row.team_name}")
    told = {"reason": row.reason, "expires_at": row.expires_at, "admin": row.admin_name}
    await record(session, person, action, thing, now, after=told, team_id=row.team_id)
    await record(session, person, action, thing, now, after=told, of_installation=True)


def _shown(row: Row[Any]) -> Impersonation:
    return Impersonation(
        id=row.id,
        team=Team(id=row.team_id, name=row.team_name, slug=row.team_slug),
        user=User(id=row.user_id, email=row.user_email, name=row.user_name),
        admin=User(id=row.admin_id, email=row.admin_email, name=row.admin_name),
        reason=row.reason,
        started_at=row.started_at,
        expires_at=row.expires_at,
        ended_at=row.ended_at,
        active=row.active,
    )
