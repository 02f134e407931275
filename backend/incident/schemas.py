"""JSON of incidents and of their timeline."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from backend.incident.kinds import Category
from backend.incident.rules import Runtime, Severity, SourceType, Status

Title = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=300)]
Target = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=300)]
Text = Annotated[str, StringConstraints(strip_whitespace=True, max_length=10_000)]
Comment = Annotated[str, StringConstraints(strip_whitespace=True, max_length=2_000)]


class StatedBy(BaseModel):
    """Who said it, and when."""

    who: str
    at: datetime


class Incident(BaseModel):
    """One incident, as lists show it."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    number: int
    title: str
    target: str
    severity: Severity
    status: Status
    source_type: SourceType
    container_runtime: Runtime | None
    incident_type: str | None
    server_name: str | None
    namespace: str | None
    description: str | None
    labels: dict[str, Any]
    firing: bool = Field(description="False once every alert and monitor behind it has recovered.")
    occurrences: int
    started_at: datetime
    last_seen_at: datetime
    created_at: datetime
    updated_at: datetime | None
    resolved_at: datetime | None
    executed_at: datetime | None
    acknowledged_at: datetime | None
    acknowledged_by: str | None
    approved_by: str | None
    resolved_by: str | None
    verdict: Literal["incident", "not_an_incident", "inconclusive"] | None
    root_cause: str | None
    root_cause_by: StatedBy | None = Field(description="A person said what the cause was; null: the agent did.")
    confidence: Literal["confirmed", "likely", "possible", "ruled_out"] | None
    analyst: Literal["rules", "llm"] | None
    investigation_round: int
    verification: Literal["recovered", "not_recovered", "inconclusive"] | None
    needs_person: str | None = Field(description="Why the automation stopped and waits for a person.")
    proposed_action: str | None
    action_result: str | None
    action_error: str | None
    has_post_mortem: bool
    monitor_id: UUID | None
    fingerprint: str | None
    merged_into: UUID | None = Field(description="The incident that took over when a person merged this one.")


class ListedIncident(Incident):
    """An incident in a list, which may stand for others."""

    alike: int = Field(description="In a `collapsed` list: how many that are alike it stands for, itself included.")


class IncidentPage(BaseModel):
    """Incidents, newest first."""

    items: list[ListedIncident]
    next_cursor: str | None


class IncidentEvent(BaseModel):
    """One line of the timeline."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    seq: int
    verb: str
    status: Status
    from_status: Status | None
    actor_kind: Literal["system", "agent", "person", "source"]
    actor: str | None
    message: str
    data: dict[str, Any]
    created_at: datetime


class IncidentEventPage(BaseModel):
    """The timeline, oldest first."""

    items: list[IncidentEvent]
    next_cursor: str | None


class Verb(BaseModel):
    """Whether you may, or why not: a sentence, and the stable name a refusal would carry where it has one."""

    allowed: bool
    reason: str | None
    code: str | None = None


class IncidentVerbs(BaseModel):
    """What you may do to the incident."""

    acknowledge: Verb
    investigate: Verb
    resolve: Verb
    reopen: Verb


class NewIncident(BaseModel):
    """An incident that a person opens."""

    model_config = ConfigDict(extra="forbid")

    title: Title
    target: Target
    severity: Severity
    description: Text | None = None
    source_type: SourceType = "manual"
    container_runtime: Runtime | None = None


class Correction(BaseModel):
    """What the cause was, as a person knows it."""

    model_config = ConfigDict(extra="forbid")

    root_cause: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2_000)]
    category: Category


class Command(BaseModel):
    """What to say about it. `hint`: what the investigator should look at."""

    model_config = ConfigDict(extra="forbid")

    comment: Comment = ""
    hint: Comment | None = None
