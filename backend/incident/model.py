"""Tables of the kernel: incidents and their append-only timeline."""

import uuid
from datetime import datetime
from typing import Any, cast

from sqlalchemy import BigInteger, FetchedValue, ForeignKey, func
from sqlalchemy.dialects.postgresql import JSONB, TIMESTAMP
from sqlalchemy.orm import Mapped, mapped_column

from backend.db import Base
from backend.incident.rules import Runtime, Severity, SourceType, Status

Json = dict[str, Any]


class Incident(Base):
    """One incident. `status` is written by backend.incident.service alone."""

    __tablename__ = "incidents"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, server_default=func.gen_random_uuid())
    team_id: Mapped[uuid.UUID]
    number: Mapped[int] = mapped_column(BigInteger, server_default=FetchedValue())
    title: Mapped[str]
    description: Mapped[str | None]
    target: Mapped[str]
    namespace: Mapped[str | None]
    severity: Mapped[str]
    status: Mapped[str]
    source_type: Mapped[str]
    container_runtime: Mapped[str | None]
    server_name: Mapped[str | None]
    labels: Mapped[Json] = mapped_column(JSONB, default=dict)
    fingerprint: Mapped[str | None]
    monitor_id: Mapped[uuid.UUID | None]
    owner: Mapped[str | None]
    merged_into: Mapped[uuid.UUID | None]
    firing: Mapped[bool] = mapped_column(default=True)
    occurrences: Mapped[int] = mapped_column(default=1)
    started_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))
    last_seen_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))
    created_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))
    updated_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))
    acknowledged_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))
    acknowledged_by: Mapped[str | None]
    resolved_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))
    resolved_by: Mapped[str | None]

    incident_type: Mapped[str | None]
    verdict: Mapped[str | None]
    root_cause: Mapped[str | None]
    confidence: Mapped[str | None]
    analyst: Mapped[str | None]
    agent_reasoning: Mapped[str | None]
    logs: Mapped[str | None]
    metrics_snapshot: Mapped[Any | None] = mapped_column(JSONB(none_as_null=True))
    investigation_round: Mapped[int] = mapped_column(default=0)
    needs_person: Mapped[str | None]
    # Set when a person said what the cause was: `root_cause`, `incident_type` and `verdict` are then theirs.
    root_cause_by: Mapped[str | None]
    root_cause_by_id: Mapped[uuid.UUID | None]
    root_cause_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))

    proposed_action: Mapped[str | None]
    approved_by: Mapped[str | None]
    executed_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))
    action_result: Mapped[str | None]
    action_error: Mapped[str | None]
    verification: Mapped[str | None]

    post_mortem_md: Mapped[str | None]
    post_mortem_updated_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))

    @property
    def state(self) -> Status:
        """The status, typed; the database's CHECK holds it."""
        return cast(Status, self.status)

    @property
    def level(self) -> Severity:
        """The severity, typed."""
        return cast(Severity, self.severity)

    @property
    def kind_of_source(self) -> SourceType:
        """The source type, typed."""
        return cast(SourceType, self.source_type)

    @property
    def runtime(self) -> Runtime | None:
        """The container runtime, typed."""
        return cast(Runtime | None, self.container_runtime)

    @property
    def stated_by(self) -> Json | None:
        """Who said what the cause was, and when; None: it is the agent's."""
        if self.root_cause_at is None:
            return None
        return {"who": self.root_cause_by, "at": self.root_cause_at}


class IncidentEvent(Base):
    """One line of the timeline. Rows are never changed; a trigger refuses it."""

    __tablename__ = "incident_events"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, server_default=func.gen_random_uuid())
    incident_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("incidents.id"))
    team_id: Mapped[uuid.UUID]
    seq: Mapped[int] = mapped_column(BigInteger, server_default=FetchedValue())
    verb: Mapped[str]
    status: Mapped[str]
    from_status: Mapped[str | None]
    actor_kind: Mapped[str]
    actor_id: Mapped[uuid.UUID | None]
    actor: Mapped[str | None]
    message: Mapped[str]
    data: Mapped[Json] = mapped_column(JSONB, default=dict)
    created_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))
