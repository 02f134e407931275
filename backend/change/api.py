"""/api/changes: CI and people say what they changed; investigations and people read it."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response
from pydantic import AwareDatetime

from backend.access import Caller, DepsDep, require
from backend.audit.service import Thing, record
from backend.change import service
from backend.change.schemas import ChangePage, ChangeView, NewChange
from backend.cursor import Cursor, Limit
from backend.refusals import refusals

router = APIRouter(prefix="/api/changes", tags=["changes"])

Reader = Annotated[Caller, Depends(require("change.read"))]
Writer = Annotated[Caller, Depends(require("change.write"))]


@router.get("")
async def list_changes(
    deps: DepsDep,
    caller: Reader,
    target: Annotated[str | None, Query(max_length=200)] = None,
    since: AwareDatetime | None = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> ChangePage:
    """The team's changes, the latest first. They are kept for 180 days."""
    async with deps.db.reading(caller) as session:
        return await service.page(session, caller.team.team_id, target=target, since=since, cursor=cursor, limit=limit)


@router.post(
    "",
    status_code=201,
    responses={200: {"description": "It was registered before with the same key.", "model": ChangeView}}
    | refusals(s409="`change_key_reused`: the key belongs to another change."),
)
async def register_change(body: NewChange, deps: DepsDep, caller: Writer, response: Response) -> ChangeView:
    """Registers a change. With a `key` it may be sent again and stays one."""
    async with deps.db.transaction() as session:
        now = deps.clock.now()
        change, new = await service.register(session, caller, body, now)
        shown = ChangeView.model_validate(change)
        if new:
            thing = Thing("change", change.id, change.target)
            await record(session, caller, "change.create", thing, now, after=shown.model_dump())
        response.status_code = 201 if new else 200
        return shown
