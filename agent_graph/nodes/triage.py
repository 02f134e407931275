"""Reads the case and decides whom to ask first."""

from langgraph.runtime import Runtime

from agent_graph.deps import GraphDeps
from agent_graph.nodes.questions import questions
from agent_graph.nodes.steps import step
from agent_graph.state import Json, State
from backend.investigation.kinds import CaseFile, Step


async def triage(state: State, runtime: Runtime[GraphDeps]) -> Json:
    """The first questions to every source that is there; the ones that are not are named as missing."""
    deps = runtime.context
    case = CaseFile.model_validate(state["case"])
    async with step(deps.notebook, Step(key="triage", kind="node", title="choosing what to look at")) as progress:
        asks, failed = questions(deps.sources.values(), lambda source: source.first(case))
        first = [ask.model_dump(mode="json") for ask in asks]
        progress.detail = f"{len(first)} questions to {len({ask.source for ask in asks})} sources"
    stored = await deps.notebook.add(failed)
    await deps.notebook.note(*(_skipped(why) for why in deps.absent))
    return {
        "asks": first,
        "asked": first,
        "rounds": 0,
        "gathered": [found.label for found in stored],
        "missing": [*deps.absent, *(f"{found.title}: {found.error}" for found in stored)],
    }


def _skipped(why: str) -> Step:
    """`why`: "Loki: not configured"."""
    name, _, reason = why.partition(": ")
    return Step(key=f"absent {name}", kind="source", title=name, detail=reason, status="skipped", ms=0)
