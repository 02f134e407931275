"""One request: who sent what, and what became of it."""

import uuid
from dataclasses import dataclass

from backend.actor import Actor
from backend.alert.kinds import Batch


@dataclass(frozen=True)
class Sender:
    """The integration whose token came with a delivery."""

    id: uuid.UUID
    team_id: uuid.UUID
    kind: str
    name: str

    @property
    def actor(self) -> Actor:
        return Actor("source", self.name, self.id)


@dataclass(frozen=True)
class Delivery:
    """One request: who sent what."""

    sender: Sender
    batch: Batch


@dataclass(frozen=True)
class Received:
    """What became of a delivery: the incidents it opened, merged into and resolved."""

    received: int
    opened: list[uuid.UUID]
    merged: list[uuid.UUID]
    resolved: list[uuid.UUID]
