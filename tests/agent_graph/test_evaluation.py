"""The score on recorded incidents stays where it is, what is broken fails alone, and scoring is what DESIGN says."""

import asyncio
import itertools
import json
import os
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from agent_graph.deps import Ask
from agent_graph.evaluation.recorded import sources_of
from agent_graph.evaluation.run import evaluate
from agent_graph.evaluation.scenario import Expected, load
from agent_graph.evaluation.score import Outcome, why_not, wilson
from backend.action.kinds import Proposal
from backend.cli import build
from backend.errors import Invalid
from backend.investigation.kinds import Citation, Hypothesis, Report
from backend.settings import Settings, load_settings
from tests.fakes.openai import fake_openai, quoting

BOMB = "".join(f"{one}: &{one} [*{two}, *{two}]\n" for two, one in itertools.pairwise("abcdefghijklmnopqrstuvwxyz"))
SCENARIOS = Path(__file__).parents[1] / "scenarios"
HELD_BACK = SCENARIOS / "held_back"
# All of them take some minutes on a machine that does other things, too.
pytestmark = pytest.mark.timeout(900)


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return load_settings(data_dir=tmp_path_factory.mktemp("data"))


@pytest.fixture(scope="module")
def outcome(settings: Settings) -> Outcome:
    """All of them, as `nightdesk eval tests/scenarios` scores them."""
    return evaluate(settings, SCENARIOS, "rules")


def _held_back() -> set[str]:
    """Names of those that nobody looks at while the rules are tuned."""
    return {path.parent.name for path in HELD_BACK.glob("*/scenario.yaml")}


def _rate(outcome: Outcome, *, held_back: bool) -> float:
    names = _held_back()
    chosen = [s for s in outcome.scored if not s.doubtful and (s.name in names) == held_back]
    return sum(s.passed for s in chosen) / len(chosen)


def test_the_cause_is_found_in_nine_of_ten_and_health_raises_no_alarm(outcome: Outcome):
    document = outcome.document()
    assert len(outcome.scored) >= 40
    # No names: who reads why this fails must not read what is held back.
    assert document["incidents"]["rate"] >= 0.9
    assert document["healthy"]["false_alarms"] <= 0.05 * document["healthy"]["n"]


def test_what_was_held_back_is_answered_about_as_well_as_the_rest(outcome: Outcome):
    assert _held_back()
    assert _rate(outcome, held_back=True) >= _rate(outcome, held_back=False) - 0.10


def test_each_takes_less_than_two_seconds(outcome: Outcome, settings: Settings):
    folders = {path.parent.name: path.parent for path in SCENARIOS.rglob("scenario.yaml")}
    for name in (s.name for s in outcome.scored if s.seconds >= 2):
        # On a busy machine a moment's wait says nothing: it has three more tries.
        tries = [evaluate(settings, folders[name], "rules").scored[0].seconds for _ in range(3)]
        assert min(tries) < 2, "one that is held back" if name in _held_back() else name


def test_a_broken_scenario_fails_alone_with_the_reason(settings: Settings, tmp_path: Path):
    for name, files in {
        "no-alert": {"scenario.yaml": "now: 2026-01-01T00:00:00Z", "expected.yaml": "verdict: incident"},
        "no-time": {"scenario.yaml": "now: soon", "expected.yaml": "verdict: incident"},
        "no-verdict": {"scenario.yaml": "now: 2026-01-01T00:00:00Z", "expected.yaml": "verdict: maybe"},
        "no-yaml": {"scenario.yaml": "a: [", "expected.yaml": "verdict: incident"},
        "no-json": {
            "scenario.yaml": "now: 2026-01-01T00:00:00Z",
            "expected.yaml": "verdict: incident",
            "alert.json": "{",
        },
        "of-the-year-1": {"scenario.yaml": "now: 0001-01-01T00:00:00Z", "expected.yaml": "verdict: incident"},
        "yaml-bomb": {"scenario.yaml": "a: &a [x, x]\n" + BOMB, "expected.yaml": "verdict: incident"},
        "yaml-object": {"scenario.yaml": "now: !!python/name:os.system", "expected.yaml": "verdict: incident"},
    }.items():
        (tmp_path / name).mkdir()
        for file, text in files.items():
            (tmp_path / name / file).write_text(text)
    outcome = evaluate(settings, tmp_path, "rules")
    assert [s.passed for s in outcome.scored] == [False] * 8
    assert all("broken" in s.why[0] for s in outcome.scored)


