"""The graph's notebook on the database: short transactions, each as the worker that holds the lease."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from backend.deps import Deps
from backend.investigation import lease
from backend.investigation.evidence import read_evidence, store_evidence
from backend.investigation.kinds import Evidence


@dataclass(frozen=True)
class DatabaseNotebook:
    """Keeps the evidence of one investigation. Every method raises LeaseLost when the lease is gone."""

    deps: Deps
    investigation_id: UUID
    worker: str

    async def add(self, found: Sequence[Evidence]) -> list[Evidence]:
        async with self.deps.db.transaction() as session:
            return await store_evidence(session, self.investigation_id, self.worker, found, self.deps.clock.now())

    async def read(self, labels: Sequence[str]) -> list[Evidence]:
        wanted = set(labels)
        async with self.deps.db.transaction() as session:
            return [found for found in await read_evidence(session, self.investigation_id) if found.label in wanted]

    async def step(self, text: str) -> None:
        async with self.deps.db.transaction() as session:
            await lease.set_step(session, self.investigation_id, self.worker, text)
