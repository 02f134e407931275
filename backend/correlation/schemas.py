"""JSON of merging, splitting and dependencies."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from backend.incident.kinship import JoinKind
from backend.incident.schemas import Comment, Target


class MergeInto(BaseModel):
    """Which incident takes over, and why."""

    model_config = ConfigDict(extra="forbid")

    into: UUID
    reason: Comment = ""


class SplitOff(BaseModel):
    """Which alerts get an incident of their own, and why. Every firing of these alerts goes along."""

    model_config = ConfigDict(extra="forbid")

    alert_ids: list[UUID] = Field(min_length=1, max_length=500)
    reason: Comment = ""


class Join(BaseModel):
    """Trouble that is counted to the incident although something else opened it, and why."""

    fingerprint: str
    kind: JoinKind
    reason: str
    joined_at: datetime


class JoinPage(BaseModel):
    """What joined the incident, oldest first."""

    items: list[Join]
    next_cursor: Literal[None] = None


class Storm(BaseModel):
    """What came in within the last minutes, and whether it is more than somebody can read one by one."""

    running: bool
    minutes: int
    incidents: int = Field(description="Opened within these minutes.")
    alerts: int = Field(description="That began to fire within these minutes, in incidents that are open.")


def _named(name: str) -> str:
    if name.strip("/") != name:
        raise ValueError("a name has no slash at either end: say service, or project/service")
    return name


# `shop/` would be everything that says no name of its own.
Needed = Annotated[Target, AfterValidator(_named)]


class NewDependency(BaseModel):
    """`target` needs `depends_on`: names of containers, workloads or databases, or project/service."""

    model_config = ConfigDict(extra="forbid")

    target: Needed
    depends_on: Needed


class Dependency(BaseModel):
    """What needs what; declared by somebody, or seen by an investigation."""

    target: str
    depends_on: str
    origin: Literal["declared", "seen"]
    incident_id: UUID | None
    created_by: str | None
    created_at: datetime


class DependencyPage(BaseModel):
    """The team's dependencies by target."""

    items: list[Dependency]
    next_cursor: Literal[None] = None
