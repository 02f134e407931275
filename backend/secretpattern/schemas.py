"""JSON of a team's secret patterns."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints


class NewSecretPattern(BaseModel):
    """A regular expression in RE2's syntax. With a group, only what the first group matches is hidden."""

    model_config = ConfigDict(extra="forbid")

    name: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]
    pattern: str = Field(min_length=1, max_length=500)


class Trial(BaseModel):
    """A pattern that is not kept, and a text to try it on."""

    model_config = ConfigDict(extra="forbid")

    pattern: str = Field(min_length=1, max_length=500)
    sample: str = Field(max_length=10_000)


class Tried(BaseModel):
    """The sample as the agent would see it."""

    shown: str


class SecretPattern(BaseModel):
    """A pattern that is hidden in everything the agent keeps, shows or sends."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    name: str
    pattern: str
    created_at: datetime
    created_by: str


class SecretPatternPage(BaseModel):
    """All of a team's patterns, by name."""

    items: list[SecretPattern]
    next_cursor: str | None = None
