"""Tables of actions: the proposal, who decided about it, and the one execution it can have."""

import uuid
from datetime import datetime
from typing import Any, cast

from sqlalchemy import ForeignKey, func
from sqlalchemy.dialects.postgresql import JSONB, TIMESTAMP
from sqlalchemy.orm import Mapped, mapped_column

from backend.action.kinds import Risk
from backend.action.rules import Status
from backend.db import Base

Json = dict[str, Any]


class Action(Base):
    """One proposed remedy. `status` is written by backend.action.service and backend.action.execution alone."""

    __tablename__ = "actions"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, server_default=func.gen_random_uuid())
    team_id: Mapped[uuid.UUID]
    incident_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("incidents.id"))
    investigation_id: Mapped[uuid.UUID | None]
    kind: Mapped[str]
    params: Mapped[Json] = mapped_column(JSONB)
    target: Mapped[str]
    title: Mapped[str]
    rationale: Mapped[str]
    evidence: Mapped[list[str]] = mapped_column(JSONB)
    risk: Mapped[str]
    inverse: Mapped[str]
    verify_plan: Mapped[str]
    settle_seconds: Mapped[float]
    status: Mapped[str]
    status_reason: Mapped[str] = mapped_column(default="")
    preview: Mapped[Json | None] = mapped_column(JSONB(none_as_null=True))
    target_state: Mapped[Json | None] = mapped_column(JSONB(none_as_null=True))
    policy_version: Mapped[str | None]
    digest: Mapped[str | None]
    proposed_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))
    expires_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))
    postponed_until: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))
    decided_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))
    approved_by: Mapped[str | None]
    started_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))
    finished_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))
    result: Mapped[str | None]
    error: Mapped[str | None]
    verification: Mapped[str | None]
    verification_detail: Mapped[Json | None] = mapped_column(JSONB(none_as_null=True))
    verified_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))
    created_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))

    @property
    def state(self) -> Status:
        """The status, typed; the database's CHECK holds it."""
        return cast(Status, self.status)

    @property
    def danger(self) -> Risk:
        """The risk, typed."""
        return cast(Risk, self.risk)


class ActionDecision(Base):
    """What one person said about one proposal, with the digest they were shown."""

    __tablename__ = "action_decisions"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, server_default=func.gen_random_uuid())
    team_id: Mapped[uuid.UUID]
    action_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("actions.id"))
    user_id: Mapped[uuid.UUID]
    who: Mapped[str]
    decision: Mapped[str]
    digest: Mapped[str]
    comment: Mapped[str]
    aal: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))


class ActionExecution(Base):
    """Written before the call and unique per action: the row that says "this has been tried"."""

    __tablename__ = "action_executions"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, server_default=func.gen_random_uuid())
    team_id: Mapped[uuid.UUID]
    action_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("actions.id"))
    attempts: Mapped[int] = mapped_column(default=1)
    worker: Mapped[str]
    started_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))
    finished_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))
    outcome: Mapped[str | None]
    result: Mapped[str | None]
    error: Mapped[str | None]
    after_state: Mapped[Json | None] = mapped_column(JSONB(none_as_null=True))
