"""JSON of the alert intake, of integrations, and of the alerts behind an incident."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from backend.alert.integrations import IntegrationKind
from backend.alert.kinds import AlertStatus
from backend.incident.rules import Severity


class Received(BaseModel):
    """What became of a webhook: how many alerts it held, and the incidents they opened, joined and ended."""

    received: int
    opened: list[UUID]
    merged: list[UUID]
    resolved: list[UUID]


class NewIntegration(BaseModel):
    """What to create."""

    model_config = ConfigDict(extra="forbid")

    kind: IntegrationKind
    name: str = Field(min_length=1, max_length=200)


class Integration(BaseModel):
    """Who may send alerts. `token_prefix` tells which token it is."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    kind: str
    name: str
    token_prefix: str
    created_at: datetime
    last_used_at: datetime | None
    previous_valid_until: datetime | None = None


class Rotation(BaseModel):
    """How long the old token goes on working beside the new one; 0: not at all."""

    model_config = ConfigDict(extra="forbid")

    overlap_seconds: int = Field(3600, ge=0, le=30 * 86_400)


class CreatedIntegration(Integration):
    """With its token and the address to send to. They are shown once."""

    token: str
    url: str


class IntegrationPage(BaseModel):
    """All integrations of the team."""

    items: list[Integration]
    next_cursor: Literal[None] = None


class Alert(BaseModel):
    """One firing of an alert."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    name: str
    status: AlertStatus
    severity: Severity
    target: str = Field(description="What it is about, as its labels say.")
    labels: dict[str, str]
    annotations: dict[str, str]
    starts_at: datetime
    ends_at: datetime | None
    receipts: int
    generator_url: str | None
    source: str


class AlertPage(BaseModel):
    """The alerts behind an incident, newest first."""

    items: list[Alert]
    next_cursor: str | None
