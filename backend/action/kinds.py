"""The closed catalogue of remediations, and what passes between those who propose, preview and run them."""

from dataclasses import dataclass
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue

Risk = Literal["low", "medium", "high"]
ExecutionOutcome = Literal["succeeded", "failed", "unknown"]
Verification = Literal["recovered", "not_recovered", "inconclusive"]


class Params(BaseModel):
    """Parameters of a kind: strict, because what is approved is exactly what runs."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class ContainerParams(Params):
    """Which container."""

    container: str = Field(min_length=1, max_length=255, pattern=r"^[a-zA-Z0-9][a-zA-Z0-9_.-]*$", title="Container")


class RestartContainerParams(ContainerParams):
    """Which container, and how long it may take to stop by itself."""

    stop_timeout_seconds: int = Field(10, ge=0, le=300, title="Seconds before it is killed")


class CallHookParams(Params):
    """Which registered hook, with the arguments its own schema allows."""

    hook: str = Field(min_length=1, max_length=100, title="Hook")
    arguments: dict[str, JsonValue] = Field(default_factory=dict, title="Arguments")


@dataclass(frozen=True)
class ActionKind:
    """One entry of the vocabulary; its runner is actions/runners/<module>.py."""

    kind: str
    title: str
    params: type[Params]
    risk: Risk
    idempotent: bool
    inverse: str
    verify_plan: str
    settle_seconds: float

    def json_schema(self) -> dict[str, Any]:
        """JSON Schema of the parameters, for the API, the form in the UI and the model."""
        return self.params.model_json_schema()


_KINDS = (
    ActionKind(
        kind="docker.restart_container",
        title="Restart container",
        params=RestartContainerParams,
        risk="medium",
        idempotent=False,
        inverse="A restart cannot be undone. In-memory state and open connections of the container are lost.",
        verify_plan="The container runs, is healthy if it has a health check, and does not restart again; the alert or "
        "monitor recovers.",
        settle_seconds=30,
    ),
    ActionKind(
        kind="docker.start_container",
        title="Start container",
        params=ContainerParams,
        risk="low",
        idempotent=True,
        inverse="Stop the container again: docker stop NAME.",
        verify_plan="The container keeps running, is healthy if it has a health check; the alert or monitor recovers.",
        settle_seconds=30,
    ),
    ActionKind(
        kind="runbook.call_hook",
        title="Call runbook hook",
        params=CallHookParams,
        risk="medium",
        idempotent=False,
        inverse="As the hook's description says.",
        verify_plan="The hook answers with success; the alert or monitor recovers and stays up.",
        settle_seconds=30,
    ),
)

CATALOGUE: dict[str, ActionKind] = {kind.kind: kind for kind in _KINDS}


class Frozen(BaseModel):
    """Immutable, and strict about what it is given."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Proposal(Frozen):
    """What the agent would have done. Everything about it is checked again before a person sees it."""

    kind: str
    params: dict[str, Any]
    target: str
    rationale: str
    evidence: list[str]


class Change(Frozen):
    """One thing that will be different afterwards."""

    what: str
    before: str | None = None
    after: str | None = None


class Preview(Frozen):
    """What exactly will happen, from live state. `command`: how one would do the same by hand."""

    summary: str
    changes: list[Change] = Field(default_factory=list[Change])
    command: str | None = None
    warnings: list[str] = Field(default_factory=list[str])


class Result(Frozen):
    """What came of a run. `unknown`: whether it happened cannot be told. `after_state`: the target right after it."""

    outcome: ExecutionOutcome
    result: str | None = None
    error: str | None = None
    after_state: dict[str, JsonValue] | None = None


class VerificationCheck(Frozen):
    """One thing that was looked at afterwards. `ok` None: it cannot be told."""

    name: str
    ok: bool | None
    detail: str
