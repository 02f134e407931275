"""Tables of the monitors and of what their checks saw."""

import uuid
from datetime import datetime
from decimal import Decimal
from typing import Any, cast

from sqlalchemy import BigInteger, ForeignKey, Identity, func
from sqlalchemy.dialects.postgresql import JSONB, TIMESTAMP
from sqlalchemy.orm import Mapped, mapped_column

from backend.db import Base
from backend.incident.rules import Severity
from backend.monitor.kinds import CheckStatus, MonitorStatus, MonitorType
from backend.monitor.rules import State, Thresholds


class Monitor(Base):
    """What is checked. `status` and what belongs to it are written by backend.monitor.service alone."""

    __tablename__ = "monitors"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, server_default=func.gen_random_uuid())
    team_id: Mapped[uuid.UUID]
    name: Mapped[str]
    type: Mapped[str]
    address: Mapped[str]
    port: Mapped[int | None]
    interval_seconds: Mapped[int]
    timeout_seconds: Mapped[float]
    config: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)
    failure_threshold: Mapped[int]
    recovery_threshold: Mapped[int]
    severity: Mapped[str]
    is_active: Mapped[bool] = mapped_column(default=True)
    is_paused: Mapped[bool] = mapped_column(default=False)
    status: Mapped[str] = mapped_column(default="pending")
    last_response_time_ms: Mapped[int | None]
    last_status_code: Mapped[int | None]
    last_error: Mapped[str | None]
    last_checked_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))
    last_up_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))
    last_down_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))
    consecutive_failures: Mapped[int] = mapped_column(default=0)
    consecutive_successes: Mapped[int] = mapped_column(default=0)
    uptime_percentage: Mapped[Decimal | None]
    tags: Mapped[list[str]] = mapped_column(JSONB, default=list)
    notes: Mapped[str | None]
    next_check_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))
    # Columns of the checks process; a caller under row-level security may not read them.
    lease_until: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True), deferred=True)
    leased_by: Mapped[str | None] = mapped_column(deferred=True)
    created_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))
    updated_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))

    @property
    def state(self) -> State:
        """What the rules need to know."""
        return State(cast(MonitorStatus, self.status), self.consecutive_failures, self.consecutive_successes)

    @property
    def thresholds(self) -> Thresholds:
        return Thresholds(self.failure_threshold, self.recovery_threshold)

    @property
    def level(self) -> Severity:
        """The severity of its incidents, typed."""
        return cast(Severity, self.severity)

    @property
    def kind(self) -> MonitorType:
        """The type, typed."""
        return cast(MonitorType, self.type)


class MonitorCheck(Base):
    """What one probe saw."""

    __tablename__ = "monitor_checks"

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    monitor_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("monitors.id"))
    team_id: Mapped[uuid.UUID]
    status: Mapped[str]
    response_time_ms: Mapped[int | None]
    status_code: Mapped[int | None]
    error_message: Mapped[str | None]
    # `metadata` is SQLAlchemy's own word.
    details: Mapped[dict[str, Any]] = mapped_column("metadata", JSONB, default=dict)
    checked_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True), primary_key=True)

    @property
    def seen(self) -> CheckStatus:
        """The status, typed."""
        return cast(CheckStatus, self.status)
