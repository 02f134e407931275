"""JSON of the audit log."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field


class AuditEntry(BaseModel):
    """Who did what to what, and from where. `before` and `after` hold what differs, without secrets."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    seq: int
    created_at: datetime
    actor_kind: Literal["person", "api_key", "system"]
    actor_id: UUID | None
    actor: str
    impersonator: str | None
    action: str
    object_type: str
    object_id: str | None
    object_name: str | None
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    ip_address: str | None = Field(coerce_numbers_to_str=True)
    user_agent: str | None
    country: str | None
    city: str | None
    team_name: str | None = Field(description="In the installation's log: the team that support did it in.")


class AuditPage(BaseModel):
    """The log, newest first."""

    items: list[AuditEntry]
    next_cursor: str | None
