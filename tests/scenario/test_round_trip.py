"""What was recorded, investigated, exported and replayed is judged as it was the first time; and nobody is named."""

import asyncio
import io
import zipfile
from pathlib import Path
from typing import Any

import pytest
import yaml

from agent_graph.evaluation.notebook import MemoryNotebook
from agent_graph.evaluation.recorded import sources_of
from agent_graph.evaluation.run import evaluate
from agent_graph.evaluation.scenario import Scenario, find, load
from agent_graph.investigator import Investigator
from agent_graph.sources.signs import when
from backend.investigation.kinds import CaseFile, ChangeFact, Evidence, Report
from backend.scenario.files import files_of, zipped
from backend.scenario.kinds import Outcome, Record, Remedy
from backend.settings import Settings, load_settings

SCENARIOS = Path(__file__).parents[1] / "scenarios"


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return load_settings(data_dir=tmp_path_factory.mktemp("data"))


async def _investigated(settings: Settings, scenario: Scenario) -> tuple[Report, list[Evidence]]:
    notebook = MemoryNotebook()
    report = await Investigator(settings, sources_of(scenario), None).investigate(scenario.case, notebook, None)
    return report, notebook.kept


def _files(case: CaseFile, report: Report, evidence: list[Evidence], **privacy: list[str]) -> dict[str, str]:
    said = Outcome(report.verdict, report.category, report.root_cause, by_person=False, remedy=None)
    return files_of(Record(case, evidence, said, **({"patterns": [], "people": []} | privacy)))


def _registered(scenario: Scenario) -> CaseFile:
    """The case as an instance has it, in whose database the changes were registered."""
    rows = [(when(row.get("ts") or row.get("at")), row) for row in scenario.changes or []]
    changes = [
        ChangeFact(at=at, **{name: str(row.get(name) or "") for name in ("kind", "target", "summary")})
        for at, row in rows
        if at is not None
    ]
    return scenario.case.model_copy(update={"changes": changes})


def test_what_was_recorded_is_judged_alike_when_its_export_is_replayed(settings: Settings, tmp_path: Path):
    first: dict[str, tuple[str, str]] = {}
    # Each is investigated twice: some are enough.
    for folder in find(SCENARIOS)[::33]:
        scenario = load(folder)
        report, evidence = asyncio.run(_investigated(settings, scenario))
        first[scenario.name] = report.verdict, report.category
        archive = zipped(_files(_registered(scenario), report, evidence), scenario.name)
        zipfile.ZipFile(io.BytesIO(archive)).extractall(tmp_path)
    scored = evaluate(settings, tmp_path, "rules").scored
    assert len(first) >= 40
    assert {s.name for s in scored} == set(first)
    # An export has the lines that were kept, not all of them: how often something was said before can be lost. Of
    # every fourth scenario, one in fifty was judged otherwise for that; a sample may hold twice as many.
    other = {s.name: s.why for s in scored if s.report and (s.report.verdict, s.report.category) != first[s.name]}
    assert len(other) <= len(first) // 25, other
    assert not [(s.name, s.why) for s in scored if s.why and s.name not in other]


async def test_the_same_incident_gives_the_same_bytes_and_only_files_of_what_was_found(settings: Settings):
    scenario = load(SCENARIOS / "monitor-dns-gone")
    report, evidence = await _investigated(settings, scenario)
    once, again = (zipped(_files(scenario.case, report, evidence), "x") for _ in range(2))
    assert once == again
    names = {name.removeprefix("x/") for name in zipfile.ZipFile(io.BytesIO(once)).namelist()}
    assert names == {"scenario.yaml", "monitor.json", "logs.jsonl", "expected.yaml"}


async def test_nobody_and_no_secret_is_named_in_any_file(settings: Settings):
    scenario = load(SCENARIOS / "docker-crashloop-config")
    report, evidence = await _investigated(settings, scenario)
    said = f"Olivia Smith told olivia.smith+pager@example.org of ACME-481516, {'pass'}word=hunter2-{'x' * 8}"
    change = ChangeFact(at=scenario.case.started_at, kind="deploy", target="web", summary=said, by="Ben Carter")
    alert = scenario.case.alerts[0].model_copy(update={"annotations": {"summary": said, "api_key": "of-the-team-9"}})
    alert = alert.model_copy(update={"labels": {**alert.labels, "api_token": "of-the-team-9"}})
    case = scenario.case.model_copy(update={"changes": [change], "alerts": [alert], "title": said})
    found = [one.model_copy(update={"content": f"{one.content}\n{said}", "summary": said}) for one in evidence]
    told = report.model_copy(update={"root_cause": said})
    files = _files(case, told, found, patterns=[r"ACME-\d{6}"], people=["Olivia Smith", "Ben Carter", "Al"])
    for path, text in files.items():
        for secret in ("Olivia", "olivia", "example.org", "481516", "hunter2", "of-the-team-9", "Ben Carter"):
            assert secret not in text, (path, secret)
    assert "[person] told [e-mail] of [redacted]" in files["changes.jsonl"]


@pytest.mark.parametrize(
    ("outcome", "wanted"),
    [
        (
            Outcome("incident", "oom", "Too little memory.", True, Remedy("docker.restart_container", True)),
            {"category": "oom", "stated_by": "a person", "acceptable_actions": ["docker.restart_container"]},
        ),
        (
            Outcome("incident", "oom", None, False, Remedy("docker.restart_container", False)),
            {"executed": {"action": "docker.restart_container", "worked": False}, "stated_by": "the agent"},
        ),
        (Outcome("not_an_incident", "healthy", None, False, None), {"acceptable_actions": ["none"]}),
    ],
)
def test_what_is_expected_is_what_it_was_and_asks_for_a_review(outcome: Outcome, wanted: dict[str, Any]):
    case = load(SCENARIOS / "docker-oom-java").case
    text = files_of(Record(case, [], outcome, [], []))["expected.yaml"]
    expected = yaml.safe_load(text)
    assert "# " in text.partition("Review it")[0]
    assert {key: expected.get(key) for key in wanted} == wanted
    assert expected["verdict"] == outcome.verdict
    assert ("acceptable_actions" in expected) == ("acceptable_actions" in wanted)
