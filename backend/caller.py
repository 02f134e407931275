"""Whoever asks, verified: a person in one of their teams, an API key, or a visitor from support."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from backend.actor import Actor
from backend.errors import Forbidden
from backend.permissions import GRANTABLE, NOT_FOR_VISITORS, PERMISSIONS, PLATFORM_PERMISSIONS, ROLE_PERMISSIONS, Role
from backend.standing import Maintenance


class ScopeMissing(Forbidden):
    """This API key does not have the scope for this."""

    code = "scope_missing"


class NotAsVisitor(Forbidden):
    """Support may look and help, but not decide for the team, change its credentials or anybody's own settings."""

    code = "not_as_visitor"


@dataclass(frozen=True)
class Membership:
    """A team the caller belongs to."""

    team_id: UUID
    name: str
    slug: str
    role: Role
    plan: str = "unlimited"
    trial_ends_at: datetime | None = None
    suspended_at: datetime | None = None
    suspended_reason: str | None = None


@dataclass(frozen=True)
class Key:
    """The API key a request came with."""

    id: UUID
    name: str
    scopes: frozenset[str]


@dataclass(frozen=True)
class Visit:
    """A platform admin acts as somebody else: who, why and until when."""

    id: UUID
    admin_id: UUID
    admin_name: str
    reason: str
    expires_at: datetime


@dataclass(frozen=True)
class Origin:
    """Where a request came from, as far as it can be told."""

    address: str | None = None
    user_agent: str | None = None
    country: str | None = None
    city: str | None = None


@dataclass(frozen=True)
class Person:
    """Somebody signed in, with or without a team."""

    user_id: UUID
    email: str
    name: str
    aal: str
    session_id: UUID | None
    teams: tuple[Membership, ...]
    claims: dict[str, Any] = field(repr=False)
    current_team_id: UUID | None = None
    is_platform_admin: bool = False
    maintenance: Maintenance = field(default_factory=Maintenance)
    origin: Origin = field(default_factory=Origin)

    @property
    def actor(self) -> Actor:
        return Actor("person", self.email or self.name, self.user_id)


@dataclass(frozen=True)
class Caller:
    """A person in one of their teams, or a key of one. `claims` go to row-level security unchanged."""

    user_id: UUID
    email: str
    name: str
    aal: str
    session_id: UUID | None
    team: Membership
    teams: tuple[Membership, ...]
    claims: dict[str, Any] = field(repr=False)
    key: Key | None = None
    visit: Visit | None = None
    is_platform_admin: bool = False
    origin: Origin = field(default_factory=Origin)

    @property
    def permissions(self) -> frozenset[str]:
        if self.key is not None:
            return self.key.scopes & GRANTABLE
        of_role = ROLE_PERMISSIONS[self.team.role]
        if self.visit is not None:
            return of_role - NOT_FOR_VISITORS
        return of_role | PLATFORM_PERMISSIONS if self.is_platform_admin else of_role

    @property
    def actor(self) -> Actor:
        """The caller as the timeline names them."""
        if self.key is not None:
            return Actor("source", f"API key {self.key.name}", self.key.id)
        name = self.email or self.name
        if self.visit is not None:
            name = f"{name} (support: {self.visit.admin_name})"
        return Actor("person", name, self.user_id)

    def may(self, permission: str) -> bool:
        return permission in self.permissions

    def refusal(self, permission: str) -> Forbidden:
        """Why the caller may not, for who they are."""
        what = PERMISSIONS[permission].lower()
        if self.key is not None and permission == "action.decide":
            return ScopeMissing("An API key never approves, rejects or postpones actions: that takes a person.")
        if self.key is not None:
            return ScopeMissing(f"The API key {self.key.name} does not have the scope {permission} ({what}).")
        if self.visit is not None and permission in ROLE_PERMISSIONS[self.team.role]:
            return NotAsVisitor()
        return Forbidden(f"Your role ({self.team.role}) does not include: {what}.")
