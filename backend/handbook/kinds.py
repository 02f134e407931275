"""What a runbook is: a title, what it is for, and Markdown. The same shape for the API, for files and for ours."""

import re
import unicodedata
import uuid
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from backend.action.kinds import CATALOGUE
from backend.incident.kinds import Category

MAX_BODY = 100_000
_BUILTIN = uuid.UUID("6a0b1f8e-2f6a-5d55-9a53-6f6e64626b73")
_UNUSABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


def _action(kind: str) -> str:
    if kind not in CATALOGUE:
        raise ValueError(f"there is no action {kind!r}")
    return kind


def _readable(text: str) -> str:
    if _UNUSABLE.search(text):
        raise ValueError("it has control characters in it: it is no text")
    return text


Slug = Annotated[str, StringConstraints(max_length=80, pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]
Title = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200), AfterValidator(_readable)
]
Glob = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200), AfterValidator(_readable)]
Kind = Annotated[str, StringConstraints(max_length=100), AfterValidator(_action)]
Body = Annotated[str, StringConstraints(min_length=1, max_length=MAX_BODY, pattern=r"\S"), AfterValidator(_readable)]
Categories = Annotated[list[Category], Field(max_length=25, description="The kinds of trouble it is for.")]
Targets = Annotated[
    list[Glob], Field(max_length=20, description="Names of targets, with * and ?; none: it is not about names.")
]
Actions = Annotated[list[Kind], Field(max_length=25, description="The kinds of action it speaks of.")]


class Content(BaseModel):
    """What a runbook says and what it is for."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    slug: Slug
    title: Title
    categories: Categories = Field(default_factory=list[Category])
    targets: Targets = Field(default_factory=list[str])
    actions: Actions = Field(default_factory=list[str])
    body_md: Body


def slug_of(text: str) -> str:
    """A slug from a title or a file's name."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain)[:80].strip("-") or "runbook"


def builtin_id(slug: str) -> uuid.UUID:
    """The id of a runbook that comes with us: the same in every installation."""
    return uuid.uuid5(_BUILTIN, slug)


def words_of(content: Content) -> str:
    """What it is for, as words that a search can find."""
    return re.sub(r"[^\w*?]+|_", " ", " ".join([*content.categories, *content.targets, *content.actions])).strip()
