"""Who is asking: a token or an API key becomes a verified caller, or one named refusal."""

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Request
from fastapi.security import APIKeyHeader, HTTPBearer
from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncSession

from backend import keys
from backend.caller import Caller, Key, Membership, NotAsVisitor, Origin, Person, Visit
from backend.deps import Deps
from backend.errors import Forbidden, NightdeskError
from backend.location import Places
from backend.origin import client_address
from backend.permissions import PERMISSIONS, ROLE_PERMISSIONS, Role
from backend.standing import Maintenance, maintenance_refusal, team_refusal
from backend.tokens import Claims, TokenVerifier

__all__ = ["PERMISSIONS", "ROLE_PERMISSIONS", "Caller", "Membership", "Person", "Role"]

_USER_AGENT_CHARS = 300
# The claim that opens a team to an API key. Only we set it; no token may bring it along.
_TEAM_CLAIM = "nightdesk_team"

_BEARER = HTTPBearer(auto_error=False, description="Access token of a signed-in person.")
_KEY_HEADER = APIKeyHeader(name="X-API-Key", auto_error=False, description="API key of a team.")


class NotSignedIn(NightdeskError):
    """Sign in first: this needs an Authorization header with a bearer token, or an X-API-Key."""

    status, code = 401, "not_signed_in"


class SessionOver(NightdeskError):
    """This sign-in has ended. Sign in again."""

    status, code = 401, "session_ended"


class NoTeam(NightdeskError):
    """You do not belong to any team yet. Ask an admin to invite you."""

    status, code = 403, "no_team"


class PersonNeeded(Forbidden):
    """This takes a person who signs in; an API key cannot do it."""

    code = "person_needed"


class VisitOver(Forbidden):
    """This visit has ended. Start a new one, with its reason, to go on."""

    code = "visit_over"


async def deps_of(request: Request) -> Deps:
    """The process's dependencies, put on the app at start. Async: looking up needs no thread."""
    return request.app.state.deps


async def verifier_of(request: Request) -> TokenVerifier:
    """The verifier of user tokens, put on the app at start."""
    return request.app.state.verifier


DepsDep = Annotated[Deps, Depends(deps_of)]


@dataclass(frozen=True)
class Credential:
    """What a request brought to say who it is."""

    token: str
    is_key: bool


async def credential_of(
    request: Request,
    _bearer: Annotated[Any, Depends(_BEARER)],
    _key: Annotated[Any, Depends(_KEY_HEADER)],
) -> Credential:
    """The bearer token or the API key of the request. Raises NotSignedIn."""
    key, bearer = request.headers.get("x-api-key", "").strip(), request.headers.get("authorization", "")
    if key and bearer:
        raise NotSignedIn("Send either Authorization or X-API-Key, not both.")
    if key:
        return Credential(key, is_key=True)
    scheme, _, token = bearer.partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise NotSignedIn()
    return Credential(token.strip(), is_key=token.strip().startswith(keys.PREFIX))


CredentialDep = Annotated[Credential, Depends(credential_of)]
VerifierDep = Annotated[TokenVerifier, Depends(verifier_of)]


async def person_of(deps: DepsDep, request: Request, credential: CredentialDep, verifier: VerifierDep) -> Person:
    """Somebody signed in, as themselves, also without a team. Raises PersonNeeded, NotAsVisitor."""
    if "x-impersonate" in request.headers:
        raise NotAsVisitor()
    return await host_of(deps, request, credential, verifier)


async def host_of(deps: DepsDep, request: Request, credential: CredentialDep, verifier: VerifierDep) -> Person:
    """As person_of, whether or not they are visiting somebody at the moment."""
    if credential.is_key:
        raise PersonNeeded()
    now = deps.clock.now()
    claims = await verifier.verify(credential.token, now)
    async with deps.db.transaction() as session:
        person = await _person(session, claims, origin_of(request, deps), now)
    _raise(maintenance_refusal(request.method, person.maintenance, platform_admin=person.is_platform_admin))
    return person


