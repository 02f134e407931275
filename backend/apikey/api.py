"""/api/api-keys: make, list and revoke the team's keys."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends

from backend.access import Caller, DepsDep, require
from backend.apikey import service
from backend.apikey.schemas import ApiKey, ApiKeyPage, CreatedApiKey, NewApiKey
from backend.audit.service import Thing, record
from backend.refusals import refusals

router = APIRouter(prefix="/api/api-keys", tags=["api keys"])

Reader = Annotated[Caller, Depends(require("apikey.read"))]
Writer = Annotated[Caller, Depends(require("apikey.write"))]


@router.get("")
async def list_api_keys(deps: DepsDep, caller: Reader) -> ApiKeyPage:
    """The team's keys, oldest first, without the revoked ones. None of them can be read again."""
    async with deps.db.transaction() as session:
        rows = await service.list_active(session, caller.team.team_id)
        return ApiKeyPage(items=[ApiKey.model_validate(row) for row in rows])


@router.post(
    "",
    status_code=201,
    responses=refusals(
        s403="`scope_refused`: you do not have that permission yourself, or no key may have it.",
        s409="`too_many_keys`: revoke one that is not used any more.",
    ),
)
async def create_api_key(body: NewApiKey, deps: DepsDep, caller: Writer) -> CreatedApiKey:
    """Makes a key with some of the permissions you have. The key is in this answer only."""
    async with deps.db.transaction() as session:
        now = deps.clock.now()
        row, key = await service.create(session, caller, body.name, body.scopes, body.expires_at, now)
        shown = ApiKey.model_validate(row).model_dump()
        await record(session, caller, "api_key.create", Thing("api_key", row.id, row.name), now, after=shown)
        return CreatedApiKey(**shown, key=key)


@router.delete("/{key_id}", status_code=204, responses=refusals(s404="`not_found`: there is no such key in your team."))
async def revoke_api_key(key_id: UUID, deps: DepsDep, caller: Writer) -> None:
    """The key is refused from now on."""
    async with deps.db.transaction() as session:
        now = deps.clock.now()
        row = await service.revoke(session, caller.team.team_id, key_id, now)
        await record(session, caller, "api_key.revoke", Thing("api_key", row.id, row.name), now)
