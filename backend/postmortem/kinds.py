"""What a post-mortem is written from: facts of the record, nothing else."""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True)
class Moment:
    """A line of the timeline."""

    at: datetime
    actor: str
    verb: str
    message: str


@dataclass(frozen=True)
class Quote:
    """A quoted line and where it is from."""

    label: str
    source: str
    query: str
    text: str
    note: str


@dataclass(frozen=True)
class Cause:
    """The leading explanation of the last investigation, or one it ruled against."""

    category: str
    statement: str
    confidence: str
    analyst: str
    quotes: list[Quote]


@dataclass(frozen=True)
class Remedy:
    """An action that was executed, or decided against."""

    title: str
    kind: str
    target: str
    status: str
    approved_by: str | None
    proposed_at: datetime | None
    decided_at: datetime | None
    started_at: datetime | None
    finished_at: datetime | None
    result: str | None
    error: str | None
    verification: str | None
    checks: list[str]
    inverse: str


@dataclass(frozen=True)
class Story:
    """One incident from its beginning to its end."""

    incident_id: UUID
    number: int
    title: str
    target: str
    severity: str
    status: str
    description: str | None
    started_at: datetime
    detected_at: datetime
    resolved_at: datetime
    resolved_by: str | None
    acknowledged_at: datetime | None
    acknowledged_by: str | None
    occurrences: int
    verdict: str | None
    root_cause: str | None
    confidence: str | None
    rounds: int
    # A person who said what the cause was, in what category.
    root_cause_by: str | None = None
    category: str | None = None
    timeline: list[Moment] = field(default_factory=list[Moment])
    causes: list[Cause] = field(default_factory=list[Cause])
    remedies: list[Remedy] = field(default_factory=list[Remedy])
    alerts: list[str] = field(default_factory=list[str])
    missing: list[str] = field(default_factory=list[str])
    failed_checks: int = 0
