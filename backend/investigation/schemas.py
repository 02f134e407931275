"""The investigation as JSON: what was looked at, what was concluded."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, PlainSerializer

from backend.investigation.kinds import Analyst, Category, Confidence, EvidenceKind, StepKind, StepStatus, Verdict


def _utc(at: datetime) -> str:
    return at.isoformat().replace("+00:00", "Z")


Time = Annotated[datetime, PlainSerializer(_utc, return_type=str, when_used="json")]


class _Out(BaseModel):
    model_config = ConfigDict(frozen=True, from_attributes=True)


class InvestigationOut(_Out):
    """One round. `step`: what it is doing now. `summary`: what it concluded."""

    id: UUID
    round: int
    status: Literal["queued", "running", "done", "failed", "superseded"]
    step: str
    analyst: Analyst | None
    verdict: Verdict | None
    error: str | None
    model: str | None
    tokens_in: int
    tokens_out: int
    cost_usd: float
    usage_estimated: bool
    started_at: Time | None
    finished_at: Time | None
    summary: str
    missing: list[str]
    analyst_note: str
    dropped_claims: int


class EvidenceOut(_Out):
    """What one query answered."""

    id: UUID
    label: str
    source: str
    kind: EvidenceKind
    title: str
    query: str
    window_start: Time | None
    window_end: Time | None
    summary: str
    content: str
    data: dict[str, Any]
    truncated: bool
    error: str | None
    sha256: str
    collected_at: Time
    investigation_id: UUID
    round: int


class CitationOut(_Out):
    """A quote and the evidence it is from."""

    evidence: str
    evidence_id: UUID | None
    quote: str
    note: str
    beside: bool = Field(description="Seen about then and told for whoever reads on: nothing rests on it.")


class HypothesisOut(_Out):
    """One explanation; rank 1 leads."""

    id: UUID
    rank: int
    category: Category
    statement: str
    confidence: Confidence
    analyst: Analyst
    supporting: list[CitationOut]
    contradicting: list[CitationOut]
    disproof: str
    round: int


class StepOut(_Out):
    """Something the investigation did, or does. `ms`: null while it runs."""

    seq: int
    at: Time
    kind: StepKind
    title: str
    detail: str
    status: StepStatus
    ms: int | None
    tokens_in: int
    tokens_out: int


class ExchangeOut(_Out):
    """One call of the model. `messages`: what was said since the call before; `answer`: null when there was none."""

    number: int
    at: Time
    model: str
    prompt: str
    messages: list[dict[str, Any]]
    answer: dict[str, Any] | None
    error: str
    tokens_in: int
    tokens_out: int
    cost_usd: float
    estimated: bool


class StepList(_Out):
    """In the order in which they began."""

    items: list[StepOut]
    next_cursor: str | None = None


class Transcript(_Out):
    """In the order of the calls."""

    items: list[ExchangeOut]
    next_cursor: str | None = None


class InvestigationList(_Out):
    """Newest round first."""

    items: list[InvestigationOut]
    next_cursor: str | None = None


class EvidenceList(_Out):
    """Newest round first, in it by label."""

    items: list[EvidenceOut]
    next_cursor: str | None = None


class HypothesisList(_Out):
    """Newest round first, in it by rank."""

    items: list[HypothesisOut]
    next_cursor: str | None = None
