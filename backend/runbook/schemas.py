"""What the runbook endpoints take and answer. Headers go in and never come out."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, SecretStr, StringConstraints

from backend.incident.kinds import Category
from backend.runbook.kinds import Method, Risk

Name = Annotated[str, StringConstraints(min_length=1, max_length=100, pattern=r"^[A-Za-z0-9][A-Za-z0-9 _.:/-]*$")]
Text = Annotated[str, StringConstraints(max_length=2000)]
Target = Annotated[str, StringConstraints(min_length=1, max_length=500)]


def _no_arguments() -> dict[str, Any]:
    return {"type": "object", "properties": {}, "additionalProperties": False}


class NewHook(BaseModel):
    """A hook to register. `params_schema`: JSON Schema (Draft 2020-12) of the arguments it takes."""

    model_config = ConfigDict(extra="forbid")

    name: Name
    description: Text = ""
    url: str = Field(max_length=2000)
    method: Method = "POST"
    headers: dict[str, SecretStr] = Field(
        default_factory=dict[str, SecretStr], description="Sent with every call; never shown again."
    )
    params_schema: dict[str, Any] = Field(default_factory=_no_arguments)
    target: Target | None = Field(None, description="The incident target it is for; null: any.")
    categories: list[Category] = Field(default_factory=list[Category], max_length=25)
    risk: Risk = "medium"
    idempotent: bool = Field(False, description="Calling it twice is as good as once.")
    inverse: Text = ""
    timeout_seconds: float = Field(30, gt=0, le=300)
    settle_seconds: float = Field(30, ge=0, le=900)


class HookPatch(BaseModel):
    """What to change. `headers` replaces all of them; `{}` removes them."""

    model_config = ConfigDict(extra="forbid")

    name: Name = ""
    description: Text = ""
    url: str = Field("", max_length=2000)
    method: Method = "POST"
    headers: dict[str, SecretStr] = Field(default_factory=dict[str, SecretStr])
    params_schema: dict[str, Any] = Field(default_factory=_no_arguments)
    target: Target | None = None
    categories: list[Category] = Field(default_factory=list[Category], max_length=25)
    risk: Risk = "medium"
    idempotent: bool = False
    inverse: Text = ""
    timeout_seconds: float = Field(30, gt=0, le=300)
    settle_seconds: float = Field(30, ge=0, le=900)
    is_active: bool = True


class Hook(BaseModel):
    """A registered hook."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    name: str
    description: str
    url: str
    method: Method
    params_schema: dict[str, Any]
    target: str | None
    categories: list[str]
    risk: Risk
    idempotent: bool
    inverse: str
    timeout_seconds: float
    settle_seconds: float
    is_active: bool
    created_at: datetime
    updated_at: datetime


class HookPage(BaseModel):
    """A page of hooks, by name."""

    items: list[Hook]
    next_cursor: str | None
