"""What a runner is given and what it offers."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

import httpx
from pydantic import JsonValue

from actions.engine import DockerEngine
from backend.action.kinds import Params, Preview, Result
from backend.action.rules import Status
from backend.errors import NightdeskError
from backend.runbook.kinds import HookDefinition


class NotPossible(NightdeskError):
    """This cannot be done from here; the reason is for people."""

    code = "not_possible"


@dataclass(frozen=True)
class Order:
    """The approved row, and the hook's row when it calls one: all a runner ever knows."""

    action_id: UUID
    incident_id: UUID
    kind: str
    title: str
    params: Params
    target: str
    status: Status
    target_state: dict[str, Any]
    hook: HookDefinition | None


@dataclass(frozen=True)
class Tools:
    """The ways out. `engine` is a sentence when there is no way to a Docker engine."""

    http: httpx.AsyncClient
    engine: DockerEngine | str


class Runner(Protocol):
    """Carries out the kinds of one platform.

    All three raise backend.errors.Unavailable when the platform does not answer; `preview` raises NotPossible when the
    action would do nothing or cannot be done.
    """

    async def preview(self, order: Order, now: datetime) -> Preview:
        """What exactly would change, from live state."""
        ...

    async def target_state(self, order: Order, now: datetime) -> dict[str, JsonValue] | None:
        """What the target is now, in the terms an approval is bound to. None: it is gone."""
        ...

    async def run(self, order: Order) -> Result:
        """Does it. Never raises for what the platform answers: that is a Result."""
        ...
