"""The graph's notebook on the database: short transactions, each as the worker that holds the lease."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from backend.deps import Deps
from backend.incident.rules import Refusal
from backend.investigation import steps
from backend.investigation.evidence import read_evidence, store_evidence
from backend.investigation.kinds import Evidence, Exchange, Step


@dataclass(frozen=True)
class DatabaseNotebook:
    """Keeps what one investigation finds and does. Every writing method raises LeaseLost when the lease is gone."""

    deps: Deps
    investigation_id: uuid.UUID
    worker: str

    async def add(self, found: Sequence[Evidence]) -> list[Evidence]:
        async with self.deps.db.transaction() as session:
            return await store_evidence(session, self.investigation_id, self.worker, found, self.deps.clock.now())

    async def read(self, labels: Sequence[str] | None = None) -> list[Evidence]:
        async with self.deps.db.transaction() as session:
            kept = await read_evidence(session, self.investigation_id)
        return [found for found in kept if labels is None or found.label in labels]

    async def note(self, *noted: Step) -> None:
        async with self.deps.db.transaction() as session:
            await steps.note(session, self.investigation_id, self.worker, noted, self.deps.clock.now())

    async def recall(self, number: int) -> Exchange | None:
        async with self.deps.db.transaction() as session:
            return await steps.recall(session, self.investigation_id, number)

    async def reserve(self, model: str, tokens_in: int) -> uuid.UUID | Refusal:
        now, settings = self.deps.clock.now(), self.deps.settings
        async with self.deps.db.transaction() as session:
            return await steps.reserve(session, settings, self.investigation_id, self.worker, model, tokens_in, now)

    async def keep(self, call_id: uuid.UUID, exchange: Exchange) -> None:
        now, settings = self.deps.clock.now(), self.deps.settings
        async with self.deps.db.transaction() as session:
            await steps.keep(session, settings, self.investigation_id, self.worker, call_id, exchange, now)
