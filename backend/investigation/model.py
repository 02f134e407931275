"""Tables of investigations: one row per round, its evidence, its hypotheses."""

import uuid
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, func
from sqlalchemy.dialects.postgresql import JSONB, TIMESTAMP
from sqlalchemy.orm import Mapped, mapped_column

from backend.db import Base

Json = dict[str, Any]


class Investigation(Base):
    """One round. While it runs, `leased_by` until `lease_until` is the only worker that may write to it."""

    __tablename__ = "investigations"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, server_default=func.gen_random_uuid())
    team_id: Mapped[uuid.UUID]
    incident_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("incidents.id"))
    round: Mapped[int]
    status: Mapped[str]
    step: Mapped[str] = mapped_column(default="")
    hint: Mapped[str | None]
    case_file: Mapped[Json | None] = mapped_column(JSONB(none_as_null=True))
    report: Mapped[Json | None] = mapped_column(JSONB(none_as_null=True))
    analyst: Mapped[str | None]
    verdict: Mapped[str | None]
    error: Mapped[str | None]
    model: Mapped[str | None]
    tokens_in: Mapped[int] = mapped_column(BigInteger, default=0)
    tokens_out: Mapped[int] = mapped_column(BigInteger, default=0)
    cost_usd: Mapped[Decimal] = mapped_column(default=Decimal(0))
    usage_estimated: Mapped[bool] = mapped_column(default=False)
    lease_until: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))
    leased_by: Mapped[str | None]
    created_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))
    started_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))
    finished_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))


class EvidenceRow(Base):
    """What one query answered, as it was stored. Never changed afterwards."""

    __tablename__ = "evidence"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, server_default=func.gen_random_uuid())
    team_id: Mapped[uuid.UUID]
    incident_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("incidents.id"))
    investigation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("investigations.id"))
    label: Mapped[str]
    source: Mapped[str]
    kind: Mapped[str]
    title: Mapped[str]
    query: Mapped[str]
    window_start: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))
    window_end: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))
    summary: Mapped[str]
    content: Mapped[str]
    data: Mapped[Json] = mapped_column(JSONB)
    truncated: Mapped[bool]
    error: Mapped[str | None]
    sha256: Mapped[str]
    collected_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))


class HypothesisRow(Base):
    """One explanation of a report; rank 1 leads."""

    __tablename__ = "hypotheses"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, server_default=func.gen_random_uuid())
    team_id: Mapped[uuid.UUID]
    incident_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("incidents.id"))
    investigation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("investigations.id"))
    rank: Mapped[int]
    category: Mapped[str]
    statement: Mapped[str]
    confidence: Mapped[str]
    analyst: Mapped[str]
    supporting: Mapped[list[Json]] = mapped_column(JSONB)
    contradicting: Mapped[list[Json]] = mapped_column(JSONB)
    disproof: Mapped[str]


class StepRow(Base):
    """Something an investigation did, or does."""

    __tablename__ = "investigation_steps"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, server_default=func.gen_random_uuid())
    team_id: Mapped[uuid.UUID]
    incident_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("incidents.id"))
    investigation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("investigations.id"))
    seq: Mapped[int]
    key: Mapped[str]
    kind: Mapped[str]
    title: Mapped[str]
    detail: Mapped[str]
    status: Mapped[str]
    at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))
    ms: Mapped[int | None]
    tokens_in: Mapped[int] = mapped_column(BigInteger, default=0)
    tokens_out: Mapped[int] = mapped_column(BigInteger, default=0)


class ExchangeRow(Base):
    """One call of the model, with its answer. Never changed afterwards."""

    __tablename__ = "model_exchanges"

    investigation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("investigations.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    team_id: Mapped[uuid.UUID]
    incident_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("incidents.id"))
    at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))
    model: Mapped[str]
    prompt: Mapped[str]
    messages: Mapped[list[Json]] = mapped_column(JSONB)
    answer: Mapped[Json | None] = mapped_column(JSONB(none_as_null=True))
    error: Mapped[str]
    usage: Mapped[Json] = mapped_column(JSONB)
