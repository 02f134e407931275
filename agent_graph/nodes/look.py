"""Answers the model's questions with the read-only sources."""

from langgraph.runtime import Runtime

from agent_graph.deps import Ask, GraphDeps
from agent_graph.nodes.gather import answer
from agent_graph.state import Json, State
from backend.investigation.kinds import CaseFile


async def look(state: State, runtime: Runtime[GraphDeps]) -> Json:
    """Stores the answers as evidence and notes their labels beside the question."""
    deps = runtime.context
    turns = list(state.get("turns", []))
    await deps.notebook.step("looking up what the model asked")
    case = CaseFile.model_validate(state["case"])
    labels: list[list[str]] = []
    for ask in turns[-1]["asks"]:
        found = await answer(deps, case, [Ask.model_validate(ask)]) if ask is not None else []
        labels.append([evidence.label for evidence in found])
    turns[-1] = {**turns[-1], "labels": labels}
    return {"turns": turns, "gathered": [label for group in labels for label in group]}
