"""Table of the runbooks that teams write."""

import uuid
from datetime import datetime

from sqlalchemy import FetchedValue, func
from sqlalchemy.dialects.postgresql import ARRAY, TEXT, TIMESTAMP, TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column

from backend.db import Base


class RunbookRow(Base):
    """One runbook of a team. `search` is computed by the database."""

    __tablename__ = "runbooks"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, server_default=func.gen_random_uuid())
    team_id: Mapped[uuid.UUID]
    slug: Mapped[str]
    title: Mapped[str]
    categories: Mapped[list[str]] = mapped_column(ARRAY(TEXT))
    targets: Mapped[list[str]] = mapped_column(ARRAY(TEXT))
    actions: Mapped[list[str]] = mapped_column(ARRAY(TEXT))
    body_md: Mapped[str]
    words: Mapped[str]
    version: Mapped[int] = mapped_column(default=1)
    path: Mapped[str | None]
    imported_sha256: Mapped[str | None]
    imported_version: Mapped[int | None]
    created_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))
    updated_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))
    updated_by: Mapped[str]
    search: Mapped[str] = mapped_column(
        TSVECTOR, server_default=FetchedValue(), server_onupdate=FetchedValue(), deferred=True, deferred_raiseload=True
    )