@pytest.mark.timeout(60)
def test_what_is_no_file_of_the_scenario_is_not_read(settings: Settings, tmp_path: Path):
    """A pipe would be waited for, a device never ends, and a link may lead to what is nobody's business."""
    secret = tmp_path / "elsewhere.json"
    secret.write_text('[{"line": "ERROR of somebody else"}]')
    folder = tmp_path / "scenarios" / "one"
    (folder / "kubernetes").mkdir(parents=True)
    for file in ("scenario.yaml", "alert.json"):
        (folder / file).write_text((SCENARIOS / "docker-oom-java" / file).read_text())
    (folder / "expected.yaml").write_text("verdict: inconclusive")
    os.mkfifo(folder / "logs.jsonl")
    (folder / "changes.jsonl").symlink_to("/dev/zero")
    (folder / "metrics.json").symlink_to(secret)
    (folder / "kubernetes" / "pods.json").write_bytes(b"")
    (scored,) = evaluate(settings, folder.parent, "rules").scored
    assert scored.report is not None
    assert scored.passed, scored.why
    assert {"logs.jsonl is not a regular file", "changes.jsonl leads out of the folder"} < set(scored.report.missing)
    assert "metrics.json leads out of the folder" in scored.report.missing


def test_the_one_line_and_the_one_series_are_found_among_very_many(settings: Settings, tmp_path: Path):
    for file in ("scenario.yaml", "expected.yaml", "alert.json"):
        (tmp_path / file).write_text((SCENARIOS / "docker-oom-java" / file).read_text())
    scenario = load(tmp_path)
    at, name = scenario.case.started_at, scenario.case.target.name
    lines = [{"ts": "2020-01-01T00:00:00Z", "labels": {"name": name}, "line": f"INFO {n}"} for n in range(121_000)]
    lines[60_500] |= {"ts": f"{at:%Y-%m-%dT%H:%M:%SZ}", "line": "FATAL ledger: could not renew lease"}
    series = [{"metric": {"name": f"other{n}"}, "values": [[at.timestamp(), "1"]]} for n in range(5_000)]
    series.append(
        {"metric": {"__name__": "container_oom_events_total", "name": name}, "values": [[at.timestamp(), "1"]]}
    )
    many = replace(scenario, logs=lines, metrics=series)
    sources = sources_of(many).present
    ask = Ask(source="loki", what="recorded")
    found = [one for source in ("loki", "prometheus") for one in asyncio.run(sources[source].answer(many.case, ask))]
    said = "\n".join(one.content for one in found)
    assert not [one.error for one in found if one.error]
    assert "FATAL ledger: could not renew lease" in said
    assert name in "\n".join(str(one.data) for one in found if one.kind == "metric")


def test_a_file_that_cannot_be_understood_is_missing_evidence(settings: Settings, tmp_path: Path):
    found = next(SCENARIOS.glob("docker-oom*"))
    for file in ("scenario.yaml", "expected.yaml", "alert.json"):
        (tmp_path / file).write_text((found / file).read_text())
    (tmp_path / "metrics.json").write_text('{"data": 3}')
    (tmp_path / "kubernetes").mkdir()
    (tmp_path / "kubernetes" / "pods.json").write_text('[{"kind": "Pod", "status": "odd"}, 7]')
    (tmp_path / "logs.jsonl").write_text('{"line": "cut o')
    scored = evaluate(settings, tmp_path, "rules").scored[0]
    assert scored.report is not None
    assert scored.report.verdict == "inconclusive"


