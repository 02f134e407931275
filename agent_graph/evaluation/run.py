"""nightdesk eval: every scenario of a folder through the graph, without a database, and what came of it."""

import asyncio
import time
from contextlib import AsyncExitStack
from pathlib import Path

from agent_graph.analysts.llm.client import open_model
from agent_graph.deps import Model
from agent_graph.evaluation.notebook import MemoryNotebook
from agent_graph.evaluation.reading import BrokenScenario
from agent_graph.evaluation.recorded import sources_of
from agent_graph.evaluation.scenario import find, load
from agent_graph.evaluation.score import Outcome, Scored, why_not
from agent_graph.evaluation.table import render
from agent_graph.investigator import Investigator
from backend.errors import Invalid
from backend.settings import Settings


def evaluate(settings: Settings, folder: Path, analyst: str) -> Outcome:
    """Runs everything below `folder`. Raises Invalid where there is nothing to run, or no model to run it with."""
    folders = find(folder) if folder.is_dir() else []
    if not folders:
        raise Invalid(f"There is no scenario (a folder with scenario.yaml) in {folder}.")
    return asyncio.run(_evaluate(settings, folders, analyst))


def printed(outcome: Outcome) -> str:
    """The result for a terminal, and for docs/evaluation.md."""
    return render(outcome.document())


async def _evaluate(settings: Settings, folders: list[Path], analyst: str) -> Outcome:
    began = time.monotonic()
    async with AsyncExitStack() as stack:
        model = await open_model(settings, stack) if analyst == "llm" else None
        if analyst == "llm" and model is None:
            raise Invalid("There is no model: set OPENAI_API_KEY or OPENAI_BASE_URL, or use --analyst rules.")
        scored = [await _one(settings, path, model) for path in folders]
    return Outcome(analyst, scored, time.monotonic() - began)


async def _one(settings: Settings, path: Path, model: Model | None) -> Scored:
    """A scenario that is broken, or breaks us, has failed; the others go on."""
    began = time.monotonic()
    try:
        scenario = load(path)
    except BrokenScenario as broken:
        return Scored(path.name, None, None, [f"the scenario is broken: {broken}"], time.monotonic() - began)
    try:
        investigator = Investigator(settings, sources_of(scenario), model)
        report = await investigator.investigate(scenario.case, MemoryNotebook(), None)
    except Exception as error:
        why = f"the investigation broke: {type(error).__name__}: {error}"
        return Scored(scenario.name, scenario.expected, None, [why[:300]], time.monotonic() - began)
    return Scored(
        scenario.name, scenario.expected, report, why_not(scenario.expected, report), time.monotonic() - began
    )
