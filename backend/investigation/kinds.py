"""What passes between the backend and the agent: CaseFile in, Evidence and Report out. Plain data, no I/O."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from backend.action.kinds import Proposal
from backend.incident.kinds import Category
from backend.incident.rules import Runtime, Severity, SourceType
from backend.runbook.kinds import HookFact

Confidence = Literal["confirmed", "likely", "possible", "ruled_out"]
Verdict = Literal["incident", "not_an_incident", "inconclusive"]
Analyst = Literal["rules", "llm"]
EvidenceKind = Literal["log", "metric", "state", "event", "history", "memory"]
StepKind = Literal["node", "source", "model", "tool"]
StepStatus = Literal["running", "done", "failed", "skipped"]


def _capped(limit: int) -> AfterValidator:
    return AfterValidator(lambda text: text if len(text) <= limit else text[: limit - 1] + "…")


# Sentences are made of foreign text, and one line of that can be a megabyte: whoever writes one, it is capped here.
Sentence = Annotated[str, _capped(1_200)]
Prose = Annotated[str, _capped(4_000)]
# The beginning of a quote is still what the evidence says, word for word; an ellipsis would not be.
Quoted = Annotated[str, AfterValidator(lambda text: text[:2_000])]


class Frozen(BaseModel):
    """Immutable, and strict about what it is given."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Target(Frozen):
    """What the incident is about."""

    name: str
    source_type: SourceType
    runtime: Runtime | None = None
    namespace: str | None = None
    server_name: str | None = None
    labels: dict[str, str] = Field(default_factory=dict)


class AlertFact(Frozen):
    """One alert behind the incident."""

    name: str
    status: Literal["firing", "resolved"]
    severity: Severity
    labels: dict[str, str]
    annotations: dict[str, str]
    starts_at: datetime
    ends_at: datetime | None = None
    generator_url: str | None = None


class MonitorFact(Frozen):
    """The monitor behind the incident, with its latest checks (newest first)."""

    id: UUID
    name: str
    type: str
    address: str
    status: str
    config: dict[str, Any]
    checks: list["CheckFact"]


class CheckFact(Frozen):
    """One check result. `detail` is what the probe kept of the answer (redacted, capped)."""

    status: Literal["up", "down", "unknown"]
    at: datetime
    response_time_ms: int | None = None
    status_code: int | None = None
    error: str | None = None
    detail: str | None = None


class PastAction(Frozen):
    """What has been tried for this incident or target, and what came of it."""

    of_incident: bool = True
    kind: str
    params: dict[str, Any]
    target: str
    status: str
    verification: str | None
    at: datetime


class ChangeFact(Frozen):
    """Something somebody registered as changed, of the target or not."""

    at: datetime
    kind: str
    target: str
    summary: str
    ref: str | None = None
    url: str | None = None
    by: str = ""


class CaseFile(Frozen):
    """Everything the agent is told. `now` is when the case was opened; windows follow `started_at`."""

    incident_id: UUID
    team_id: UUID
    investigation_id: UUID
    number: int
    round: int
    title: str
    description: str | None
    severity: Severity
    target: Target
    started_at: datetime
    now: datetime
    firing: bool
    occurrences: int
    alerts: list[AlertFact]
    monitor: MonitorFact | None
    hooks: list[HookFact]
    past_actions: list[PastAction]
    timeline: list[str]
    changes: list[ChangeFact] = Field(default_factory=list[ChangeFact])
    # What the target needs: containers, workloads, databases, project/service; what was declared comes first.
    needs: list[str] = Field(default_factory=list[str])
    hint: str | None = None
    # The team's own patterns: hidden here already, and to be hidden in whatever is found.
    secret_patterns: list[str] = Field(default_factory=list)


class Evidence(Frozen):
    """What one query answered. Content is redacted and cleaned before it gets here.

    `label` (E1, E2, …) is assigned when it is stored. `data` for kind "metric": {"series": [{"labels": {}, "points":
    [[unix, value], …]}], "unit": str, "change_at": unix | None, "limit": float | None}. `error` set: the source did
    not answer; `content` is then empty. `inventory` names what the source saw to exist (container names, pods, …).
    """

    label: str = ""
    source: str
    kind: EvidenceKind
    title: str
    query: str
    window_start: datetime | None = None
    window_end: datetime | None = None
    summary: str = ""
    content: str = ""
    data: dict[str, Any] = Field(default_factory=dict)
    truncated: bool = False
    error: str | None = None
    inventory: list[str] = Field(default_factory=list)


# The note of what is quoted for whoever reads on: it was seen about then, and nothing rests on it.
ABOUT_THEN = "seen about then"


class Citation(Frozen):
    """A quote, word for word, from the content (or summary) of the evidence it names."""

    evidence: str
    quote: Quoted
    note: Sentence = ""

    @property
    def beside(self) -> bool:
        """Does nothing rest on it?"""
        return self.note == ABOUT_THEN


class Hypothesis(Frozen):
    """One explanation. Confidence is derived from evidence by rules, never a model's own number."""

    category: Category
    statement: Sentence
    confidence: Confidence
    analyst: Analyst
    supporting: list[Citation]
    contradicting: list[Citation] = Field(default_factory=list)
    disproof: Sentence = ""


class Usage(Frozen):
    """What the model cost. `estimated`: the endpoint did not count some of it."""

    model: str | None = None
    tokens_in: int = 0
    tokens_out: int = 0
    calls: int = 0
    cost_usd: float = 0.0
    estimated: bool = False

    def plus(self, other: "Usage") -> "Usage":
        return Usage(
            model=self.model or other.model,
            tokens_in=self.tokens_in + other.tokens_in,
            tokens_out=self.tokens_out + other.tokens_out,
            calls=self.calls + other.calls,
            cost_usd=round(self.cost_usd + other.cost_usd, 6),
            estimated=self.estimated or other.estimated,
        )


class Step(Frozen):
    """Something the investigation does. `key` is the same when it is done again after an interruption."""

    key: str
    kind: StepKind
    title: str
    detail: str = ""
    status: StepStatus = "running"
    ms: int | None = None
    tokens_in: int = 0
    tokens_out: int = 0


class Exchange(Frozen):
    """One call of the model. `messages`: what was said since the call before. `error`: why there is no answer."""

    number: int
    model: str
    prompt: str
    messages: list[dict[str, Any]]
    answer: dict[str, Any] | None = None
    error: str = ""
    usage: Usage = Field(default_factory=Usage)


class Report(Frozen):
    """What the agent concludes. `proposal` None: nothing safe and useful to do."""

    verdict: Verdict
    analyst: Analyst
    category: Category
    root_cause: Sentence
    confidence: Confidence
    summary: Prose
    hypotheses: list[Hypothesis]
    proposal: Proposal | None
    missing: list[str] = Field(default_factory=list)
    dropped_claims: int = 0
    reasoning: Prose = ""
    usage: Usage = Field(default_factory=Usage)
    analyst_note: str = ""


MonitorFact.model_rebuild()
