"""A letter, before and after it is in the outbox."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol
from uuid import UUID


class Letter(Protocol):
    """What somebody wants to be sent; `template` names its kind."""

    @property
    def to(self) -> str: ...
    @property
    def template(self) -> str: ...
    @property
    def subject(self) -> str: ...
    @property
    def text(self) -> str: ...


@dataclass(frozen=True)
class PlainLetter:
    """A letter in plain text."""

    to: str
    template: str
    subject: str
    text: str = field(repr=False)


@dataclass(frozen=True)
class Post:
    """A letter on its way."""

    id: UUID
    recipient: str
    subject: str
    created_at: datetime
    body: str = field(repr=False)
