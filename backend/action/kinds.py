"""The closed catalogue of remediations: parameters, risk, how to undo and how to verify each."""

from dataclasses import dataclass
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue

Risk = Literal["low", "medium", "high"]


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
