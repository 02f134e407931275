"""Chooses a remedy that can help, on something that exists, within the incident; or says why there is none."""

from langgraph.runtime import Runtime

from agent_graph.analysts.rules.remedies import remedy
from agent_graph.conclusion import Draft
from agent_graph.deps import GraphDeps
from agent_graph.nodes.steps import step
from agent_graph.safety.proposal import guard
from agent_graph.state import Json, State
from backend.investigation.kinds import CaseFile, Proposal, Step


async def propose(state: State, runtime: Runtime[GraphDeps]) -> Json:
    """A model may choose among what the rules allow; its wording is not taken over."""
    deps = runtime.context
    begun = Step(key="propose", kind="node", title="looking for a safe remedy")
    async with step(deps.notebook, begun) as progress:
        found = await _proposal(state, deps)
        progress.detail = found["proposal"]["kind"] if found["proposal"] else found["no_proposal"]
    return found


async def _proposal(state: State, deps: GraphDeps) -> Json:
    case = CaseFile.model_validate(state["case"])
    evidence = await deps.notebook.read(state.get("gathered", []))
    draft = Draft.model_validate(state["answer"])
    chosen = remedy(case, draft, evidence, wish=draft.wish)
    if isinstance(chosen, Proposal):
        refused = guard(chosen, case, evidence)
        if refused is not None:
            return {"proposal": None, "no_proposal": refused.reason}
        return {"proposal": chosen.model_dump(mode="json"), "no_proposal": ""}
    return {"proposal": None, "no_proposal": chosen.reason}
