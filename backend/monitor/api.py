"""/api/monitors: make, change, pause and delete monitors, and read what their checks saw."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends
from sqlalchemy import select

from backend import cursor as cursors
from backend.access import Caller, DepsDep, require
from backend.audit.service import Thing, record
from backend.cursor import Cursor, Limit
from backend.errors import NotFound
from backend.http import PROBLEM
from backend.monitor import service
from backend.monitor.kinds import CONFIGS, MonitorType
from backend.monitor.model import Monitor, MonitorCheck
from backend.monitor.schemas import Monitor as MonitorJson
from backend.monitor.schemas import MonitorCheck as CheckJson
from backend.monitor.schemas import MonitorCheckPage, MonitorPage, MonitorPatch, NewMonitor
from backend.team import service as teams
from backend.team.rules import over_limit

router = APIRouter(prefix="/api/monitors", tags=["monitors"])

Reader = Annotated[Caller, Depends(require("monitor.read"))]
Writer = Annotated[Caller, Depends(require("monitor.write"))]

NOT_FOUND: dict[int | str, dict[str, Any]] = {
    404: {"description": "`not_found`: there is no such monitor in your team.", "content": {PROBLEM: {}}}
}
# None means "no value" for these, and "leave it" for all others.
_NULLABLE = ("port", "notes")


@router.get("")
async def list_monitors(deps: DepsDep, caller: Reader, cursor: Cursor = None, limit: Limit = 50) -> MonitorPage:
    """The team's monitors, newest first."""
    query = select(Monitor).where(Monitor.team_id == caller.team.team_id)
    query = cursors.newest_first(query, Monitor.created_at, Monitor.id, cursor, limit)
    async with deps.db.reading(caller) as session:
        found = (await session.scalars(query)).all()
    rows, following = cursors.cut(found, limit, lambda row: (row.created_at, row.id))
    return MonitorPage(items=[MonitorJson.model_validate(row) for row in rows], next_cursor=following)


@router.get("/types")
async def list_types(caller: Reader) -> dict[MonitorType, dict[str, Any]]:
    """JSON Schema of `config` for each type of monitor: what a form needs."""
    return {name: model.model_json_schema() for name, model in CONFIGS.items()}


@router.post("", status_code=201)
async def create_monitor(body: NewMonitor, deps: DepsDep, caller: Writer) -> MonitorJson:
    """Makes a monitor. It is checked at once."""
    async with deps.db.transaction() as session:
        now, values = deps.clock.now(), body.model_dump()
        await teams.locked(session, caller.team.team_id)
        refusal = over_limit(caller.team.plan, "monitors", await service.count(session, caller.team.team_id))
        if refusal is not None:
            raise refusal
        monitor = await service.create(session, caller.team.team_id, values, now)
        await record(session, caller, "monitor.create", _thing(monitor), now, after=values)
        return MonitorJson.model_validate(monitor)


@router.get("/{monitor_id}", responses=NOT_FOUND)
async def get_monitor(monitor_id: UUID, deps: DepsDep, caller: Reader) -> MonitorJson:
    """One monitor."""
    query = select(Monitor).where(Monitor.id == monitor_id, Monitor.team_id == caller.team.team_id)
    async with deps.db.reading(caller) as session:
        monitor = (await session.execute(query)).scalar_one_or_none()
    if monitor is None:
        raise NotFound()
    return MonitorJson.model_validate(monitor)


@router.patch("/{monitor_id}", responses=NOT_FOUND)
async def change_monitor(monitor_id: UUID, body: MonitorPatch, deps: DepsDep, caller: Writer) -> MonitorJson:
    """Changes what is given. `is_paused` stops the checks and keeps the monitor."""
    given = body.model_dump(exclude_unset=True)
    values = {name: value for name, value in given.items() if value is not None or name in _NULLABLE}
    async with deps.db.transaction() as session:
        monitor = await service.lock(session, caller.team.team_id, monitor_id)
        now, before = deps.clock.now(), {name: getattr(monitor, name) for name in values}
        await service.change(session, monitor, values, now)
        await record(session, caller, "monitor.update", _thing(monitor), now, before=before, after=values)
        return MonitorJson.model_validate(monitor)


@router.delete("/{monitor_id}", status_code=204, responses=NOT_FOUND)
async def delete_monitor(monitor_id: UUID, deps: DepsDep, caller: Writer) -> None:
    """Deletes the monitor and its checks. An open incident of it is resolved."""
    async with deps.db.transaction() as session:
        monitor = await service.lock(session, caller.team.team_id, monitor_id)
        now, thing = deps.clock.now(), _thing(monitor)
        await service.delete(session, monitor, caller.actor, now)
        await record(session, caller, "monitor.delete", thing, now)


@router.get("/{monitor_id}/checks", responses=NOT_FOUND)
async def list_checks(
    monitor_id: UUID, deps: DepsDep, caller: Reader, cursor: Cursor = None, limit: Limit = 50
) -> MonitorCheckPage:
    """What the checks saw, newest first."""
    team_id = caller.team.team_id
    query = select(MonitorCheck).where(MonitorCheck.monitor_id == monitor_id, MonitorCheck.team_id == team_id)
    query = cursors.newest_first(query, MonitorCheck.checked_at, MonitorCheck.id, cursor, limit)
    async with deps.db.reading(caller) as session:
        there = select(Monitor.id).where(Monitor.id == monitor_id, Monitor.team_id == team_id)
        if (await session.execute(there)).scalar_one_or_none() is None:
            raise NotFound()
        found = (await session.scalars(query)).all()
    rows, following = cursors.cut(found, limit, lambda row: (row.checked_at, row.id))
    return MonitorCheckPage(items=[_check_json(row) for row in rows], next_cursor=following)


def _thing(monitor: Monitor) -> Thing:
    return Thing("monitor", monitor.id, monitor.name)


def _check_json(row: MonitorCheck) -> CheckJson:
    return CheckJson(
        status=row.seen,
        response_time_ms=row.response_time_ms,
        status_code=row.status_code,
        error_message=row.error_message,
        detail=row.details.get("detail"),
        checked_at=row.checked_at,
    )
