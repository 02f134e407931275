"""/api/team/invitations for those who invite, /api/invitations/{token} for those who are invited."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from sqlalchemy import Row

from backend.access import Caller, DepsDep, Person, PersonDep, origin_of, require
from backend.audit.service import Thing, record
from backend.deps import Deps
from backend.embedded.auth import users
from backend.embedded.people import forget_on_supabase, user_on_supabase
from backend.errors import Conflict
from backend.identity import read_maintenance
from backend.invitation import service
from backend.invitation.schemas import (
    Acceptance,
    Accepted,
    CreatedInvitation,
    Invitation,
    InvitationInfo,
    InvitationPage,
    NewInvitation,
)
from backend.profile import service as profiles
from backend.refusals import refusals
from backend.standing import maintenance_refusal

router = APIRouter(tags=["invitations"])

Reader = Annotated[Caller, Depends(require("invitation.read"))]
Writer = Annotated[Caller, Depends(require("invitation.write"))]

NO_INVITATION = refusals(s404="`not_found`: there is no such open invitation.")
TOKEN = refusals(s404="`not_found`: no invitation has this token.", s410="`invitation_gone`: used, revoked or expired.")


class HasAccount(Conflict):
    """There is an account of this address already. Sign in, then accept."""

    code = "has_account"


@router.get("/api/team/invitations")
async def list_invitations(deps: DepsDep, caller: Reader) -> InvitationPage:
    """The team's open invitations, expired ones too: they can be sent again."""
    async with deps.db.transaction() as session:
        rows = await service.list_open(session, caller.team.team_id)
    return InvitationPage(items=[Invitation.model_validate(row) for row in rows])


@router.post(
    "/api/team/invitations",
    status_code=201,
    responses=refusals(s409="`already_member`, `already_invited` or `too_many_invitations`."),
)
async def invite(body: NewInvitation, deps: DepsDep, caller: Writer) -> CreatedInvitation:
    """Invites somebody by mail. Without a mail server the link is in this answer, this once."""
    now = deps.clock.now()
    async with deps.db.transaction() as session:
        row, token = await service.create(session, deps.settings, caller, body.email, body.role, now)
        told = {"email": row.email, "role": row.role}
        await record(session, caller, "invitation.create", _thing(row), now, after=told)
    return _created(deps, row, token)


@router.post("/api/team/invitations/{invitation_id}/resend", responses=NO_INVITATION)
async def resend_invitation(invitation_id: UUID, deps: DepsDep, caller: Writer) -> CreatedInvitation:
    """Sends it again, with a new link; the old one ends."""
    now = deps.clock.now()
    async with deps.db.transaction() as session:
        row, token = await service.renew(session, deps.settings, caller, invitation_id, now)
        await record(session, caller, "invitation.resend", _thing(row), now)
    return _created(deps, row, token)


@router.delete("/api/team/invitations/{invitation_id}", status_code=204, responses=NO_INVITATION)
async def revoke_invitation(invitation_id: UUID, deps: DepsDep, caller: Writer) -> None:
    """Its link ends."""
    now = deps.clock.now()
    async with deps.db.transaction() as session:
        row = await service.revoke(session, caller.team.team_id, invitation_id, now)
        await record(session, caller, "invitation.revoke", _thing(row), now)


@router.get("/api/invitations/{token}", responses=TOKEN)
async def read_invitation(token: str, deps: DepsDep) -> InvitationInfo:
    """What the link is for. Needs no credentials but the token."""
    async with deps.db.transaction() as session:
        row = await service.find(session, token, deps.clock.now())
    return InvitationInfo(
        team_name=row.team_name,
        inviter_name=row.inviter_name,
        email=row.email,
        role=row.role,
        expires_at=row.expires_at,
        has_account=row.user_id is not None,
    )


@router.post("/api/invitations/{token}/accept", responses=TOKEN)
async def accept_invitation(token: str, deps: DepsDep, person: PersonDep) -> Accepted:
    """Joins the team as whom you are signed in."""
    now = deps.clock.now()
    async with deps.db.transaction() as session:
        row = await service.find(session, token, now, lock=True)
        await service.accept(session, row, person.user_id, person.email, now)
        await record(session, person, "invitation.accept", _thing(row), now, team_id=row.team_id)
    return Accepted(team_id=row.team_id, team_slug=row.slug, email=row.email)


@router.post(
    "/api/invitations/{token}/join",
    status_code=201,
    responses={**TOKEN, **refusals(s409="`has_account`: sign in, then accept.", s503="`maintenance`: try later.")},
)
async def join(token: str, body: Acceptance, request: Request, deps: DepsDep) -> Accepted:
    """Makes an account with the password you choose, and joins the team. Then sign in as usual."""
    now = deps.clock.now()
    async with deps.db.transaction() as session:
        refusal = maintenance_refusal("POST", await read_maintenance(session), platform_admin=False)
        if refusal is not None:
            raise refusal
        row = await service.find(session, token, now)
    if row.user_id is not None:
        raise HasAccount()
    password = body.password.get_secret_value()
    made = await user_on_supabase(deps.http, deps.settings, row.email, password)
    try:
        async with deps.db.transaction() as session:
            row = await service.find(session, token, now, lock=True)
            user_id = made or await users.create_user(session, row.email, password, now)
            await service.accept(session, row, user_id, row.email, now)
            if body.name.strip():
                await profiles.change(session, user_id, {"name": body.name.strip()}, now)
            person = Person(user_id, row.email, body.name, "aal1", None, (), {}, origin=origin_of(request, deps))
            await record(session, person, "invitation.join", _thing(row), now, team_id=row.team_id)
    except Exception:
        if made is not None:
            await forget_on_supabase(deps.http, deps.settings, made)
        raise
    return Accepted(team_id=row.team_id, team_slug=row.slug, email=row.email)


def _created(deps: Deps, row: Row[Any], token: str) -> CreatedInvitation:
    sent = deps.settings.smtp_url is not None
    shown = Invitation.model_validate(row).model_dump()
    return CreatedInvitation(**shown, mail_sent=sent, link=None if sent else service.link(deps.settings, token))


def _thing(row: Row[Any]) -> Thing:
    return Thing("invitation", row.id, row.email)
