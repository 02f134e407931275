"""What passes out of this package: a hook as the agent may know it, and as the runner calls it."""

import hashlib
import json
from dataclasses import asdict, dataclass, field
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict

Risk = Literal["low", "medium", "high"]
Method = Literal["POST", "PUT"]


class HookFact(BaseModel):
    """A registered runbook hook that may be proposed for a target. Without its address and its secrets."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    description: str
    categories: list[str]
    params_schema: dict[str, Any]
    risk: Risk


@dataclass(frozen=True)
class HookDefinition:
    """A hook with all that is needed to call it. Held by the actions process only, never logged."""

    id: UUID
    name: str
    description: str
    url: str
    method: Method
    headers: dict[str, str] = field(repr=False)
    params_schema: dict[str, Any]
    risk: Risk
    idempotent: bool
    inverse: str
    timeout_seconds: float
    settle_seconds: float

    def sha256(self) -> str:
        """Changes when anything about the call changes, its secrets included; tells nothing about them."""
        text = json.dumps(asdict(self), sort_keys=True, default=str, ensure_ascii=False)
        return hashlib.sha256(text.encode()).hexdigest()
