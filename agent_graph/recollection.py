"""The sources that remember, on the database: read in short transactions, of the case's own team only."""

from dataclasses import dataclass

from agent_graph.deps import Source
from agent_graph.sources.runbooks import RunbookSource
from agent_graph.sources.similar import SimilarSource
from backend.deps import Deps
from backend.handbook import reading as handbook
from backend.handbook.schemas import Runbook
from backend.incident import reading as incidents
from backend.investigation.kinds import CaseFile
from backend.memory import reading as memory
from backend.memory.kinds import Past
from backend.memory.rules import Look


@dataclass(frozen=True)
class Recollection:
    """The team's past and its runbooks."""

    deps: Deps

    async def similar(self, case: CaseFile, found: Look, most: int) -> list[Past]:
        async with self.deps.db.transaction() as session:
            incident = await incidents.find(session, case.team_id, case.incident_id)
            look = await memory.recognised(session, incident, found)
            return await memory.similar(session, case.team_id, case.incident_id, look, most)

    async def fitting(self, case: CaseFile, category: str | None, most: int) -> list[tuple[Runbook, list[str]]]:
        async with self.deps.db.transaction() as session:
            incident = await incidents.find(session, case.team_id, case.incident_id)
            situation = await memory.situation_of(session, incident, category)
            suggested = await handbook.suggest(session, case.team_id, situation, most)
        return [(one.runbook, one.fit.reasons) for one in suggested]

    async def search(self, case: CaseFile, q: str, most: int) -> list[tuple[Runbook, list[str]]]:
        async with self.deps.db.transaction() as session:
            page = await handbook.page(session, case.team_id, q, None, None, most)
            found = [await handbook.find(session, case.team_id, item.id) for item in page.items[:most]]
        return [(book, []) for book in found]


def remembering(deps: Deps) -> dict[str, Source]:
    """The sources by name."""
    recollection = Recollection(deps)
    sources: list[Source] = [SimilarSource(recollection), RunbookSource(recollection)]
    return {source.name: source for source in sources}
