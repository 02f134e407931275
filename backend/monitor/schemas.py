"""JSON of monitors and of what their checks saw."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, model_validator

from backend.incident.rules import Severity
from backend.monitor.kinds import CheckStatus, MonitorStatus, MonitorType, check_config

Name = Annotated[str, Field(min_length=1, max_length=200, pattern=r"\S")]
Address = Annotated[str, Field(min_length=1, max_length=2_048)]
Port = Annotated[int | None, Field(ge=1, le=65_535)]
IntervalSeconds = Annotated[int, Field(ge=1, le=86_400)]
TimeoutSeconds = Annotated[float, Field(gt=0, le=120)]
Threshold = Annotated[int, Field(ge=1, le=20)]
Tags = Annotated[list[Annotated[str, Field(min_length=1, max_length=100)]], Field(max_length=50)]
Notes = Annotated[str | None, Field(max_length=10_000)]


class NewMonitor(BaseModel):
    """What to check. `config` depends on the type; see GET /api/monitors/types."""

    model_config = ConfigDict(extra="forbid")

    name: Name
    type: MonitorType
    address: Address
    port: Port = None
    interval_seconds: IntervalSeconds = 60
    timeout_seconds: TimeoutSeconds = 10
    config: dict[str, Any] = Field(default_factory=dict)
    failure_threshold: Threshold = 2
    recovery_threshold: Threshold = 2
    severity: Severity = "high"
    tags: Tags = Field(default_factory=list)
    notes: Notes = None

    @model_validator(mode="after")
    def _config_of_its_type(self) -> "NewMonitor":
        check_config(self.type, self.config)
        return self


class MonitorPatch(BaseModel):
    """What to change; what is left out stays. The type cannot change."""

    model_config = ConfigDict(extra="forbid")

    name: Name | None = None
    address: Address | None = None
    port: Port = None
    interval_seconds: IntervalSeconds | None = None
    timeout_seconds: TimeoutSeconds | None = None
    config: dict[str, Any] | None = None
    failure_threshold: Threshold | None = None
    recovery_threshold: Threshold | None = None
    severity: Severity | None = None
    tags: Tags | None = None
    notes: Notes = None
    is_paused: bool | None = None
    is_active: bool | None = None


class Monitor(BaseModel):
    """A monitor and what is known of its target."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    name: str
    type: str
    address: str
    port: int | None
    interval_seconds: int
    timeout_seconds: float
    config: dict[str, Any]
    failure_threshold: int
    recovery_threshold: int
    severity: Severity
    is_active: bool
    is_paused: bool
    status: MonitorStatus
    last_response_time_ms: int | None
    last_status_code: int | None
    last_error: str | None
    last_checked_at: datetime | None
    last_up_at: datetime | None
    last_down_at: datetime | None
    consecutive_failures: int
    consecutive_successes: int
    uptime_percentage: float | None
    tags: list[str]
    notes: str | None
    created_at: datetime
    updated_at: datetime


class MonitorPage(BaseModel):
    """Monitors, newest first."""

    items: list[Monitor]
    next_cursor: str | None


class MonitorCheck(BaseModel):
    """What one probe saw. `detail`: an excerpt of an unhealthy answer."""

    status: CheckStatus
    response_time_ms: int | None
    status_code: int | None
    error_message: str | None
    detail: str | None = None
    checked_at: datetime


class MonitorCheckPage(BaseModel):
    """Checks, newest first."""

    items: list[MonitorCheck]
    next_cursor: str | None
