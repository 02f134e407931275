"""JSON of changes."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from backend.change.rules import Kind

_Text = Annotated[str, Field(min_length=1, max_length=200, pattern=r"\S")]


class NewChange(BaseModel):
    """What was changed, where and when."""

    model_config = ConfigDict(extra="forbid")

    kind: Kind
    target: _Text = Field(
        description="What was changed, as alerts and monitors call it: a service, a deployment, a host."
    )
    summary: Annotated[str, Field(min_length=1, max_length=1_000, pattern=r"\S")]
    ref: _Text | None = Field(None, description="Version, commit or ticket.")
    url: Annotated[str | None, Field(max_length=2_048, pattern=r"^https?://\S+$")] = Field(
        None, description="Where to read more: the pipeline, the release."
    )
    at: AwareDatetime | None = Field(None, description="When it took effect; default now.")
    key: _Text | None = Field(None, description="The same key is the same change, however often it is sent.")


class ChangeView(BaseModel):
    """A registered change."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    kind: Kind
    target: str
    summary: str
    ref: str | None
    url: str | None
    at: datetime
    key: str | None
    registered_by: str
    created_at: datetime


class ChangePage(BaseModel):
    """A page of changes, the latest first."""

    items: list[ChangeView]
    next_cursor: str | None
