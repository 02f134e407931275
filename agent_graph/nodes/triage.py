"""Reads the case and decides whom to ask first."""

from langgraph.runtime import Runtime

from agent_graph.deps import GraphDeps
from agent_graph.state import Json, State
from backend.investigation.kinds import CaseFile


async def triage(state: State, runtime: Runtime[GraphDeps]) -> Json:
    """The first questions to every source that is there; the ones that are not are named as missing."""
    deps = runtime.context
    case = CaseFile.model_validate(state["case"])
    await deps.notebook.step("choosing what to look at")
    asks = [ask for source in deps.sources.values() for ask in source.first(case)]
    first = [ask.model_dump(mode="json") for ask in asks]
    return {"asks": first, "asked": first, "rounds": 0, "missing": list(deps.absent)}
