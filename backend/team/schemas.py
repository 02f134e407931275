"""JSON of the caller and of teams."""

from uuid import UUID

from pydantic import BaseModel

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


class Me(BaseModel):
    """Who is asking, in which team, and what they may do there."""

    user: User
    team: Team
    role: Role
    permissions: list[str]
    teams: list[Membership]
