"""Who is asking and what they may do: one table of roles and permissions for the API, the UI and the docs."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Depends, Request
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.actor import Actor
from backend.deps import Deps
from backend.errors import Forbidden, NightdeskError
from backend.tokens import Claims, TokenVerifier

Role = Literal["owner", "admin", "responder", "viewer"]

PERMISSIONS: dict[str, str] = {
    "incident.read": "See incidents, evidence, actions and post-mortems",
    "incident.write": "Create, acknowledge, investigate, resolve and reopen incidents",
    "action.decide": "Approve, reject and postpone actions",
    "postmortem.write": "Edit post-mortems",
    "monitor.read": "See monitors and their checks",
    "monitor.write": "Create and change monitors",
    "hook.read": "See runbook hooks",
    "hook.write": "Register and change runbook hooks",
    "integration.read": "See integrations",
    "integration.write": "Create and revoke integrations",
    "system.read": "See the health of Nightdesk itself",
    "team.read": "See the team and its members",
}

_READ = frozenset(name for name in PERMISSIONS if name.endswith(".read"))
_RESPOND = _READ | {"incident.write", "action.decide", "postmortem.write"}
ROLE_PERMISSIONS: dict[Role, frozenset[str]] = {
    "viewer": _READ,
    "responder": _RESPOND,
    "admin": frozenset(PERMISSIONS),
    "owner": frozenset(PERMISSIONS),
}


class NotSignedIn(NightdeskError):
    """Sign in first: this needs an Authorization header with a bearer token."""

    status, code = 401, "not_signed_in"


class NoTeam(NightdeskError):
    """You do not belong to any team yet. Ask an admin to invite you."""

    status, code = 403, "no_team"


@dataclass(frozen=True)
class Membership:
    """A team the caller belongs to."""

    team_id: UUID
    name: str
    slug: str
    role: Role


@dataclass(frozen=True)
class Caller:
    """A verified person in one of their teams. `claims` go to row-level security unchanged."""

    user_id: UUID
    email: str
    name: str
    aal: str
    session_id: UUID | None
    team: Membership
    teams: tuple[Membership, ...]
    claims: dict[str, Any] = field(repr=False)

    @property
    def permissions(self) -> frozenset[str]:
        return ROLE_PERMISSIONS[self.team.role]

    @property
    def actor(self) -> Actor:
        """The caller as the timeline names them."""
        return Actor("person", self.email or self.name, self.user_id)

    def may(self, permission: str) -> bool:
        return permission in self.permissions


def deps_of(request: Request) -> Deps:
    """The process's dependencies, put on the app at start."""
    return request.app.state.deps


def verifier_of(request: Request) -> TokenVerifier:
    """The verifier of user tokens, put on the app at start."""
    return request.app.state.verifier


DepsDep = Annotated[Deps, Depends(deps_of)]


def bearer(request: Request) -> str:
    """The bearer token of the request. Raises NotSignedIn."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise NotSignedIn()
    return token.strip()


async def caller_of(
    deps: DepsDep, request: Request, verifier: Annotated[TokenVerifier, Depends(verifier_of)]
) -> Caller:
    """Verifies the token, then finds the caller's teams. `X-Team` (slug or id) chooses among several."""
    claims = await verifier.verify(bearer(request), deps.clock.now())
    async with deps.db.transaction() as session:
        teams = await memberships(session, claims.sub)
    if not teams:
        raise NoTeam()
    wanted = request.headers.get("x-team")
    team = next((t for t in teams if wanted in (t.slug, str(t.team_id))), None) if wanted else teams[0]
    if team is None:
        raise Forbidden("You are not a member of that team.")
    return _caller(claims, team, teams)


def _caller(claims: Claims, team: Membership, teams: tuple[Membership, ...]) -> Caller:
    metadata = claims.raw.get("user_metadata") or {}
    return Caller(
        user_id=claims.sub,
        email=claims.email,
        name=str(metadata.get("name") or claims.email),
        aal=claims.aal,
        session_id=claims.session_id,
        team=team,
        teams=teams,
        claims=claims.raw,
    )


async def memberships(session: AsyncSession, user_id: UUID) -> tuple[Membership, ...]:
    """The teams of a person, oldest membership first."""
    rows = await session.execute(
        text(
            "select t.id, t.name, t.slug, m.role from public.team_members m join public.teams t on t.id = m.team_id"
            " where m.user_id = :user_id order by m.created_at, t.slug"
        ),
        {"user_id": user_id},
    )
    return tuple(Membership(row.id, row.name, row.slug, row.role) for row in rows)


CallerDep = Annotated[Caller, Depends(caller_of)]


def require(permission: str) -> Callable[[Caller], Caller]:
    """A dependency that lets only callers with the permission through. Raises Forbidden."""
    assert permission in PERMISSIONS, permission

    def check(caller: CallerDep) -> Caller:
        if not caller.may(permission):
            raise Forbidden(f"Your role ({caller.team.role}) does not include: {PERMISSIONS[permission].lower()}.")
        return caller

    check.permission = permission  # pyright: ignore[reportFunctionMemberAccess]
    return check
