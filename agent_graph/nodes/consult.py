"""One call to the model: it asks for more, or concludes. One node run is one paid call: a checkpoint follows each."""

import asyncio

from langgraph.runtime import Runtime

from agent_graph.analysts.llm.conversation import messages_for, tools_for
from agent_graph.analysts.llm.outcome import read_turn
from agent_graph.conclusion import Draft
from agent_graph.deps import GraphDeps, ModelFailed
from agent_graph.state import Json, State
from backend.investigation.kinds import CaseFile, Usage


async def consult(state: State, runtime: Runtime[GraphDeps]) -> Json:
    """Adds the model's turn. Whatever goes wrong ends the conversation with a note, and the rules' answer stands."""
    deps = runtime.context
    if deps.model is None:
        return {}
    await deps.notebook.step("consulting the model")
    turns = state.get("turns", [])
    usage = Usage.model_validate(state.get("usage") or {"model": deps.model.name})
    try:
        last = _check_budget(deps, len(turns), usage)
        case = CaseFile.model_validate(state["case"])
        evidence = await deps.notebook.read(state.get("gathered", []))
        rules = Draft.model_validate(state["rules"])
        messages = messages_for(case, evidence, rules, turns, last=last)
        async with asyncio.timeout(max(0.0, deps.model_time_left())):
            reply = await deps.model.complete(messages, tools_for(deps.sources.values(), last=last))
        usage = _add(usage, reply.usage)
        turn, answer = read_turn(reply.turn, turns, evidence, rules, deps.sources, last=last)
    except (ModelFailed, TimeoutError) as failed:
        why = str(failed) or "The model did not conclude in time."
        return {"note": f"{why} This is the rules' answer.", "usage": usage.model_dump(mode="json")}
    found: Json = {"turns": [*turns, turn], "usage": usage.model_dump(mode="json")}
    return found if answer is None else {**found, "answer": answer.model_dump(mode="json")}


def _check_budget(deps: GraphDeps, steps: int, usage: Usage) -> bool:
    """Is this the last step? Raises ModelFailed when there is no step left."""
    if steps >= deps.limits.model_steps:
        raise ModelFailed(f"The model did not conclude within {deps.limits.model_steps} steps.")
    if usage.tokens_in + usage.tokens_out >= deps.limits.model_tokens:
        raise ModelFailed(f"The model did not conclude within {deps.limits.model_tokens:,} tokens.")
    if deps.model_time_left() <= 0:
        raise ModelFailed("The model did not conclude in time.")
    return steps + 1 >= deps.limits.model_steps


def _add(one: Usage, other: Usage) -> Usage:
    return Usage(
        model=one.model or other.model,
        tokens_in=one.tokens_in + other.tokens_in,
        tokens_out=one.tokens_out + other.tokens_out,
        calls=one.calls + other.calls,
    )
