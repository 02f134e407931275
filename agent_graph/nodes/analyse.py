"""The rules read everything gathered so far and rank the explanations."""

import asyncio
from collections.abc import Sequence

from langgraph.runtime import Runtime

from agent_graph.analysts.rules.analyst import analyse as conclude
from agent_graph.analysts.rules.experience.opinion import learned
from agent_graph.conclusion import Draft
from agent_graph.deps import GraphDeps
from agent_graph.nodes.questions import questions
from agent_graph.nodes.steps import step
from agent_graph.sources.asking import window
from agent_graph.state import Json, State
from backend.investigation.kinds import CaseFile, Evidence, Step


async def analyse(state: State, runtime: Runtime[GraphDeps]) -> Json:
    """The draft, and what to ask next if it explains too little (the first time, with a wider look everywhere)."""
    deps = runtime.context
    number = state.get("rounds", 0) + 1
    case = CaseFile.model_validate(state["case"])
    begun = Step(key=f"analyse {number}", kind="node", title="weighing the explanations")
    async with step(deps.notebook, begun) as progress:
        evidence = await deps.notebook.read(state.get("gathered", []))
        draft = await asyncio.to_thread(conclude, case, evidence, learned())
        progress.detail = f"{draft.category}, {draft.confidence}, of {len(draft.hypotheses)} explanations"
    asked = state.get("asked", [])
    widen = draft.verdict == "inconclusive" or draft.unsettled or _began_unseen(case, draft, evidence)
    wider, failed = questions(deps.sources.values() if widen else (), lambda source: source.wider(case))
    wanted = [*draft.wanted, *wider]
    asks = [ask for ask in (a.model_dump(mode="json") for a in wanted if a.source in deps.sources) if ask not in asked]
    stored = await deps.notebook.add(failed)
    return {
        "rules": draft.model_dump(mode="json"),
        "rounds": number,
        "asks": asks,
        "asked": [*asked, *asks],
        "gathered": [found.label for found in stored],
        "missing": [f"{found.title}: {found.error}" for found in stored],
    }


def _began_unseen(case: CaseFile, draft: Draft, evidence: Sequence[Evidence]) -> bool:
    """Had what the leading explanation rests on turned before the fetched logs begin?"""
    rests_on = {
        cite.evidence for hypothesis in draft.hypotheses[:1] for cite in hypothesis.supporting if not cite.beside
    }
    decisive = [found for found in evidence if found.label in rests_on]
    heard = any(found.kind == "log" and found.data.get("own") is not False for found in decisive)
    # Good news whose reason is known needs no other.
    known = draft.verdict == "not_an_incident" and any(found.source == "changes" for found in decisive)
    if heard or known or draft.verdict == "inconclusive":
        return False
    turned = [found.data.get("change_at") for found in decisive if found.kind == "metric"]
    return any(at < window(case)[0].timestamp() for at in turned if isinstance(at, int | float))
