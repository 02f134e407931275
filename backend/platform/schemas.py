"""JSON of the installation: its teams, visits of support, maintenance, its audit log."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, StringConstraints

from backend.access import Role
from backend.team.schemas import Limits, Team, User

Reason = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)]
VisitReason = Annotated[str, StringConstraints(strip_whitespace=True, min_length=10, max_length=500)]


class AdminTeam(Team):
    """A team as those who run the installation see it."""

    plan: str
    limits: Limits
    members: int
    open_incidents: int
    created_at: datetime
    trial_ends_at: datetime | None
    suspended_at: datetime | None
    suspended_reason: str | None
    owner_email: str | None


class AdminMember(BaseModel):
    """Somebody in the team. Nobody visits those who run the installation."""

    model_config = ConfigDict(from_attributes=True)

    user_id: UUID
    email: str
    name: str
    role: Role
    is_platform_admin: bool


class AdminTeamDetail(AdminTeam):
    """A team and who is in it."""

    members_list: list[AdminMember]


class AdminTeamPage(BaseModel):
    """The teams, the newest first."""

    items: list[AdminTeam]
    next_cursor: str | None


class Suspension(BaseModel):
    """Why; the team is told."""

    model_config = ConfigDict(extra="forbid")

    reason: Reason


class Trial(BaseModel):
    """When the trial ends; null: the team is in none."""

    model_config = ConfigDict(extra="forbid")

    ends_at: AwareDatetime | None


class NewImpersonation(BaseModel):
    """As whom to act, and why; both sides can read it."""

    model_config = ConfigDict(extra="forbid")

    team_id: UUID
    user_id: UUID
    reason: VisitReason


class Impersonation(BaseModel):
    """A platform admin acts as a member of a team. Its id goes into the header X-Impersonate."""

    id: UUID
    team: Team
    user: User
    admin: User
    reason: str
    started_at: datetime
    expires_at: datetime
    ended_at: datetime | None
    active: bool


class ImpersonationPage(BaseModel):
    """The latest visits, those that go on first."""

    items: list[Impersonation]
    next_cursor: Literal[None] = None


class MaintenanceSwitch(BaseModel):
    """Whether anything can be changed, and what people are told."""

    model_config = ConfigDict(extra="forbid")

    on: bool
    notice: Annotated[str, StringConstraints(strip_whitespace=True, max_length=500)] = ""


class MaintenanceOut(BaseModel):
    """`since`: when it was turned on; `by`: who changed it last."""

    on: bool
    notice: str
    since: datetime | None
    by: str | None
