"""What the action endpoints take and answer."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

from backend.action.kinds import Preview, Risk, Verification, VerificationCheck
from backend.action.rules import Status
from backend.incident.rules import Severity
from backend.incident.schemas import Verb

Comment = Annotated[str, StringConstraints(max_length=2000)]
Digest = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


class ActionVerbs(BaseModel):
    """What you may decide about the action."""

    approve: Verb
    reject: Verb
    postpone: Verb


class Approval(BaseModel):
    """Who said yes, and when."""

    who: str
    at: datetime


class IncidentBrief(BaseModel):
    """The incident an action belongs to, as the inbox names it."""

    id: UUID
    number: int
    title: str
    severity: Severity


class VerificationDetail(BaseModel):
    """What was looked at after the execution."""

    checks: list[VerificationCheck]


class Action(BaseModel):
    """One proposed remedy: what exactly would run, on what, who allowed it and what came of it."""

    id: UUID
    incident_id: UUID
    incident: IncidentBrief | None = Field(None, description="Only in the inbox, GET /api/actions.")
    kind: str
    title: str
    params: dict[str, Any]
    target: str
    rationale: str
    evidence: list[str] = Field(description="Labels of the evidence it rests on.")
    risk: Risk
    inverse: str = Field(description="How to undo it.")
    verify_plan: str
    settle_seconds: float
    status: Status
    status_reason: str
    preview: Preview | None
    digest: str | None = Field(description="Send it back with the decision: it says what you were shown.")
    proposed_at: datetime | None
    expires_at: datetime | None
    postponed_until: datetime | None
    decided_at: datetime | None
    approved_by: str | None
    approvals: list[Approval]
    approvals_needed: Literal[1, 2]
    started_at: datetime | None
    finished_at: datetime | None
    result: str | None
    error: str | None
    verification: Verification | None
    verification_detail: VerificationDetail | None
    verified_at: datetime | None
    verbs: ActionVerbs


class ActionPage(BaseModel):
    """A page of actions, newest first."""

    items: list[Action]
    next_cursor: str | None


class ApproveRequest(BaseModel):
    """Yes, to exactly what was shown."""

    model_config = ConfigDict(extra="forbid")

    digest: Digest
    comment: Comment = ""


class RejectRequest(BaseModel):
    """No, and why."""

    model_config = ConfigDict(extra="forbid")

    reason: Comment = ""
    digest: Digest | None = Field(None, description="When given, it must be the one of the action.")


class PostponeRequest(BaseModel):
    """Not now."""

    model_config = ConfigDict(extra="forbid")

    until: AwareDatetime
    reason: Comment = ""
    digest: Digest | None = Field(None, description="When given, it must be the one of the action.")
