"""The post-mortem as JSON."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, PlainSerializer


def _utc(at: datetime) -> str:
    return at.isoformat().replace("+00:00", "Z")


Time = Annotated[datetime, PlainSerializer(_utc, return_type=str, when_used="json")]


class VersionOut(BaseModel):
    """One version, without its text."""

    model_config = ConfigDict(frozen=True, from_attributes=True)

    version: int
    author: str
    analyst: Literal["rules", "llm"] | None
    created_at: Time


class PostMortemOut(VersionOut):
    """The newest version with its text, and all versions, the newest first."""

    incident_id: UUID
    body_md: str
    versions: list[VersionOut]


class PostMortemIn(BaseModel):
    """A person's version on top of the one they read; 0 where there is none yet."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    body_md: str
    base_version: int
