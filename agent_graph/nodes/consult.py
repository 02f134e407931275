"""One call to the model: it asks for more, or concludes. Its answer is kept before anything follows from it."""

import asyncio
from typing import Any

from langgraph.runtime import Runtime

from agent_graph.analysts.llm.conversation import PROMPT, messages_for, news, tools_for
from agent_graph.analysts.llm.outcome import read_turn
from agent_graph.conclusion import Draft
from agent_graph.deps import GraphDeps, Model, ModelFailed
from agent_graph.nodes.steps import step
from agent_graph.safety.evidence import safe_json
from agent_graph.state import Json, State
from backend.incident.rules import Refusal
from backend.investigation.kinds import CaseFile, Evidence, Exchange, Step, Usage
from backend.redaction.patterns import compile_pattern

_LONGEST = 60_000


async def consult(state: State, runtime: Runtime[GraphDeps]) -> Json:
    """Adds the model's turn. Whatever goes wrong ends the conversation with a note, and the rules' answer stands."""
    deps = runtime.context
    if deps.model is None:
        return {}
    usage = Usage.model_validate(state.get("usage") or {"model": deps.model.name})
    number = len(state.get("turns", [])) + 1
    begun = Step(key=f"consult {number}", kind="model", title="consulting the model", detail=deps.model.name)
    async with step(deps.notebook, begun) as progress:
        try:
            found = await _consulted(state, deps, deps.model, number, usage)
        except ModelFailed as failed:
            spent = usage.plus(failed.usage or Usage())
            note = f"{failed} This is the rules' answer."
            found = {"note": note, "usage": spent.model_dump(mode="json")}
            progress.status, progress.detail = "failed", str(failed)
        spent = Usage.model_validate(found["usage"])
        progress.usage = Usage(
            tokens_in=spent.tokens_in - usage.tokens_in, tokens_out=spent.tokens_out - usage.tokens_out
        )
    return found


async def _consulted(state: State, deps: GraphDeps, model: Model, number: int, usage: Usage) -> Json:
    turns = state.get("turns", [])
    case = CaseFile.model_validate(state["case"])
    evidence = await deps.notebook.read(state.get("gathered", []))
    rules = Draft.model_validate(state["rules"])
    exchange = await deps.notebook.recall(number)
    last = number >= deps.limits.model_steps
    if exchange is None:
        exchange, last = await _asked(deps, model, case, evidence, rules, turns, usage)
    if exchange.answer is None:
        raise ModelFailed(exchange.error, exchange.usage)
    try:
        turn, answer = read_turn(exchange.answer, turns, evidence, rules, deps.sources, last=last)
    except ModelFailed as failed:
        raise ModelFailed(str(failed), exchange.usage) from None
    found: Json = {"turns": [*turns, turn], "usage": usage.plus(exchange.usage).model_dump(mode="json")}
    return found if answer is None else {**found, "answer": answer.model_dump(mode="json")}


async def _asked(
    deps: GraphDeps,
    model: Model,
    case: CaseFile,
    evidence: list[Evidence],
    rules: Draft,
    turns: list[Json],
    usage: Usage,
) -> tuple[Exchange, bool]:
    """Reserve · ask · keep. A process that is killed while it asks asks once more; after the answer, never."""
    messages, tools, last = _within_budget(deps, model, case, evidence, rules, turns, usage)
    call = await deps.notebook.reserve(model.name, model.guess(messages, tools).tokens_in)
    if isinstance(call, Refusal):
        raise ModelFailed(call.reason)
    kept: dict[str, Any] = {
        "number": len(turns) + 1,
        "model": model.name,
        "prompt": PROMPT.title,
        "messages": news(messages),
    }
    try:
        async with asyncio.timeout(max(0.0, deps.model_time_left())):
            reply = await model.complete(messages, tools)
    except (ModelFailed, TimeoutError) as failed:
        late = isinstance(failed, TimeoutError)
        spent = model.guess(messages, tools) if late else failed.usage
        why = "The model did not conclude in time." if late else str(failed)
        exchange = Exchange(**kept, error=why, usage=spent or Usage())
    else:
        patterns = [compile_pattern(pattern) for pattern in case.secret_patterns]
        exchange = Exchange(**kept, answer=safe_json(reply.turn, patterns, _LONGEST), usage=reply.usage)
    await deps.notebook.keep(call, exchange)
    return exchange, last


def _within_budget(
    deps: GraphDeps,
    model: Model,
    case: CaseFile,
    evidence: list[Evidence],
    rules: Draft,
    turns: list[Json],
    usage: Usage,
) -> tuple[list[Json], list[Json], bool]:
    """What to send, and whether it is the last step. Raises ModelFailed when steps, tokens, money or time are spent."""
    limits, number = deps.limits, len(turns) + 1
    if number > limits.model_steps:
        raise ModelFailed(f"The model did not conclude within {limits.model_steps} steps.")
    if deps.model_time_left() <= 0:
        raise ModelFailed("The model did not conclude in time.")
    last = number == limits.model_steps
    messages, tools = messages_for(case, evidence, rules, turns, last=last), tools_for(deps.sources.values(), last=last)
    guess = model.guess(messages, tools)
    tokens = usage.tokens_in + usage.tokens_out + guess.tokens_in
    if tokens > limits.model_tokens:
        raise ModelFailed(f"The model did not conclude within {limits.model_tokens:,} tokens.")
    cost = usage.cost_usd + guess.cost_usd
    if cost > limits.model_cost_usd:
        raise ModelFailed(f"The model did not conclude within {limits.model_cost_usd:.2f} USD.")
    if not last and (tokens + guess.tokens_in > limits.model_tokens or cost + guess.cost_usd > limits.model_cost_usd):
        # Another question could not be paid for.
        messages, tools = messages_for(case, evidence, rules, turns, last=True), tools_for((), last=True)
        last = True
    return messages, tools, last
