"""Tables of the intake: integrations (who may send) and alerts (one row per firing)."""

import uuid
from datetime import datetime

from sqlalchemy import func
from sqlalchemy.dialects.postgresql import JSONB, TIMESTAMP
from sqlalchemy.orm import Mapped, mapped_column

from backend.db import Base


class Integration(Base):
    """A sender of alerts. Of its token only the sha256 and the first characters are kept."""

    __tablename__ = "integrations"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, server_default=func.gen_random_uuid())
    team_id: Mapped[uuid.UUID]
    kind: Mapped[str]
    name: Mapped[str]
    # A caller under row-level security may not read the hash, so it is never selected by accident.
    token_hash: Mapped[bytes] = mapped_column(deferred=True)
    token_prefix: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))
    last_used_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))
    revoked_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))
    previous_token_hash: Mapped[bytes | None] = mapped_column(deferred=True)
    previous_valid_until: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))


class Alert(Base):
    """One firing of an alert; written by backend.alert.service alone."""

    __tablename__ = "alerts"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, server_default=func.gen_random_uuid())
    team_id: Mapped[uuid.UUID]
    integration_id: Mapped[uuid.UUID | None]
    incident_id: Mapped[uuid.UUID | None]
    source: Mapped[str]
    fingerprint: Mapped[str]
    status: Mapped[str]
    severity: Mapped[str]
    name: Mapped[str]
    labels: Mapped[dict[str, str]] = mapped_column(JSONB, default=dict)
    annotations: Mapped[dict[str, str]] = mapped_column(JSONB, default=dict)
    generator_url: Mapped[str | None]
    external_url: Mapped[str | None]
    group_key: Mapped[str | None]
    receiver: Mapped[str | None]
    starts_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))
    ends_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))
    received_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))
    last_received_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))
    receipts: Mapped[int] = mapped_column(default=1)
