"""JSON of the caller and of teams."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from backend.access import Role


class User(BaseModel):
    """A person."""

    id: UUID
    email: str
    name: str


class Team(BaseModel):
    """A team."""

    id: UUID
    name: str
    slug: str


class Membership(Team):
    """A team and the caller's role in it."""

    role: Role


class ApiKeyName(BaseModel):
    """The API key that asks."""

    id: UUID
    name: str


class VisitOut(BaseModel):
    """Somebody from support acts as this user."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    admin_name: str
    reason: str
    expires_at: datetime


class Me(BaseModel):
    """Who is asking, in which team, and what they may do there."""

    user: User
    team: Team
    role: Role
    permissions: list[str]
    teams: list[Membership]
    is_platform_admin: bool
    api_key: ApiKeyName | None
    impersonation: VisitOut | None


class Permission(BaseModel):
    """Something that may be done. `grantable`: also by an API key."""

    name: str
    description: str
    grantable: bool


class RoleOut(BaseModel):
    """A role in a team."""

    name: Role
    description: str
    permissions: list[str]


class Permissions(BaseModel):
    """Who may do what."""

    permissions: list[Permission]
    roles: list[RoleOut]
