"""JSON of API keys."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints


class NewApiKey(BaseModel):
    """What to make: who it is for, what it may do, until when (null: until it is revoked)."""

    model_config = ConfigDict(extra="forbid")

    name: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]
    scopes: list[str] = Field(min_length=1, max_length=100)
    expires_at: AwareDatetime | None = None


class ApiKey(BaseModel):
    """A key of the team. `key_prefix` tells which one it is."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    name: str
    key_prefix: str
    scopes: list[str]
    creator_name: str
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None


class CreatedApiKey(ApiKey):
    """With the key itself, which is shown this once."""

    key: str


class ApiKeyPage(BaseModel):
    """All keys of the team that have not been revoked."""

    items: list[ApiKey]
    next_cursor: Literal[None] = None
