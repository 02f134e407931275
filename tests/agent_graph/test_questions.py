"""A source that fails over a case before it is asked takes nothing from the others, and the report names it."""

from collections.abc import Sequence
from dataclasses import dataclass

import pytest

from agent_graph.deps import Ask, Tool
from agent_graph.evaluation.notebook import MemoryNotebook
from agent_graph.investigator import Investigator
from agent_graph.sources.registry import Sources
from backend.investigation.kinds import CaseFile, Evidence
from backend.settings import Settings
from tests.agent_graph.cases import case, container
from tests.agent_graph.test_worker import Scripted


@dataclass
class Broken:
    """Fails over what `fails` names: its first questions, or its wider ones."""

    fails: str
    name: str = "prometheus"
    tools: Sequence[Tool] = ()

    def first(self, case: CaseFile) -> list[Ask]:
        return self._none("first")

    def wider(self, case: CaseFile) -> list[Ask]:
        return self._none("wider")

    def _none(self, which: str) -> list[Ask]:
        if which == self.fails:
            raise ValueError("Invalid IPv6 URL")
        return []

    async def answer(self, case: CaseFile, ask: Ask) -> list[Evidence]:
        return []


@pytest.mark.parametrize("fails", ["first", "wider"])
async def test_a_source_that_cannot_say_what_to_ask_is_named_and_the_others_answer(fails: str):
    docker, notebook = Scripted("docker", [container(Running=True)]), MemoryNotebook()
    sources = Sources({"prometheus": Broken(fails), "docker": docker}, ["Loki: not configured"])
    investigator = Investigator(Settings(_env_file=None), sources, None)  # pyright: ignore[reportCallIssue]
    report = await investigator.investigate(case(), notebook, None)
    assert docker.asked
    assert report.verdict == "inconclusive"
    said = "Questions of prometheus: could not say what to ask (ValueError)"
    assert sorted(report.missing) == ["Loki: not configured", said]
    assert [found.error for found in notebook.kept if found.source == "prometheus"] == [said.partition(": ")[2]]
