"""The table of the audit log; the database refuses to change or delete its rows."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import Identity, func
from sqlalchemy.dialects.postgresql import INET, JSONB, TIMESTAMP
from sqlalchemy.orm import Mapped, mapped_column

from backend.db import Base


class AuditLog(Base):
    """One thing that somebody did."""

    __tablename__ = "audit_logs"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, server_default=func.gen_random_uuid())
    seq: Mapped[int] = mapped_column(Identity(always=True))
    team_id: Mapped[uuid.UUID | None]
    created_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))
    actor_kind: Mapped[str]
    actor_id: Mapped[uuid.UUID | None]
    actor: Mapped[str]
    impersonator_id: Mapped[uuid.UUID | None]
    impersonator: Mapped[str | None]
    action: Mapped[str]
    object_type: Mapped[str]
    object_id: Mapped[str | None]
    object_name: Mapped[str | None]
    before: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    after: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    ip_address: Mapped[str | None] = mapped_column(INET)
    user_agent: Mapped[str | None]
    country: Mapped[str | None]
    city: Mapped[str | None]
    team_name: Mapped[str | None]
