"""A notebook without a database: evidence in a list."""

import uuid
from collections.abc import Sequence

from backend.investigation.kinds import Evidence, Exchange, Step


class MemoryNotebook:
    """Keeps the evidence of one run, labelled in the order it came."""

    def __init__(self) -> None:
        self.kept: list[Evidence] = []

    async def add(self, found: Sequence[Evidence]) -> list[Evidence]:
        stored: list[Evidence] = []
        for one in found:
            known = next(
                (
                    k
                    for k in self.kept
                    if (k.source, k.title, k.query, k.content) == (one.source, one.title, one.query, one.content)
                ),
                None,
            )
            if known is None:
                known = one.model_copy(update={"label": f"E{len(self.kept) + 1}"})
                self.kept.append(known)
            stored.append(known)
        return stored

    async def read(self, labels: Sequence[str] | None = None) -> list[Evidence]:
        return [found for found in self.kept if labels is None or found.label in labels]

    async def note(self, *noted: Step) -> None:
        """Nobody watches."""

    async def recall(self, number: int) -> Exchange | None:
        """There is nothing to continue."""
        return None

    async def reserve(self, model: str, tokens_in: int) -> uuid.UUID:
        """Nobody's bill but that of whoever runs the evaluation."""
        return uuid.uuid4()

    async def keep(self, call_id: uuid.UUID, exchange: Exchange) -> None:
        """The graph's own state keeps what was said."""
