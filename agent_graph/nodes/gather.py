"""One branch of the fan-out: puts its questions to one source and stores the answers."""

import asyncio

from langgraph.runtime import Runtime

from agent_graph.deps import Ask, GraphDeps
from agent_graph.safety.evidence import sanitize
from agent_graph.state import Branch, Json
from backend.investigation.kinds import CaseFile, Evidence

READING = {
    "alert": "reading the alerts",
    "docker": "reading container state and logs",
    "log_file": "reading the log file",
    "loki": "reading logs from Loki",
    "monitor_history": "reading the monitor's history",
    "prometheus": "reading metrics from Prometheus",
}


async def gather(state: Branch, runtime: Runtime[GraphDeps]) -> Json:
    """Never fails because of a source: what did not answer is evidence that says so."""
    deps = runtime.context
    await deps.notebook.step(READING.get(state["source"], f"asking {state['source']}"))
    case = CaseFile.model_validate(state["case"])
    asks = [Ask.model_validate(ask) for ask in state["asks"]]
    stored = await answer(deps, case, asks)
    return {
        "gathered": [found.label for found in stored],
        "missing": [f"{found.title}: {found.error}" for found in stored if found.error],
    }


async def answer(deps: GraphDeps, case: CaseFile, asks: list[Ask]) -> list[Evidence]:
    """Asks everything at once, stores the answers in the order of the questions."""
    answers = await asyncio.gather(*(_ask(deps, case, ask) for ask in asks))
    return await deps.notebook.add([sanitize(found) for answer in answers for found in answer])


async def _ask(deps: GraphDeps, case: CaseFile, ask: Ask) -> list[Evidence]:
    source = deps.sources.get(ask.source)
    if source is None:
        return []
    try:
        return await source.answer(case, ask)
    except Exception as error:
        # A defect of the source, not of the world it looks at: still no reason to lose the investigation.
        reason = f"could not be read ({type(error).__name__})"
        title = f"{ask.source} {ask.what}"
        return [Evidence(source=ask.source, kind="event", title=title, query=str(ask.args), error=reason)]
