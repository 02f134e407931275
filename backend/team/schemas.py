"""JSON of the caller and of teams."""

import json
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

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
    suspended: bool


class CurrentTeam(Team):
    """The team the caller acts for, with its plan and standing."""

    plan: str
    trial_ends_at: datetime | None
    suspended_at: datetime | None
    suspended_reason: str | None


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
    team: CurrentTeam
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


MOST_SETTING_BYTES = 65_536


def _small(values: dict[str, Any]) -> dict[str, Any]:
    if len(json.dumps(values).encode()) > MOST_SETTING_BYTES:
        raise ValueError(f"more than {MOST_SETTING_BYTES} bytes")
    return values


TeamName = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
Slug = Annotated[str, StringConstraints(min_length=1, max_length=63)]


class NewTeam(BaseModel):
    """What to make. `slug`: a-z, 0-9 and dashes."""

    model_config = ConfigDict(extra="forbid")

    name: TeamName
    slug: Slug


class TeamPatch(BaseModel):
    """What to change."""

    model_config = ConfigDict(extra="forbid")

    name: TeamName = "Team"
    slug: Slug = "team"
    settings: Annotated[dict[str, Any], AfterValidator(_small)] = Field(default_factory=dict)


class Limits(BaseModel):
    """How much the plan allows; null: as much as the team likes."""

    members: int | None
    monitors: int | None
    integrations: int | None


class Usage(BaseModel):
    """How much of it the team has."""

    members: int
    monitors: int
    integrations: int


class TeamDetail(Team):
    """A team with its plan and standing."""

    settings: dict[str, Any]
    plan: str
    limits: Limits
    usage: Usage
    trial_ends_at: datetime | None
    suspended_at: datetime | None
    suspended_reason: str | None
    created_at: datetime


class Confirmation(BaseModel):
    """The team's slug, typed."""

    model_config = ConfigDict(extra="forbid")

    confirm: str = Field(max_length=63)


class Member(BaseModel):
    """Somebody in the team."""

    model_config = ConfigDict(from_attributes=True)

    user_id: UUID
    email: str
    name: str
    role: Role
    joined_at: datetime


class MemberPage(BaseModel):
    """Everybody in the team."""

    items: list[Member]
    next_cursor: Literal[None] = None


class MemberPatch(BaseModel):
    """Their new role."""

    model_config = ConfigDict(extra="forbid")

    role: Role


class Transfer(BaseModel):
    """Who owns the team from now on."""

    model_config = ConfigDict(extra="forbid")

    user_id: UUID
