"""The one writer of invitations: one open per address and team, used once, for a while, its token hashed."""

import hashlib
import secrets
import uuid
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.access import Caller
from backend.errors import Conflict, Forbidden, NightdeskError, NotFound
from backend.mail import service as mail
from backend.mail.letter import PlainLetter
from backend.permissions import RANK, Role
from backend.settings import Settings
from backend.team import rules
from backend.team import service as teams

MOST_OPEN = 200
_COLUMNS = "id, team_id, email, role, inviter_name, created_at, expires_at"
_OPEN = "accepted_at is null and revoked_at is null"


class InvitationGone(NightdeskError):
    """This invitation has been used, revoked or has expired. Ask for a new one."""

    status, code = 410, "invitation_gone"


class AlreadyMember(Conflict):
    """Whoever has this address is in the team already."""

    code = "already_member"


class AlreadyInvited(Conflict):
    """This address is invited already. Send that invitation again, or revoke it first."""

    code = "already_invited"


class OtherAddress(Forbidden):
    """This invitation is for another address. Sign in with the one it was sent to."""

    code = "other_address"


class TooManyInvitations(Conflict):
    """Too many invitations are open. Revoke some first."""

    code = "too_many_invitations"


def hashed(token: str) -> bytes:
    """What is stored and looked up."""
    return hashlib.sha256(token.encode()).digest()


async def create(
    session: AsyncSession, settings: Settings, caller: Caller, email: str, role: Role, now: datetime
) -> tuple[Row[Any], str]:
    """Invites somebody. Answers the invitation and its token. Raises BadEmail, AboveYou, LimitReached, …"""
    address, team_id = rules.normal_email(email), caller.team.team_id
    if RANK[role] > RANK[caller.team.role]:
        raise rules.AboveYou()
    team = await teams.locked(session, team_id)
    members, waiting = await teams.members(session, team_id), await list_open(session, team_id)
    if any(member.email.lower() == address for member in members):
        raise AlreadyMember()
    if any(row.email == address and row.expires_at > now for row in waiting):
        raise AlreadyInvited()
    if len(waiting) >= MOST_OPEN:
        raise TooManyInvitations()
    refusal = rules.over_limit(team.plan, "members", len(members))
    if refusal is not None:
        raise refusal
    await session.execute(
        text(
            f"update public.invitations set revoked_at = :now where team_id = :team and email = :email and {_OPEN}"  # noqa: S608
        ),
        {"now": now, "team": team_id, "email": address},
    )
    token = secrets.token_urlsafe(32)
    made = await session.execute(
        text(
            "insert into public.invitations"  # noqa: S608
            " (id, team_id, email, role, token_hash, invited_by, inviter_name, created_at, expires_at)"
            f" values (:id, :team, :email, :role, :hash, :by, :name, :now, :until) returning {_COLUMNS}"
        ),
        {
            "id": uuid.uuid4(),
            "team": team_id,
            "email": address,
            "role": role,
            "hash": hashed(token),
            "by": caller.user_id,
            "name": caller.name,
            "now": now,
            "until": now + timedelta(days=settings.invitation_days),
        },
    )
    row = made.one()
    await _send(session, settings, row, team.name, token, now)
    return row, token


async def renew(
    session: AsyncSession, settings: Settings, caller: Caller, invitation_id: uuid.UUID, now: datetime
) -> tuple[Row[Any], str]:
    """Sends it again with a new token; the old link ends. Raises NotFound."""
    token = secrets.token_urlsafe(32)
    changed = await session.execute(
        text(
            "update public.invitations set token_hash = :hash, expires_at = :until where id = :id and team_id = :team"  # noqa: S608
            f" and {_OPEN} returning {_COLUMNS}"
        ),
        {
            "hash": hashed(token),
            "until": now + timedelta(days=settings.invitation_days),
            "id": invitation_id,
            "team": caller.team.team_id,
        },
    )
    row = changed.first()
    if row is None:
        raise NotFound()
    await _send(session, settings, row, caller.team.name, token, now)
    return row, token


async def list_open(session: AsyncSession, team_id: uuid.UUID) -> list[Row[Any]]:
    """The team's invitations that nobody has used or revoked, oldest first."""
    rows = await session.execute(
        text(
            f"select {_COLUMNS} from public.invitations where team_id = :team and {_OPEN} order by created_at, id"  # noqa: S608
        ),
        {"team": team_id},
    )
    return list(rows)


async def revoke(session: AsyncSession, team_id: uuid.UUID, invitation_id: uuid.UUID, now: datetime) -> Row[Any]:
    """Its link ends. Raises NotFound."""
    changed = await session.execute(
        text(
            f"update public.invitations set revoked_at = :now where id = :id and team_id = :team and {_OPEN}"  # noqa: S608
            f" returning {_COLUMNS}"
        ),
        {"now": now, "id": invitation_id, "team": team_id},
    )
    row = changed.first()
    if row is None:
        raise NotFound()
    return row


async def find(session: AsyncSession, token: str, now: datetime, *, lock: bool = False) -> Row[Any]:
    """The open invitation of a token with its team. Raises NotFound, InvitationGone."""
    found = await session.execute(
        text(
            "select i.id, i.team_id, i.email, i.role, i.inviter_name, i.expires_at, i.accepted_at, i.revoked_at,"  # noqa: S608
            " t.name as team_name, t.slug, t.suspended_at,"
            " (select u.id from auth.users u where u.email = i.email and u.deleted_at is null limit 1) as user_id"
            " from public.invitations i join public.teams t on t.id = i.team_id where i.token_hash = :hash"
            + (" for update of i" if lock else "")
        ),
        {"hash": hashed(token)},
    )
    row = found.first()
    if row is None:
        raise NotFound()
    if row.accepted_at or row.revoked_at or row.suspended_at or row.expires_at <= now:
        raise InvitationGone()
    return row


async def accept(session: AsyncSession, row: Row[Any], user_id: uuid.UUID, email: str, now: datetime) -> None:
    """Makes its holder a member; the row is locked. Raises OtherAddress, LimitReached."""
    try:
        address = rules.normal_email(email)
    except rules.BadEmail:
        raise OtherAddress() from None
    if address != row.email:
        raise OtherAddress()
    await teams.add_member(session, row.team_id, user_id, row.role, now)
    await session.execute(
        text("update public.invitations set accepted_at = :now, accepted_by = :user where id = :id"),
        {"now": now, "user": user_id, "id": row.id},
    )


def link(settings: Settings, token: str) -> str:
    """Where the holder of the token goes."""
    return f"{settings.url}/invite/{token}"


async def _send(session: AsyncSession, settings: Settings, row: Row[Any], team: str, token: str, now: datetime) -> None:
    if settings.smtp_url is None:
        return
    lines = (
        f"{row.inviter_name} invites you to the team {team} as {row.role}.",
        f"Open this link to accept: {link(settings, token)}",
        f"It works once, until {row.expires_at:%Y-%m-%d %H:%M} UTC. If you do not know what this is, ignore it.",
    )
    letter = PlainLetter(row.email, "invitation", f"Join {team} on Nightdesk", "\n\n".join(lines) + "\n")
    await mail.post(session, letter, now, team_id=row.team_id)