def test_no_scenario_is_said_in_a_sentence(settings: Settings, tmp_path: Path):
    with pytest.raises(Invalid, match="no scenario"):
        evaluate(settings, tmp_path, "rules")


def test_the_command_prints_json_and_ends_well_whatever_the_score(tmp_path: Path):
    one = str(next(SCENARIOS.glob("docker-oom*")))
    result = CliRunner().invoke(build(), ["eval", one, "--json", "--data-dir", str(tmp_path)])
    assert result.exit_code == 0
    document = json.loads(result.stdout)
    assert {"scenarios", "incidents", "healthy", "analyst", "seconds", "tokens", "cost_usd"} <= set(document)
    assert {"name", "verdict", "category", "root_cause", "action", "passed", "why", "seconds"} <= set(
        document["scenarios"][0]
    )


def _report(**changes: object) -> Report:
    cited = Citation(evidence="E1", quote="State.OOMKilled: true")
    why = Hypothesis(category="oom", statement="killed", confidence="confirmed", analyst="rules", supporting=[cited])
    values = {
        "verdict": "incident",
        "analyst": "rules",
        "category": "oom",
        "root_cause": "web was killed for Memory",
        "confidence": "confirmed",
        "summary": "",
        "hypotheses": [why],
        "proposal": None,
    }
    return Report.model_validate({**values, **changes})


SCORES: dict[str, tuple[dict[str, object], dict[str, object], str | None]] = {
    "right": ({"category": "oom", "required": [["memory"], ["oomkilled", "137"]]}, {}, None),
    "one of several": ({"any_of": ["memory_pressure", "oom"]}, {}, None),
    "numbers and single words": (
        {"category": "oom", "required": [[137, "memory"], "oomkilled"], "any_of": None},
        {},
        None,
    ),
    "another verdict": ({"category": "oom"}, {"verdict": "inconclusive"}, "verdict"),
    "another category": ({"category": "app_crash"}, {}, "category oom, expected app_crash"),
    "a forbidden category": ({"forbidden": ["oom"]}, {}, "forbidden"),
    "a word is missing": ({"required": [["heap"]]}, {}, "says nothing of heap"),
    "no action where one is needed": ({"acceptable_actions": ["docker.start_container"]}, {}, "action none"),
    "none is right, too": ({"acceptable_actions": ["docker.start_container", "none"]}, {}, None),
    "a forbidden action": (
        {"forbidden_actions": ["docker.prune"]},
        {"proposal": Proposal(kind="docker.prune", params={}, target="x", rationale="", evidence=[])},
        "action docker.prune is forbidden",
    ),
}


@pytest.mark.parametrize("name", SCORES)
def test_scoring(name: str):
    wanted, changes, why = SCORES[name]
    found = why_not(Expected.model_validate({"verdict": "incident", **wanted}), _report(**changes))
    assert (why is None) == (not found)
    assert why is None or why in found[0]


def test_the_interval_is_wilsons():
    assert wilson(0, 0) == [0.0, 1.0]
    assert wilson(9, 10) == pytest.approx([0.5958, 0.9821], abs=1e-3)


def test_a_model_is_evaluated_at_its_wire_and_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    one = next(SCENARIOS.glob("docker-oom-java"))
    with fake_openai() as model:
        model.turns = [quoting("oom", "The kernel killed it for memory: OOMKilled.", "State.OOMKilled: true")]
        monkeypatch.setenv("OPENAI_API_KEY", "sk-test-0123456789abcdef")
        monkeypatch.setenv("OPENAI_BASE_URL", f"{model.url}/v1")
        command = ["eval", str(one), "--analyst", "llm", "--json", "--data-dir", str(tmp_path)]
        result = CliRunner().invoke(build(), command)
    assert result.exit_code == 0, result.output
    document = json.loads(result.stdout)
    assert (document["analyst"], document["scenarios"][0]["category"]) == ("llm", "oom")
    assert document["scenarios"][0]["root_cause"] == "The kernel killed it for memory: OOMKilled."
    assert document["tokens"] == 1_100 * len(model.requests)
