"""Where the graph goes next: reads the state and the deadline, decides nothing else."""

from collections import defaultdict

from langgraph.runtime import Runtime
from langgraph.types import Send

from agent_graph.deps import GraphDeps
from agent_graph.state import Branch, Json, State

# Below this there is only time to conclude.
LAST_SECONDS = 3.0


def fan_out(state: State) -> list[Send] | str:
    """One branch per source that is asked something."""
    branches = _branches(state, state.get("asks", []))
    return [Send("gather", branch) for branch in branches] or "analyse"


def after_analysis(state: State, runtime: Runtime[GraphDeps]) -> list[Send] | str:
    """Ask again, consult the model, or go on with what the rules say."""
    deps = runtime.context
    in_time = deps.time_left() > LAST_SECONDS
    if in_time and state.get("asks") and state["rounds"] < deps.limits.gather_rounds:
        return [Send("gather", branch) for branch in _branches(state, state["asks"])]
    return "consult" if deps.model is not None and deps.model_time_left() > LAST_SECONDS else "verify_claims"


def after_consultation(state: State) -> str:
    """Answer the model's questions, or let it repair its answer, until it has concluded or was given up."""
    turns = state.get("turns", [])
    if state.get("answer") or state.get("note") or not turns:
        return "verify_claims"
    return "look" if "asks" in turns[-1] else "consult"


def _branches(state: State, asks: list[Json]) -> list[Branch]:
    by_source: dict[str, list[Json]] = defaultdict(list)
    for ask in asks:
        by_source[ask["source"]].append(ask)
    number = state["rounds"] + 1
    return [Branch(case=state["case"], source=name, asks=found, round=number) for name, found in by_source.items()]
