"""/api/admin/teams and /api/admin/maintenance: what those who run the installation see and change."""

from collections.abc import Awaitable, Callable
from dataclasses import asdict
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from sqlalchemy import Row
from sqlalchemy.ext.asyncio import AsyncSession

from backend.access import DepsDep, Person, require_platform
from backend.audit.service import Thing, record
from backend.cursor import Cursor, Limit
from backend.deps import Deps
from backend.platform import maintenance, teams
from backend.platform.schemas import (
    AdminMember,
    AdminTeam,
    AdminTeamDetail,
    AdminTeamPage,
    MaintenanceOut,
    MaintenanceSwitch,
    Suspension,
    Trial,
)
from backend.refusals import refusals
from backend.team.service import locked, plan_limits

router = APIRouter(prefix="/api/admin", tags=["platform"])

Reader = Annotated[Person, Depends(require_platform("platform.read"))]
TeamWriter = Annotated[Person, Depends(require_platform("platform.team"))]
MaintenanceWriter = Annotated[Person, Depends(require_platform("platform.maintenance"))]

NO_TEAM = refusals(s404="`not_found`: there is no such team.")


@router.get("/teams")
async def list_teams(
    deps: DepsDep,
    person: Reader,
    q: Annotated[str | None, Query(max_length=200, description="Part of a name, an address or an owner.")] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> AdminTeamPage:
    """All teams, the newest first."""
    async with deps.db.transaction() as session:
        rows, following = await teams.page(session, q.strip() if q else None, cursor, limit)
    return AdminTeamPage(items=[AdminTeam(**_values(row)) for row in rows], next_cursor=following)


@router.get("/teams/{team_id}", responses=NO_TEAM)
async def get_team(team_id: UUID, deps: DepsDep, person: Reader) -> AdminTeamDetail:
    """One team and who is in it."""
    async with deps.db.transaction() as session:
        return await _detail(session, team_id)


@router.post("/teams/{team_id}/suspend", responses=NO_TEAM)
async def suspend_team(team_id: UUID, body: Suspension, deps: DepsDep, person: TeamWriter) -> AdminTeamDetail:
    """Nothing can be changed in it and only its admins can look, until it is let go on."""
    now = deps.clock.now()
    return await _change(deps, person, team_id, "suspend", lambda s: teams.suspend(s, team_id, body.reason, now))


@router.post("/teams/{team_id}/unsuspend", responses=NO_TEAM)
async def unsuspend_team(team_id: UUID, deps: DepsDep, person: TeamWriter) -> AdminTeamDetail:
    """Lets it go on."""
    return await _change(deps, person, team_id, "unsuspend", lambda s: teams.unsuspend(s, team_id))


@router.put("/teams/{team_id}/trial", responses=NO_TEAM)
async def set_trial(team_id: UUID, body: Trial, deps: DepsDep, person: TeamWriter) -> AdminTeamDetail:
    """Gives the trial another end, or takes the team out of it."""
    return await _change(deps, person, team_id, "trial", lambda s: teams.set_trial(s, team_id, body.ends_at))


@router.get("/maintenance")
async def get_maintenance(deps: DepsDep, person: Reader) -> MaintenanceOut:
    """Whether anything can be changed just now."""
    async with deps.db.transaction() as session:
        return MaintenanceOut(**asdict(await maintenance.read(session)))


@router.put("/maintenance")
async def set_maintenance(body: MaintenanceSwitch, deps: DepsDep, person: MaintenanceWriter) -> MaintenanceOut:
    """Turns it on or off. Meanwhile everything can be read, alerts and pings are taken, and platform admins go on."""
    now = deps.clock.now()
    async with deps.db.transaction() as session:
        was, is_now = await maintenance.switch(session, body.on, body.notice, person.email or person.name, now)
        sides = ({"on": side.on, "notice": side.notice} for side in (was, is_now))
        thing = Thing("maintenance")
        await record(session, person, "platform.maintenance", thing, now, before=next(sides), after=next(sides))
    return MaintenanceOut(**asdict(is_now))


async def _change(
    deps: Deps, person: Person, team_id: UUID, verb: str, change: Callable[[AsyncSession], Awaitable[None]]
) -> AdminTeamDetail:
    """Changes a team's standing; its own log says so as well as the installation's."""
    now = deps.clock.now()
    async with deps.db.transaction() as session:
        before = _standing(await locked(session, team_id))
        await change(session)
        row = await locked(session, team_id)
        told: dict[str, Any] = {"before": before, "after": _standing(row)}
        thing = Thing("team", row.id, row.slug)
        await record(session, person, f"team.{verb}", thing, now, **told, team_id=team_id)
        await record(session, person, f"team.{verb}", thing, now, **told, of_installation=True)
        return await _detail(session, team_id)


def _standing(row: Row[Any]) -> dict[str, Any]:
    return {name: getattr(row, name) for name in ("trial_ends_at", "suspended_at", "suspended_reason")}


async def _detail(session: AsyncSession, team_id: UUID) -> AdminTeamDetail:
    row = await teams.find(session, team_id)
    everybody = [AdminMember.model_validate(member) for member in await teams.members(session, team_id)]
    return AdminTeamDetail(**_values(row), members_list=everybody)


def _values(row: Row[Any]) -> dict[str, Any]:
    values = {name: getattr(row, name) for name in AdminTeam.model_fields if name != "limits"}
    return {**values, "limits": plan_limits(row.plan)}
