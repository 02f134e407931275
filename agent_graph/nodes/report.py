"""Puts the checked conclusion into the report that is recorded."""

from langgraph.runtime import Runtime

from agent_graph.conclusion import Draft
from agent_graph.deps import GraphDeps
from agent_graph.nodes.steps import step
from agent_graph.state import Json, State
from backend.investigation.kinds import Proposal, Report, Step, Usage


async def report(state: State, runtime: Runtime[GraphDeps]) -> Json:
    """The last node; recording is done outside the graph, once."""
    begun = Step(key="report", kind="node", title="writing the report")
    async with step(runtime.context.notebook, begun) as progress:
        written = compose(state)
        progress.detail = f"{written.verdict}: {written.category}"
    return {"report": written.model_dump(mode="json")}


def compose(state: State) -> Report:
    """The report of a state whose answer has been checked."""
    draft = Draft.model_validate(state["answer"])
    proposal = state.get("proposal")
    refusal = state.get("no_proposal", "")
    summary = f"{draft.summary} {refusal}".strip() if refusal and draft.verdict == "incident" else draft.summary
    return Report(
        verdict=draft.verdict,
        analyst=draft.analyst,
        category=draft.category,
        root_cause=draft.root_cause,
        confidence=draft.confidence,
        summary=summary,
        hypotheses=draft.hypotheses,
        proposal=Proposal.model_validate(proposal) if proposal else None,
        missing=state.get("missing", []),
        dropped_claims=state.get("dropped", 0),
        reasoning=draft.reasoning,
        usage=Usage.model_validate(state.get("usage") or {}),
        analyst_note=state.get("note", ""),
    )
