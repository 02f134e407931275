"""Drops every quote that is not in its evidence, every detail that nothing shows, every claim left without proof."""

import asyncio
from collections.abc import Sequence

from langgraph.runtime import Runtime

from agent_graph.analysts.rules.confidence import settle
from agent_graph.conclusion import Draft
from agent_graph.deps import GraphDeps
from agent_graph.nodes.steps import step
from agent_graph.safety.claims import proven
from agent_graph.safety.claims import verify_claims as verified
from agent_graph.safety.details import facts_of
from agent_graph.state import Json, State
from backend.investigation.kinds import CaseFile, Evidence, Hypothesis, Step

_MOST_HYPOTHESES = 8
_CHECK = "Look at the evidence that it cites, and for what it cannot explain."


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
    """A model whose leading claim does not stand, or denies what is proven, loses to the rules; the note says so."""
    by_label = {found.label: found for found in evidence}
    rules = Draft.model_validate(state["rules"])
    draft = Draft.model_validate(state.get("answer") or state["rules"])
    ours = verified(rules.hypotheses, by_label)
    settled = settle(rules, ours.hypotheses, by_label, rules) or rules
    if draft.analyst == "rules":
        return {"answer": settled.model_dump(mode="json"), "dropped": ours.dropped, "note": state.get("note", "")}
    facts = facts_of(CaseFile.model_validate(state["case"]), evidence)
    theirs = verified(draft.hypotheses, by_label, facts)
    claims = [_with_both_sides(claim, ours.hypotheses) for claim in theirs.hypotheses]
    summary, untrue = proven(draft.summary, facts)
    cause = proven(draft.root_cause, facts)[0]
    told = draft.model_copy(update={"summary": summary, "reasoning": summary, "root_cause": cause})
    answer = settle(told, claims, by_label, settled)
    note = state.get("note", "")
    if answer is None:
        note = _why_not(claims)
        answer = settled.model_copy(update={"hypotheses": [*settled.hypotheses, *_beside(settled, claims)]})
    answer = _told(answer)
    dropped = theirs.dropped + untrue + ours.dropped
    return {"answer": answer.model_dump(mode="json"), "dropped": dropped, "note": note}


def _with_both_sides(claim: Hypothesis, ours: Sequence[Hypothesis]) -> Hypothesis:
    """What the rules found against the same explanation stays said, and so does the cheapest check."""
    same = next((other for other in ours if other.category == claim.category), None)
    if same is None:
        return claim if claim.disproof else claim.model_copy(update={"disproof": _CHECK})
    known = {(c.evidence, c.quote) for c in claim.contradicting}
    against = [*claim.contradicting, *(c for c in same.contradicting if (c.evidence, c.quote) not in known)]
    disproof = claim.disproof or same.disproof or _CHECK
    return claim.model_copy(update={"contradicting": against, "disproof": disproof})


def _beside(settled: Draft, claims: Sequence[Hypothesis]) -> list[Hypothesis]:
    """What the model thought and could prove, as one more possibility."""
    known = {hypothesis.category for hypothesis in settled.hypotheses}
    left = _MOST_HYPOTHESES - len(settled.hypotheses)
    others = [claim for claim in claims if claim.category not in known and claim.category != "healthy"]
    return [claim.model_copy(update={"confidence": "possible"}) for claim in others[: max(0, left)]]


def _why_not(claims: Sequence[Hypothesis]) -> str:
    if not claims:
        return "The model's conclusion was not supported by the evidence it cited; this is the rules' answer."
    return "The model's conclusion contradicts what is proven; this is the rules' answer, the model's stands beside it."


def _told(answer: Draft) -> Draft:
    """A summary of which nothing was left is the cause itself."""
    return answer if answer.summary else answer.model_copy(update={"summary": answer.root_cause})
