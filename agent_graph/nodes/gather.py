"""One branch of the fan-out: puts its questions to one source and stores the answers."""

import asyncio
from collections.abc import Sequence

from langgraph.runtime import Runtime

from agent_graph.deps import Ask, GraphDeps
from agent_graph.nodes.steps import step
from agent_graph.routing import LAST_SECONDS
from agent_graph.safety.evidence import sanitize
from agent_graph.state import Branch, Json
from backend.investigation.kinds import CaseFile, Evidence, Step
from backend.redaction.patterns import compile_pattern

_LONGEST_SECONDS = 30.0

READING = {
    "alert": "reading the alerts",
    "changes": "reading what was changed before",
    "docker": "reading container state and logs",
    "kubernetes": "looking at pods, events, logs and rollouts in the cluster",
    "log_file": "reading the log file",
    "loki": "reading logs from Loki",
    "monitor_history": "reading the monitor's history",
    "postgres": "looking at sessions and locks of PostgreSQL",
    "prometheus": "reading metrics from Prometheus",
    "runbooks": "looking for runbooks that fit",
    "similar": "looking for similar past incidents",
}


async def gather(state: Branch, runtime: Runtime[GraphDeps]) -> Json:
    """Never fails because of a source: what did not answer is evidence that says so."""
    deps = runtime.context
    source, number = state["source"], state.get("round", 1)
    case = CaseFile.model_validate(state["case"])
    asks = [Ask.model_validate(ask) for ask in state["asks"]]
    again = f" {number}" if number > 1 else ""
    begun = Step(key=f"gather {source}{again}", kind="source", title=READING.get(source, f"asking {source}"))
    async with step(deps.notebook, begun) as progress:
        stored = await answer(deps, case, asks)
        progress.detail = told(stored)
        if stored and all(found.error for found in stored):
            progress.status = "failed"
    return {
        "gathered": [found.label for found in stored],
        "missing": [f"{found.title}: {found.error}" for found in stored if found.error],
    }


def told(stored: Sequence[Evidence]) -> str:
    """What came of the questions, in a line."""
    good = [found.label for found in stored if not found.error]
    errors = [f"{found.title}: {found.error}" for found in stored if found.error]
    return "; ".join([", ".join(good), *errors] if good else errors) or "nothing"


async def answer(deps: GraphDeps, case: CaseFile, asks: list[Ask]) -> list[Evidence]:
    """Asks everything at once, stores the answers in the order of the questions."""
    answers = await asyncio.gather(*(_ask(deps, case, ask) for ask in asks))
    found = [evidence for answer in answers for evidence in answer]
    return await deps.notebook.add(await asyncio.to_thread(_sanitized, found, case))


def _sanitized(found: Sequence[Evidence], case: CaseFile) -> list[Evidence]:
    patterns = [compile_pattern(pattern) for pattern in case.secret_patterns]
    return [sanitize(evidence, patterns) for evidence in found]


async def _ask(deps: GraphDeps, case: CaseFile, ask: Ask) -> list[Evidence]:
    source = deps.sources.get(ask.source)
    if source is None:
        return []
    seconds = _seconds(deps)
    try:
        async with asyncio.timeout(seconds):
            return await source.answer(case, ask)
    except TimeoutError:
        # Sources watch the clock themselves; one that forgets to must not take the others' answers with it.
        reason = f"did not answer within {seconds:.0f} s"
    except Exception as error:
        # A defect of the source, not of the world it looks at: still no reason to lose the investigation.
        reason = f"could not be read ({type(error).__name__})"
    title = f"{ask.source} {ask.what}"
    return [Evidence(source=ask.source, kind="event", title=title, query=str(ask.args), error=reason)]


def _seconds(deps: GraphDeps) -> float:
    """What one question may take, so that there is time left to conclude from the other answers."""
    left = max(deps.time_left(), deps.model_time_left()) - LAST_SECONDS
    first = deps.time_left() - LAST_SECONDS
    return min(_LONGEST_SECONDS, max(1.0, first if first > 0 else left))
