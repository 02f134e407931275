"""Tables of post-mortems: one per incident, and its versions."""

import uuid
from datetime import datetime

from sqlalchemy import ForeignKey, func
from sqlalchemy.dialects.postgresql import TIMESTAMP
from sqlalchemy.orm import Mapped, mapped_column

from backend.db import Base


class PostMortem(Base):
    """`version` is the newest one; incidents.post_mortem_md holds its text."""

    __tablename__ = "post_mortems"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, server_default=func.gen_random_uuid())
    team_id: Mapped[uuid.UUID]
    incident_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("incidents.id"))
    version: Mapped[int]
    created_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))
    updated_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))


class PostMortemVersion(Base):
    """One text. `analyst` is set on generated ones, null on those people wrote. Never changed."""

    __tablename__ = "post_mortem_versions"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, server_default=func.gen_random_uuid())
    team_id: Mapped[uuid.UUID]
    post_mortem_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("post_mortems.id"))
    version: Mapped[int]
    body_md: Mapped[str]
    author: Mapped[str]
    author_id: Mapped[uuid.UUID | None]
    analyst: Mapped[str | None]
    created_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))
