"""/api/secret-patterns: what the agent hides for this team, besides keys, tokens and passwords."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends

from backend.access import Caller, DepsDep, require
from backend.audit.service import Thing, record
from backend.redaction.patterns import compile_pattern, hide
from backend.refusals import refusals
from backend.secretpattern import service
from backend.secretpattern.schemas import NewSecretPattern, SecretPattern, SecretPatternPage, Trial, Tried

router = APIRouter(prefix="/api/secret-patterns", tags=["team"])

# Those who may not change them need not learn what a secret looks like.
Writer = Annotated[Caller, Depends(require("team.write"))]

UNUSABLE = refusals(s422="`bad_pattern`: not in RE2's syntax, or it hides everything.")
BAD = UNUSABLE | refusals(s409="`pattern_name_taken`, `too_many_patterns`.")
NOT_FOUND = refusals(s404="`not_found`: your team has no such pattern.")


@router.get("")
async def list_secret_patterns(deps: DepsDep, caller: Writer) -> SecretPatternPage:
    """All patterns of the team."""
    async with deps.db.transaction() as session:
        rows = await service.of_team(session, caller.team.team_id)
    return SecretPatternPage(items=[SecretPattern.model_validate(row) for row in rows])


@router.post("", status_code=201, responses=BAD)
async def create_secret_pattern(body: NewSecretPattern, deps: DepsDep, caller: Writer) -> SecretPattern:
    """Adds a pattern. It counts from the next investigation; what is stored already stays as it is."""
    now = deps.clock.now()
    async with deps.db.transaction() as session:
        row = await service.create(session, caller.team.team_id, body.name, body.pattern, caller.actor.name, now)
        thing = Thing("secret_pattern", row.id, row.name)
        await record(session, caller, "secret_pattern.create", thing, now, after={"pattern": body.pattern})
        return SecretPattern.model_validate(row)


@router.post("/try", responses=UNUSABLE)
async def try_secret_pattern(body: Trial, caller: Writer) -> Tried:
    """Shows what a pattern hides. Nothing is kept."""
    return Tried(shown=hide(body.sample, [compile_pattern(body.pattern)]))


@router.delete("/{pattern_id}", status_code=204, responses=NOT_FOUND)
async def remove_secret_pattern(pattern_id: UUID, deps: DepsDep, caller: Writer) -> None:
    """Removes a pattern. What it has hidden stays hidden."""
    async with deps.db.transaction() as session:
        name = await service.remove(session, caller.team.team_id, pattern_id)
        thing = Thing("secret_pattern", pattern_id, name)
        await record(session, caller, "secret_pattern.delete", thing, deps.clock.now())
