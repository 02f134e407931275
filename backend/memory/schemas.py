"""JSON of what was before."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from backend.incident.rules import Status


class PastIncident(BaseModel):
    """An incident of the team, in short."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    number: int
    title: str
    status: Status
    resolved_at: datetime | None


class DoneAction(BaseModel):
    """What was carried out for it, and whether it helped."""

    model_config = ConfigDict(from_attributes=True)

    kind: str
    title: str
    status: str
    verification: Literal["recovered", "not_recovered", "inconclusive"] | None


class SimilarIncident(BaseModel):
    """An incident that looks like this one."""

    incident: PastIncident
    score: float = Field(ge=0, le=1)
    reasons: list[str]
    root_cause: str | None
    corrected: bool = Field(description="A person said what the cause was.")
    action: DoneAction | None


class SimilarIncidentPage(BaseModel):
    """The likest first."""

    items: list[SimilarIncident]
    next_cursor: str | None = None


class SuggestedRunbook(BaseModel):
    """A runbook that fits the incident, and why."""

    id: UUID
    slug: str
    title: str
    excerpt: str
    reasons: list[str]


class SuggestedRunbookPage(BaseModel):
    """The best fit first."""

    items: list[SuggestedRunbook]
    next_cursor: str | None = None