async def caller_of(deps: DepsDep, request: Request, credential: CredentialDep, verifier: VerifierDep) -> Caller:
    """Verifies the token or the key, finds the team (`X-Team`: slug or id) and asks whether it may be used now."""
    now = deps.clock.now()
    if credential.is_key:
        caller, maintenance = await _key_caller(deps, request, credential.token, now)
    else:
        claims = await verifier.verify(credential.token, now)
        async with deps.db.transaction() as session:
            person = await _person(session, claims, origin_of(request, deps), now)
            caller, maintenance = await _in_a_team(session, request, person, now), person.maintenance
    visiting = caller.visit is not None
    _raise(maintenance_refusal(request.method, maintenance, platform_admin=caller.is_platform_admin or visiting))
    _raise(_team_refusal(request.method, caller, now))
    return caller


def origin_of(request: Request, deps: Deps) -> Origin:
    """Where the request comes from."""
    agent = request.headers.get("user-agent", "")[:_USER_AGENT_CHARS].replace("\0", "")
    address = client_address(request, deps.settings.trusted_proxies)
    places: Places = request.app.state.places
    place = places.of(address)
    return Origin(address, agent or None, place.country, place.city)


async def _key_caller(deps: Deps, request: Request, key: str, now: datetime) -> tuple[Caller, Maintenance]:
    async with deps.db.transaction() as session:
        row = await keys.look_up(session, key, now)
        maintenance = await read_maintenance(session)
    team = Membership(
        row.team_id,
        row.team_name,
        row.slug,
        "viewer",
        row.plan,
        row.trial_ends_at,
        row.suspended_at,
        row.suspended_reason,
    )
    if request.headers.get("x-team", team.slug) not in (team.slug, str(team.team_id)):
        raise Forbidden("This API key belongs to another team.")
    caller = Caller(
        user_id=row.id,
        email="",
        name=row.name,
        aal="aal1",
        session_id=None,
        team=team,
        teams=(team,),
        claims={"sub": str(row.id), "role": "authenticated", _TEAM_CLAIM: str(team.team_id)},
        key=Key(row.id, row.name, frozenset(row.scopes)),
        origin=origin_of(request, deps),
    )
    return caller, maintenance


async def _person(session: AsyncSession, claims: Claims, origin: Origin, now: datetime) -> Person:
    """Whose token it is. A token outlives its sign-in, so that is looked up. Raises SessionOver."""
    found = await session.execute(
        text(
            "select coalesce(p.name, '') as name, p.current_team_id, coalesce(p.is_platform_admin, false) as admin,"
            " (select value from public.app_settings where key = 'maintenance') as maintenance,"
            " exists (select 1 from auth.sessions where id = :session_id and user_id = :user_id"
            "   and (not_after is null or not_after > :now)) as is_live"
            " from (select 1) as one left join public.profiles p on p.user_id = :user_id"
        ),
        {"user_id": claims.sub, "session_id": claims.session_id, "now": now},
    )
    row = found.one()
    if not row.is_live:
        raise SessionOver()
    metadata = claims.raw.get("user_metadata") or {}
    return Person(
        user_id=claims.sub,
        email=claims.email,
        name=row.name or str(metadata.get("name") or claims.email),
        aal=claims.aal,
        session_id=claims.session_id,
        teams=await memberships(session, claims.sub),
        claims={name: value for name, value in claims.raw.items() if name != _TEAM_CLAIM},
        current_team_id=row.current_team_id,
        is_platform_admin=row.admin,
        maintenance=_maintenance(row.maintenance),
        origin=origin,
    )


async def _in_a_team(session: AsyncSession, request: Request, person: Person, now: datetime) -> Caller:
    visit = request.headers.get("x-impersonate")
    if visit is not None:
        return await _visitor(session, person, visit, now)
    if not person.teams:
        raise NoTeam()
    team = _chosen(person, request.headers.get("x-team"))
    return Caller(
        user_id=person.user_id,
        email=person.email,
        name=person.name,
        aal=person.aal,
        session_id=person.session_id,
        team=team,
        teams=person.teams,
        claims=person.claims,
        is_platform_admin=person.is_platform_admin,
        origin=person.origin,
    )


def _chosen(person: Person, wanted: str | None) -> Membership:
    """The team that was asked for, else the one they used last, else the oldest that is not suspended."""
    if wanted:
        team = next((t for t in person.teams if wanted in (t.slug, str(t.team_id))), None)
        if team is None:
            raise Forbidden("You are not a member of that team.")
        return team
    usable = [t for t in person.teams if t.suspended_at is None] or list(person.teams)
    return next((t for t in usable if t.team_id == person.current_team_id), usable[0])


