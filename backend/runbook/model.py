"""Table of runbook hooks."""

import uuid
from datetime import datetime
from typing import Any, cast

from sqlalchemy import func
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, TEXT, TIMESTAMP
from sqlalchemy.orm import Mapped, mapped_column

from backend.db import Base
from backend.runbook.kinds import Risk


class RunbookHook(Base):
    """One registered hook. `headers_secret` is loaded only by who calls the hook; the API's role cannot read it."""

    __tablename__ = "runbook_hooks"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, server_default=func.gen_random_uuid())
    team_id: Mapped[uuid.UUID]
    name: Mapped[str]
    description: Mapped[str]
    url: Mapped[str]
    method: Mapped[str]
    headers_secret: Mapped[dict[str, str]] = mapped_column(JSONB, deferred=True, deferred_raiseload=True)
    params_schema: Mapped[dict[str, Any]] = mapped_column(JSONB)
    target: Mapped[str | None]
    categories: Mapped[list[str]] = mapped_column(ARRAY(TEXT))
    risk: Mapped[str]
    idempotent: Mapped[bool]
    inverse: Mapped[str]
    timeout_seconds: Mapped[float]
    settle_seconds: Mapped[float]
    is_active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))
    updated_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))

    @property
    def danger(self) -> Risk:
        """The risk, typed; the database's CHECK holds it."""
        return cast(Risk, self.risk)
