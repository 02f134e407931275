"""Answers the model's questions with the read-only sources."""

from langgraph.runtime import Runtime

from agent_graph.deps import Ask, GraphDeps
from agent_graph.nodes.gather import answer, told
from agent_graph.nodes.steps import step
from agent_graph.state import Json, State
from backend.investigation.kinds import CaseFile, Step


async def look(state: State, runtime: Runtime[GraphDeps]) -> Json:
    """Stores the answers as evidence and notes their labels beside the question."""
    deps = runtime.context
    turns = list(state.get("turns", []))
    case = CaseFile.model_validate(state["case"])
    labels: list[list[str]] = []
    for place, ask in enumerate(turns[-1]["asks"], start=1):
        labels.append(await _answered(deps, case, ask, f"look {len(turns)}.{place}") if ask is not None else [])
    turns[-1] = {**turns[-1], "labels": labels}
    return {"turns": turns, "gathered": [label for group in labels for label in group]}


async def _answered(deps: GraphDeps, case: CaseFile, asked: Json, key: str) -> list[str]:
    ask = Ask.model_validate(asked)
    arguments = ", ".join(f"{name}={value}" for name, value in ask.args.items())
    begun = Step(key=key, kind="tool", title=f"looking up what the model asked: {ask.what}", detail=arguments)
    async with step(deps.notebook, begun) as progress:
        found = await answer(deps, case, [ask])
        progress.detail = f"{arguments} → {told(found)}"
    return [evidence.label for evidence in found]
