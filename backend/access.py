"""Who is asking: a token or an API key becomes a verified caller, or one named refusal."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from fastapi import Depends, Request
from fastapi.security import APIKeyHeader, HTTPBearer

from backend import keys
from backend.caller import Caller, Membership, NotAsVisitor, Origin, Person
from backend.deps import Deps
from backend.errors import Forbidden, NightdeskError
from backend.identity import in_a_team, key_caller, person_behind, read_maintenance
from backend.location import Places
from backend.origin import client_address
from backend.permissions import PERMISSIONS, ROLE_PERMISSIONS, Role
from backend.standing import maintenance_refusal, team_refusal
from backend.tokens import TokenVerifier

__all__ = ["PERMISSIONS", "ROLE_PERMISSIONS", "Caller", "Membership", "Person", "Role"]

_USER_AGENT_CHARS = 300

_BEARER = HTTPBearer(auto_error=False, description="Access token of a signed-in person.")
_KEY_HEADER = APIKeyHeader(name="X-API-Key", auto_error=False, description="API key of a team.")


class NotSignedIn(NightdeskError):
    """Sign in first: this needs an Authorization header with a bearer token, or an X-API-Key."""

    status, code = 401, "not_signed_in"


class PersonNeeded(Forbidden):
    """This takes a person who signs in; an API key cannot do it."""

    code = "person_needed"


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
        person = await person_behind(session, claims, origin_of(request, deps), now)
    _raise(maintenance_refusal(request.method, person.maintenance, platform_admin=person.is_platform_admin))
    return person


async def caller_of(deps: DepsDep, request: Request, credential: CredentialDep, verifier: VerifierDep) -> Caller:
    """Verifies the token or the key, finds the team (`X-Team`: slug or id) and asks whether it may be used now."""
    now, origin = deps.clock.now(), origin_of(request, deps)
    wanted = request.headers.get("x-team")
    claims = None if credential.is_key else await verifier.verify(credential.token, now)
    async with deps.db.transaction() as session:
        if claims is None:
            caller = await key_caller(session, credential.token, origin, now)
            maintenance = await read_maintenance(session)
        else:
            person = await person_behind(session, claims, origin, now)
            caller = await in_a_team(session, person, wanted, request.headers.get("x-impersonate"), now)
            maintenance = person.maintenance
    if credential.is_key and wanted not in (None, caller.team.slug, str(caller.team.team_id)):
        raise Forbidden("This API key belongs to another team.")
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
