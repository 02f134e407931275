"""/api/runbook-hooks: register, change and remove what actions may call."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Response
from sqlalchemy import select

from backend.access import Caller, DepsDep, require
from backend.audit.service import Thing, record
from backend.errors import NotFound
from backend.refusals import refusals
from backend.runbook import service
from backend.runbook.model import RunbookHook
from backend.runbook.schemas import Hook, HookPage, HookPatch, NewHook

router = APIRouter(prefix="/api/runbook-hooks", tags=["runbooks"])

Reader = Annotated[Caller, Depends(require("hook.read"))]
Writer = Annotated[Caller, Depends(require("hook.write"))]


NOT_FOUND = refusals(s404="`not_found`: there is no such hook in your team.")
BAD = refusals(
    s403="`forbidden`: your role may not change hooks.",
    s409="`hook_name_taken`: there is a hook by that name.",
    s422="`invalid`: the URL, the headers or the schema cannot be used; `errors` says which and why.",
)


@router.get("")
async def list_hooks(deps: DepsDep, caller: Reader) -> HookPage:
    """All hooks of the team, by name."""
    query = select(RunbookHook).where(RunbookHook.team_id == caller.team.team_id).order_by(RunbookHook.name)
    async with deps.db.reading(caller) as session:
        return HookPage(items=[Hook.model_validate(hook) for hook in await session.scalars(query)], next_cursor=None)


@router.post("", status_code=201, responses=BAD)
async def register_hook(body: NewHook, deps: DepsDep, caller: Writer) -> Hook:
    """Registers a hook. Nothing is called until a person approves an action."""
    async with deps.db.transaction() as session:
        now, values = deps.clock.now(), _values(body, partial=False)
        hook = await service.create(session, caller, values, now)
        await record(session, caller, "hook.create", Thing("hook", hook.id, hook.name), now, after=values)
        return Hook.model_validate(hook)


@router.get("/{hook_id}", responses=NOT_FOUND)
async def get_hook(hook_id: UUID, deps: DepsDep, caller: Reader) -> Hook:
    """One hook, without its headers."""
    query = select(RunbookHook).where(RunbookHook.id == hook_id, RunbookHook.team_id == caller.team.team_id)
    async with deps.db.reading(caller) as session:
        hook = (await session.scalars(query)).one_or_none()
        if hook is None:
            raise NotFound()
        return Hook.model_validate(hook)


@router.patch("/{hook_id}", responses={**NOT_FOUND, **BAD})
async def change_hook(hook_id: UUID, body: HookPatch, deps: DepsDep, caller: Writer) -> Hook:
    """Changes what is given. A proposal made before is not executed any more: it showed something else."""
    async with deps.db.transaction() as session:
        now, values = deps.clock.now(), _values(body, partial=True)
        before = await service.as_it_is(session, caller, hook_id, values)
        hook = await service.change(session, caller, hook_id, values, now)
        thing = Thing("hook", hook.id, hook.name)
        await record(session, caller, "hook.update", thing, now, before=before, after=values)
        return Hook.model_validate(hook)


@router.delete("/{hook_id}", status_code=204, responses=NOT_FOUND)
async def remove_hook(hook_id: UUID, deps: DepsDep, caller: Writer) -> Response:
    """Removes a hook and its secrets."""
    async with deps.db.transaction() as session:
        await service.remove(session, caller, hook_id)
        await record(session, caller, "hook.delete", Thing("hook", hook_id), deps.clock.now())
    return Response(status_code=204)


def _values(body: NewHook | HookPatch, *, partial: bool) -> dict[str, Any]:
    values = body.model_dump(exclude_unset=partial)
    if "headers" in values:
        values["headers"] = {name: secret.get_secret_value() for name, secret in values["headers"].items()}
    return values
