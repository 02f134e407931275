"""Drops every quote that is not in its evidence and every claim left without one."""

import asyncio

from langgraph.runtime import Runtime

from agent_graph.analysts.rules.confidence import settle
from agent_graph.conclusion import Draft
from agent_graph.deps import GraphDeps
from agent_graph.nodes.steps import step
from agent_graph.safety.claims import verify_claims as verified
from agent_graph.state import Json, State
from backend.investigation.kinds import Evidence, Step


async def verify_claims(state: State, runtime: Runtime[GraphDeps]) -> Json:
    """Only what the stored evidence says goes on."""
    deps = runtime.context
    begun = Step(key="verify_claims", kind="node", title="checking every quote, number, time and name")
    async with step(deps.notebook, begun) as progress:
        evidence = await deps.notebook.read(state.get("gathered", []))
        found = await asyncio.to_thread(checked, state, evidence)
        dropped: int = found["dropped"]
        progress.detail = f"{dropped} dropped" if dropped else "all stand"
    return found


def checked(state: State, evidence: list[Evidence]) -> Json:
    """A model whose leading claim does not stand loses to the rules, and the note says so."""
    by_label = {found.label: found for found in evidence}
    rules = Draft.model_validate(state["rules"])
    draft = Draft.model_validate(state.get("answer") or state["rules"])
    found = verified(draft.hypotheses, by_label)
    settled = settle(draft, found.hypotheses, by_label, rules)
    note, dropped = state.get("note", ""), found.dropped
    if settled is None:
        note = "The model's conclusion was not supported by the evidence it cited; this is the rules' answer."
        found = verified(rules.hypotheses, by_label)
        settled = settle(rules, found.hypotheses, by_label, rules) or rules
        dropped += found.dropped
    return {"answer": settled.model_dump(mode="json"), "dropped": dropped, "note": note}