async def _visitor(session: AsyncSession, person: Person, visit_id: str, now: datetime) -> Caller:
    """The platform admin as the member they visit. Raises VisitOver."""
    found = await session.execute(
        text(
            "select i.id, i.user_id, i.team_id, i.reason, i.expires_at, u.email from public.impersonations i"
            " join auth.users u on u.id = i.user_id"
            " where i.id::text = :id and i.admin_id = :admin_id and i.ended_at is null and i.expires_at > :now"
            " and not exists (select 1 from public.profiles p where p.user_id = i.user_id and p.is_platform_admin)"
        ),
        {"id": visit_id.lower(), "admin_id": person.user_id, "now": now},
    )
    row = found.first()
    teams = await memberships(session, row.user_id) if row is not None and person.is_platform_admin else ()
    team = next((t for t in teams if row is not None and t.team_id == row.team_id), None)
    if row is None or team is None:
        raise VisitOver()
    return Caller(
        user_id=row.user_id,
        email=row.email or "",
        name=row.email or "",
        aal="aal1",
        session_id=None,
        team=team,
        teams=(team,),
        claims={**person.claims, "sub": str(row.user_id), "email": row.email, "aal": "aal1"},
        visit=Visit(row.id, person.user_id, person.email or person.name, row.reason, row.expires_at),
        origin=person.origin,
    )


async def memberships(session: AsyncSession, user_id: UUID) -> tuple[Membership, ...]:
    """The teams of a person, oldest membership first."""
    rows = await session.execute(
        text(
            "select t.id, t.name, t.slug, m.role, t.plan, t.trial_ends_at, t.suspended_at, t.suspended_reason"
            " from public.team_members m join public.teams t on t.id = m.team_id"
            " where m.user_id = :user_id order by m.created_at, t.slug"
        ),
        {"user_id": user_id},
    )
    return tuple(_membership(row) for row in rows)


def _membership(row: Row[Any]) -> Membership:
    return Membership(*row)


async def read_maintenance(session: AsyncSession) -> Maintenance:
    """Whether the installation is closed for changes."""
    found = await session.execute(text("select value from public.app_settings where key = 'maintenance'"))
    return _maintenance(found.scalar_one_or_none())


def _maintenance(value: Any) -> Maintenance:
    stored = json.loads(value) if isinstance(value, str) else value
    return Maintenance(bool(stored.get("on")), str(stored.get("notice", ""))) if stored else Maintenance()


def _team_refusal(method: str, caller: Caller, now: datetime) -> NightdeskError | None:
    team = caller.team
    return team_refusal(
        method,
        None if caller.key else team.role,
        suspended_at=team.suspended_at,
        suspended_reason=team.suspended_reason,
        trial_ends_at=team.trial_ends_at,
        now=now,
    )


def _raise(refusal: NightdeskError | None) -> None:
    if refusal is not None:
        raise refusal


CallerDep = Annotated[Caller, Depends(caller_of)]
PersonDep = Annotated[Person, Depends(person_of)]


def require(permission: str) -> Callable[[Caller], Awaitable[Caller]]:
    """A dependency that lets only callers with the permission through. Raises Forbidden."""
    assert permission in PERMISSIONS, permission

    async def check(caller: CallerDep) -> Caller:
        if not caller.may(permission):
            raise caller.refusal(permission)
        return caller

    check.permission = permission  # pyright: ignore[reportFunctionMemberAccess]
    return check


async def present(caller: CallerDep) -> Caller:
    """A caller who is a person there themselves. Raises ScopeMissing for keys and NotAsVisitor for visitors.

    The role is not asked here, so that the rules can say the same as the button does.
    """
    if caller.key is not None:
        raise caller.refusal("action.decide")
    if caller.visit is not None:
        raise NotAsVisitor()
    return caller


def require_platform(permission: str) -> Callable[[Person], Awaitable[Person]]:
    """A dependency that lets only platform admins through, as themselves or while visiting. Raises Forbidden."""
    assert permission in PERMISSIONS, permission

    async def check(person: Annotated[Person, Depends(host_of)]) -> Person:
        if not person.is_platform_admin:
            raise Forbidden(f"Only platform admins may: {PERMISSIONS[permission].lower()}.")
        return person

    check.permission = permission  # pyright: ignore[reportFunctionMemberAccess]
    return check
