"""Table of changes."""

import uuid
from datetime import datetime

from sqlalchemy import func
from sqlalchemy.dialects.postgresql import TIMESTAMP
from sqlalchemy.orm import Mapped, mapped_column

from backend.db import Base


class Change(Base):
    """One change, as it was told. It is never edited: whoever was wrong registers the correction."""

    __tablename__ = "changes"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, server_default=func.gen_random_uuid())
    team_id: Mapped[uuid.UUID]
    key: Mapped[str | None]
    kind: Mapped[str]
    target: Mapped[str]
    summary: Mapped[str]
    ref: Mapped[str | None]
    url: Mapped[str | None]
    at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))
    registered_by: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))
