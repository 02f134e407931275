"""What is told about an incident of the past: plain data, for the API and for the agent."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from backend.memory.rules import Likeness


@dataclass(frozen=True)
class Done:
    """The action that was carried out for an incident; where there were several, the one that helped."""

    kind: str
    title: str
    status: str
    verification: str | None


@dataclass(frozen=True)
class Past:
    """An incident that looks alike. `by_person`: who said what its cause was; None: the agent did."""

    id: uuid.UUID
    number: int
    title: str
    status: str
    created_at: datetime
    resolved_at: datetime | None
    category: str | None
    root_cause: str | None
    by_person: str | None
    likeness: Likeness
    action: Done | None
