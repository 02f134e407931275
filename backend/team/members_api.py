"""/api/teams and /api/team: make, change and delete teams; the people in them."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends
from sqlalchemy import Row
from sqlalchemy.ext.asyncio import AsyncSession

from backend.access import Caller, DepsDep, PersonDep, present, require
from backend.apikey.service import revoke_beyond
from backend.audit.service import Thing, record
from backend.errors import Forbidden, Invalid
from backend.refusals import refusals
from backend.team import service
from backend.team.schemas import (
    Confirmation,
    Member,
    MemberPage,
    MemberPatch,
    NewTeam,
    TeamDetail,
    TeamPatch,
    Transfer,
)

router = APIRouter(tags=["team"])

Reader = Annotated[Caller, Depends(require("team.read"))]
Writer = Annotated[Caller, Depends(require("team.write"))]
MemberWriter = Annotated[Caller, Depends(require("member.write"))]
Owner = Annotated[Caller, Depends(require("team.delete"))]
Giver = Annotated[Caller, Depends(require("team.transfer"))]
Leaver = Annotated[Caller, Depends(present)]

NO_MEMBER = refusals(s404="`not_found`: nobody of that id is in the team.")
KEEPS_OWNER = refusals(s409="`last_owner`: a team always has an owner.")
SLUGS = refusals(s409="`slug_taken`: another team has this address already.")


@router.post("/api/teams", status_code=201, responses=SLUGS)
async def create_team(body: NewTeam, deps: DepsDep, person: PersonDep) -> TeamDetail:
    """Makes a team that you own."""
    if deps.settings.team_creation == "platform_admins" and not person.is_platform_admin:
        raise Forbidden("Only platform admins make teams here. Ask who runs this installation.")
    now = deps.clock.now()
    async with deps.db.transaction() as session:
        row = await service.create(session, deps.settings, person.user_id, body.name, body.slug, now)
        made = {"name": row.name, "slug": row.slug, "plan": row.plan}
        await record(session, person, "team.create", Thing("team", row.id, row.slug), now, after=made, team_id=row.id)
        return await _shown(session, row)


@router.get("/api/team")
async def get_team(deps: DepsDep, caller: Reader) -> TeamDetail:
    """Your team."""
    async with deps.db.transaction() as session:
        return await _shown(session, await service.locked(session, caller.team.team_id))


@router.patch("/api/team", responses=SLUGS)
async def change_team(body: TeamPatch, deps: DepsDep, caller: Writer) -> TeamDetail:
    """Changes what is given; `settings` replaces the whole object."""
    now, values = deps.clock.now(), body.model_dump(exclude_unset=True)
    async with deps.db.transaction() as session:
        before = await service.locked(session, caller.team.team_id)
        row = await service.change(session, caller.team.team_id, values)
        sides = ({name: getattr(side, name) for name in values} for side in (before, row))
        thing = Thing("team", row.id, row.slug)
        await record(session, caller, "team.update", thing, now, before=next(sides), after=next(sides))
        return await _shown(session, row)


@router.delete("/api/team", status_code=204)
async def delete_team(body: Confirmation, deps: DepsDep, caller: Owner) -> None:
    """Deletes the team and everything in it, for good. `confirm`: the team's slug."""
    if body.confirm != caller.team.slug:
        raise Invalid(f"confirm: type {caller.team.slug} to delete this team.")
    async with deps.db.transaction() as session:
        await service.delete(session, caller.team.team_id)
        thing = Thing("team", caller.team.team_id, caller.team.slug)
        await record(session, caller, "team.delete", thing, deps.clock.now(), of_installation=True)


@router.get("/api/team/members")
async def list_members(deps: DepsDep, caller: Reader) -> MemberPage:
    """Everybody in the team, oldest membership first."""
    async with deps.db.transaction() as session:
        rows = await service.members(session, caller.team.team_id)
    return MemberPage(items=[Member.model_validate(row) for row in rows])


@router.patch("/api/team/members/{user_id}", status_code=204, responses={**NO_MEMBER, **KEEPS_OWNER})
async def change_member(user_id: UUID, body: MemberPatch, deps: DepsDep, caller: MemberWriter) -> None:
    """Changes somebody's role. API keys they made that can do more are revoked."""
    now, team_id = deps.clock.now(), caller.team.team_id
    async with deps.db.transaction() as session:
        was = await service.set_role(session, team_id, user_id, body.role, by=caller.team.role)
        revoked = await revoke_beyond(session, team_id, user_id, body.role, now)
        sides = {"role": was.role, "revoked": []}, {"role": body.role, "revoked": revoked}
        thing = Thing("member", user_id, was.email)
        await record(session, caller, "member.update", thing, now, before=sides[0], after=sides[1])


@router.delete("/api/team/members/{user_id}", status_code=204, responses={**NO_MEMBER, **KEEPS_OWNER})
async def remove_member(user_id: UUID, deps: DepsDep, caller: MemberWriter) -> None:
    """Removes somebody from the team, and revokes the API keys they made."""
    now, team_id = deps.clock.now(), caller.team.team_id
    async with deps.db.transaction() as session:
        was = await service.set_role(session, team_id, user_id, None, by=caller.team.role)
        revoked = await revoke_beyond(session, team_id, user_id, None, now)
        told = {"role": was.role, "revoked": revoked}
        await record(session, caller, "member.remove", Thing("member", user_id, was.email), now, after=told)


@router.post("/api/team/leave", status_code=204, responses=KEEPS_OWNER)
async def leave_team(deps: DepsDep, caller: Leaver) -> None:
    """Takes you out of the team. Its only owner hands it over or deletes it instead."""
    now, team_id = deps.clock.now(), caller.team.team_id
    async with deps.db.transaction() as session:
        await service.set_role(session, team_id, caller.user_id, None, by=caller.team.role)
        await revoke_beyond(session, team_id, caller.user_id, None, now)
        await record(session, caller, "member.leave", Thing("member", caller.user_id, caller.email), now)


@router.post("/api/team/transfer", status_code=204, responses=NO_MEMBER)
async def transfer_team(body: Transfer, deps: DepsDep, caller: Giver) -> None:
    """Makes another member the owner, and you an admin."""
    if body.user_id == caller.user_id:
        raise Invalid("user_id: you own this team already.")
    now, team_id = deps.clock.now(), caller.team.team_id
    async with deps.db.transaction() as session:
        heir = await service.set_role(session, team_id, body.user_id, "owner", by="owner")
        await service.set_role(session, team_id, caller.user_id, "admin", by="owner")
        thing = Thing("team", team_id, caller.team.slug)
        sides = {"owner": caller.email}, {"owner": heir.email}
        await record(session, caller, "team.transfer", thing, now, before=sides[0], after=sides[1])


async def _shown(session: AsyncSession, row: Row[Any]) -> TeamDetail:
    used = await service.usage(session, row.id)
    values = {name: getattr(row, name) for name in TeamDetail.model_fields if name not in ("limits", "usage")}
    return TeamDetail(**values, limits=service.plan_limits(row.plan), usage=used)
