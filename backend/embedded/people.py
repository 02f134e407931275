"""People from the command line: the first owner, `nightdesk user create`, `user password` and `user list`."""

import asyncio
import secrets
import string
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import httpx
import structlog
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.access import Role
from backend.audit import service as audit
from backend.caller import Origin
from backend.embedded.auth import addresses, passwords, users
from backend.errors import Conflict, NotFound, Unavailable
from backend.settings import Settings

log = structlog.get_logger(__name__)

DEFAULT_TEAM = "default"
_SIGNS = string.ascii_letters + string.digits


@dataclass(frozen=True)
class Member:
    """A person in a team; `team` and `role` are empty for somebody who is in none."""

    user_id: UUID
    email: str
    team: str
    role: str
    created_at: datetime | None


class NoSuchTeam(NotFound):
    """There is no team of that name."""

    code = "no_such_team"


class NoSuchPerson(NotFound):
    """There is no person with that address."""

    code = "no_such_person"


def new_password() -> str:
    """Too long for anybody to guess, short enough to type once; letters and digits: a leading dash is an option."""
    return "".join(secrets.choice(_SIGNS) for _ in range(20))


async def first_owner(session: AsyncSession, email: str, now: datetime) -> str | None:
    """On a fresh installation: makes the owner of team `default` and returns their password, to be shown once."""
    if (await session.execute(text("select 1 from auth.users limit 1"))).first() is not None:
        return None
    password = new_password()
    user_id = await users.create_user(session, email, password, now)
    await add_member(session, user_id, DEFAULT_TEAM, "owner")
    await make_platform_admin(session, user_id)
    return password


async def create_member(
    session: AsyncSession,
    http: httpx.AsyncClient,
    settings: Settings,
    member: tuple[str, str],
    team: str,
    role: Role,
    now: datetime,
) -> UUID:
    """Makes the person `(email, password)`, here or on Supabase, and adds them to the team."""
    email, password = member
    made = await user_on_supabase(http, settings, email, password)
    user_id = made or await users.create_user(session, email, password, now)
    await add_member(session, user_id, team, role)
    return user_id


async def user_on_supabase(http: httpx.AsyncClient, settings: Settings, email: str, password: str) -> UUID | None:
    """Makes the person on Supabase; None when sign-in is ours, and so are the users."""
    return await _create_on_supabase(http, settings, email, password) if settings.mode == "supabase" else None


async def forget_on_supabase(http: httpx.AsyncClient, settings: Settings, user_id: UUID) -> None:
    """Takes back a person that was made a moment ago and could not be used. Failing at it is said, not raised."""
    try:
        answer = await http.delete(_admin_url(settings, user_id), headers=_admin_headers(settings))
        answer.raise_for_status()
    except httpx.HTTPError as error:
        log.warning("user_left_on_supabase", user_id=str(user_id), error=str(error))


async def replace_password(session: AsyncSession, email: str, password: str, now: datetime) -> None:
    """For somebody who cannot get in: ends their sign-ins; a second factor stays.

    Raises NoSuchPerson, Conflict (they are banned), WeakPassword.
    """
    person = await users.find_by_email(session, users.normal_email(email))
    if person is None:
        raise NoSuchPerson(f"There is nobody with the address {email}. `nightdesk user list` shows who there is.")
    if users.is_banned(person, now):
        raise Conflict(f"{email} is banned until {person.banned_until:%Y-%m-%d %H:%M} UTC: a password would not help.")
    passwords.check_strength(password)
    hashed = await asyncio.to_thread(passwords.hash_password, password)
    await users.set_password(session, person.id, hashed, now)
    # Whoever may run this on the machine vouches for the address, as for those they make.
    await addresses.confirm_email(session, person.id, now)
    here = Origin(user_agent="nightdesk user password")
    await audit.record_session_event(session, person.id, person.email or "", "account.password", here, now)


async def add_member(session: AsyncSession, user_id: UUID, team: str, role: Role) -> None:
    """Adds somebody to a team, or changes their role there. Raises NoSuchTeam."""
    added = await session.execute(
        text(
            "insert into public.team_members (team_id, user_id, role)"
            " select id, :user_id, :role from public.teams where slug = :team"
            " on conflict (team_id, user_id) do update set role = excluded.role returning 1"
        ),
        {"user_id": user_id, "role": role, "team": team},
    )
    if added.first() is None:
        raise NoSuchTeam(f"There is no team {team!r}.")


async def make_platform_admin(session: AsyncSession, user_id: UUID) -> None:
    """They run the installation: all teams, maintenance, support access."""
    await session.execute(
        text(
            "insert into public.profiles (user_id, is_platform_admin) values (:id, true)"
            " on conflict (user_id) do update set is_platform_admin = true"
        ),
        {"id": user_id},
    )


async def list_members(session: AsyncSession) -> list[Member]:
    """Everybody, once per team."""
    rows = await session.execute(
        text(
            "select u.id, u.email, coalesce(t.slug, '') as team, coalesce(m.role, '') as role, u.created_at"
            " from auth.users u left join public.team_members m on m.user_id = u.id"
            " left join public.teams t on t.id = m.team_id order by u.created_at, u.email, t.slug"
        )
    )
    return [Member(row.id, row.email or "", row.team, row.role, row.created_at) for row in rows]


async def _create_on_supabase(http: httpx.AsyncClient, settings: Settings, email: str, password: str) -> UUID:
    """POST /auth/v1/admin/users, which only the secret key may call."""
    headers = _admin_headers(settings)
    try:
        answer = await http.post(
            _admin_url(settings),
            headers=headers,
            json={"email": email, "password": password, "email_confirm": True},
        )
        body: Any = answer.json()
    except (httpx.HTTPError, ValueError) as error:
        raise Unavailable(f"Supabase did not answer: {error}") from error
    if answer.is_error:
        reason = body.get("msg") or body.get("message") or answer.status_code
        raise Unavailable(f"Supabase refused to create {email}: {reason}", retryable=False)
    return UUID(body["id"])


def _admin_url(settings: Settings, user_id: UUID | None = None) -> str:
    return f"{settings.supabase_inside}/auth/v1/admin/users" + (f"/{user_id}" if user_id else "")


def _admin_headers(settings: Settings) -> dict[str, str]:
    secret = settings.supabase_service_role_key
    if secret is None:
        raise Unavailable("Set SUPABASE_SERVICE_ROLE_KEY: Supabase lets only that key create users.", retryable=False)
    key = secret.get_secret_value()
    return {"apikey": key, "Authorization": f"Bearer {key}"}
