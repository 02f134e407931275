"""What the runbook endpoints take and answer."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from backend.handbook.kinds import Actions, Body, Categories, Content, Slug, Targets, Title
from backend.handbook.rules import Fit
from backend.incident.kinds import Category

Path = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)]


class NewRunbook(BaseModel):
    """A runbook to keep. With the slug of one that comes with Nightdesk, it takes that one's place for the team."""

    model_config = ConfigDict(extra="forbid")

    slug: Slug | None = Field(None, description="Its name in addresses; null: made from the title.")
    title: Title
    categories: Categories = Field(default_factory=list[Category])
    targets: Targets = Field(default_factory=list[str])
    actions: Actions = Field(default_factory=list[str])
    body_md: Body


class RunbookPatch(BaseModel):
    """What to change. `base_version` is the version you saw: nobody's change is lost."""

    model_config = ConfigDict(extra="forbid")

    base_version: int = Field(ge=1, le=2_000_000_000)
    title: Title = ""
    categories: Categories = Field(default_factory=list[Category])
    targets: Targets = Field(default_factory=list[str])
    actions: Actions = Field(default_factory=list[str])
    body_md: Body = ""


class RunbookItem(BaseModel):
    """A runbook, as lists show it."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    slug: str
    title: str
    categories: list[str]
    targets: list[str]
    actions: list[str]
    excerpt: str
    builtin: bool = Field(description="It comes with Nightdesk and cannot be changed; a copy can.")
    version: int
    path: str | None = Field(description="The imported file it came from.")
    updated_at: datetime | None
    updated_by: str | None


class Runbook(RunbookItem):
    """A runbook with its text: Markdown that somebody wrote; HTML in it is text."""

    body_md: str


@dataclass(frozen=True)
class Suggestion:
    """A runbook that fits an incident, and why."""

    runbook: Runbook
    fit: Fit


class RunbookPage(BaseModel):
    """With `q`: the best matches, on one page. Without: the newest of the team, then those that come with us."""

    items: list[RunbookItem]
    next_cursor: str | None


class File(BaseModel):
    """A Markdown file. `path`: where it lies in the folder; the same path is the same runbook."""

    model_config = ConfigDict(extra="forbid")

    path: Path
    content: str


class Folder(BaseModel):
    """Files to import."""

    model_config = ConfigDict(extra="forbid")

    files: list[File] = Field(min_length=1, max_length=200)


class Skipped(BaseModel):
    """A file that was left out, and why."""

    path: str
    why: str


class Imported(BaseModel):
    """What became of each file, by path."""

    created: list[str]
    updated: list[str]
    unchanged: list[str]
    skipped: list[Skipped]


def content_of(body: NewRunbook, slug: str) -> Content:
    """A new runbook's content."""
    return Content.model_validate({**body.model_dump(), "slug": body.slug or slug})
