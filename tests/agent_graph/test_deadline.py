"""A source that never answers and a model that never does: the others' answers count, and what was silent is named."""

import asyncio
from collections.abc import Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest

from agent_graph.analysts.llm.client import open_model
from agent_graph.deps import Ask, Tool
from agent_graph.evaluation.notebook import MemoryNotebook
from agent_graph.evaluation.recorded import sources_of
from agent_graph.evaluation.scenario import load
from agent_graph.investigator import Investigator
from agent_graph.sources.registry import Sources
from backend.investigation.kinds import CaseFile, Evidence, Step
from backend.settings import load_settings
from tests.fakes.openai import fake_openai

SCENARIO = Path(__file__).parents[1] / "scenarios" / "docker-oom-java"


class Silent:
    """Forgets to watch the clock."""

    name = "silent"
    tools: Sequence[Tool] = ()

    def first(self, case: CaseFile) -> list[Ask]:
        return [Ask(source="silent", what="well")]

    def wider(self, case: CaseFile) -> list[Ask]:
        return []

    async def answer(self, case: CaseFile, ask: Ask) -> list[Evidence]:
        await asyncio.Event().wait()
        return []


class Stuck(MemoryNotebook):
    """Cannot be written to once the rules begin to think."""

    async def note(self, *noted: Step) -> None:
        if noted and noted[0].key.startswith("analyse"):
            await asyncio.Event().wait()


@pytest.mark.parametrize(("notebook", "seconds", "model_seconds"), [(MemoryNotebook, 4.0, 60.0), (Stuck, 0.1, 0.5)])
async def test_it_ends_in_time_with_what_it_has_and_says_what_it_lacks(
    tmp_path: Path, notebook: type[MemoryNotebook], seconds: float, model_seconds: float
):
    scenario = load(SCENARIO)
    found = sources_of(scenario)
    sources = Sources({**found.present, "silent": Silent()}, found.absent)
    times: dict[str, Any] = {"investigation_timeout_seconds": seconds, "llm_total_timeout_seconds": model_seconds}
    async with AsyncExitStack() as stack:
        model = stack.enter_context(fake_openai())
        model.slow_seconds, model.turns = 5.0, ["never heard"]
        settings = load_settings(data_dir=tmp_path, openai_base_url=model.url, llm_timeout_seconds=0.5, **times)
        asked = await open_model(settings, stack)
        report = await Investigator(settings, sources, asked).investigate(scenario.case, notebook(), None)
    assert (report.analyst, report.verdict, report.category) == ("rules", "incident", "oom")
    assert "silent well: did not answer within 1 s" in report.missing
    in_haste = "time: the investigation was ended at its deadline" in report.missing
    assert in_haste == (notebook is Stuck)
    assert in_haste or "in time" in report.analyst_note
