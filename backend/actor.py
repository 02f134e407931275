"""Who did something, as the timeline names them."""

from dataclasses import dataclass
from typing import Literal
from uuid import UUID


@dataclass(frozen=True)
class Actor:
    """A person by name, the source that reported it, or one of our own parts."""

    kind: Literal["system", "agent", "person", "source"]
    name: str
    id: UUID | None = None


SYSTEM = Actor("system", "Nightdesk")
AGENT = Actor("agent", "investigator")
