"""The model on top of the rules: it may help, it must quote, and whatever it does the investigation ends well."""

import json
import subprocess
import sys
from collections.abc import AsyncGenerator, Generator
from typing import Any

import pytest
from pydantic import SecretStr

from agent_graph.worker import Parts, investigate
from backend.deps import Deps
from tests.agent_graph import stage
from tests.agent_graph.test_worker import crashed, with_sources
from tests.fakes.openai import OpenAI, call, conclude, fake_openai, quoting

LINE = "FATAL giving up: ValueError: bad order 7"


@pytest.fixture
def model() -> Generator[OpenAI]:
    with fake_openai() as fake:
        yield fake


@pytest.fixture
async def agent(deps: Deps, model: OpenAI) -> AsyncGenerator[tuple[Deps, Parts]]:
    settings: dict[str, Any] = {
        "docker_host": "unix:///nowhere",
        "openai_api_key": SecretStr("sk-test-0123456789abcdef"),
        "openai_base_url": f"{model.url}/v1",
        "llm_timeout_seconds": 1.0,
        "llm_total_timeout_seconds": 8.0,
    }
    async with stage.agent(deps, **settings) as (own, parts):
        yield own, with_sources(parts, crashed())


async def run(agent: tuple[Deps, Parts]) -> dict[str, Any]:
    deps, parts = agent
    incident_id = await stage.open_incident(deps)
    await investigate(deps, incident_id=str(incident_id), parts=parts)
    return (await stage.rows(deps, "select report from investigations"))[0].report


async def test_a_quoted_conclusion_of_the_model_stands(agent: tuple[Deps, Parts], model: OpenAI):
    model.turns = [quoting("app_crash", "A bad order crashed the process.", LINE)]
    report = await run(agent)
    assert (report["analyst"], report["category"], report["confidence"]) == ("llm", "app_crash", "confirmed")
    assert report["root_cause"] == "A bad order crashed the process."
    counted = {"model": "gpt-5-mini", "tokens_in": 1000, "tokens_out": 100, "calls": 1}
    assert report["usage"] == {**counted, "cost_usd": 0.00045, "estimated": False}


async def test_it_may_ask_read_only_questions_first(agent: tuple[Deps, Parts], model: OpenAI):
    model.turns = [
        call("docker_inspect", {"container": "web"}),
        quoting("app_crash", "A bad order crashed the process.", "status: exited"),
    ]
    report = await run(agent)
    assert report["analyst"] == "llm"
    answer = next(m for m in model.requests[1].json["messages"] if m["role"] == "tool")
    assert '"label":"E3"' in answer["content"]


@pytest.mark.parametrize(
    ("quote", "why"),
    [
        (("E2", "the database was deleted by Bob"), "not supported"),
        (("E9", LINE), "not supported"),
        (("E2", "o"), "not supported"),
    ],
)
async def test_a_conclusion_without_a_true_quote_is_dropped(
    agent: tuple[Deps, Parts], model: OpenAI, quote: tuple[str, str], why: str
):
    model.turns = [conclude("dependency_failure", "The database was deleted.", quote)]
    report = await run(agent)
    assert (report["analyst"], report["category"]) == ("rules", "app_crash")
    assert why in report["analyst_note"]
    assert report["dropped_claims"] >= 2


async def test_a_verified_contradiction_is_not_outranked(agent: tuple[Deps, Parts], model: OpenAI):
    model.turns = [conclude("healthy", "All is well.", ("E2", "INFO serving"), verdict="not_an_incident")]
    report = await run(agent)
    assert (report["analyst"], report["verdict"]) == ("rules", "incident")


FAILURES: dict[str, tuple[dict[str, Any], str]] = {
    "429": ({"statuses": [429, 429]}, "429"),
    "500": ({"statuses": [500, 500]}, "500"),
    "401": ({"statuses": [401]}, "401"),
    "garbage": ({"garbage": True}, "gave an answer that is none"),
    "time-out": ({"slow_seconds": 3.0}, "in time"),
    "refusal": ({"turns": [{"refusal": "I cannot help with that."}]}, "refused"),
    "prose, twice": ({"turns": ["It was the butler."]}, "required form"),
    "broken JSON, twice": ({"turns": [call("conclude", '{"verdict": "incident", ')]}, "required form"),
    "a category of its own, twice": ({"turns": [conclude("aliens", "They came.", ("E2", LINE))]}, "required form"),
    "asks for ever": ({"turns": [call("docker_inspect", {"container": "web"})]}, "6 steps"),
    "an unknown tool for ever": ({"turns": [call("rm_rf", {})]}, "6 steps"),
}


@pytest.mark.parametrize("name", FAILURES)
async def test_whatever_goes_wrong_the_rules_answer_and_the_note_says_why(
    agent: tuple[Deps, Parts], model: OpenAI, name: str
):
    switches, why = FAILURES[name]
    model.turns = ["never said"]
    for switch, value in switches.items():
        setattr(model, switch, value)
    report = await run(agent)
    assert (report["analyst"], report["category"], report["confidence"]) == ("rules", "app_crash", "confirmed")
    assert why in report["analyst_note"], report["analyst_note"]


async def test_one_malformed_answer_is_repaired(agent: tuple[Deps, Parts], model: OpenAI):
    model.turns = ["It was the butler.", quoting("app_crash", "A bad order crashed it.", LINE)]
    report = await run(agent)
    assert report["analyst"] == "llm"
    assert "That was not accepted" in model.requests[1].json["messages"][-1]["content"]


async def test_an_endpoint_without_tools_or_usage_is_asked_in_plain_form(agent: tuple[Deps, Parts], model: OpenAI):
    model.no_tools = model.no_usage = True
    answer = quoting("app_crash", "A bad order crashed it.", LINE)

    def in_prose(asked: dict[str, Any]) -> str:
        turn: Any = answer(asked)
        return f"Here is what I think:\n```json\n{turn['tool_calls'][0]['function']['arguments']}\n```"

    model.turns = [in_prose]
    report = await run(agent)
    assert report["analyst"] == "llm"
    assert report["usage"]["tokens_in"] > 0


def budget(model: OpenAI, **limits: Any) -> dict[str, Any]:
    known = {"docker_host": "unix:///nowhere", "openai_api_key": SecretStr("sk-test"), "openai_base_url": model.url}
    return {**known, "llm_max_steps": 20, **limits}


async def test_before_its_budget_is_spent_it_is_told_to_conclude(deps: Deps, model: OpenAI):
    model.turns = [
        call("docker_inspect", {"container": "web"}),
        quoting("app_crash", "A bad order crashed it.", LINE),
    ]
    async with stage.agent(deps, **budget(model, llm_max_tokens=6000)) as (own, parts):
        report = await run((own, with_sources(parts, crashed())))
    assert report["analyst"] == "llm"
    offered = [[tool["function"]["name"] for tool in request.json["tools"]] for request in model.requests]
    assert offered[-1] == ["conclude"]
    assert report["usage"]["tokens_in"] + report["usage"]["tokens_out"] <= 6000


@pytest.mark.parametrize(
    ("limits", "why"),
    [({"llm_max_tokens": 1000}, "within 1,000 tokens"), ({"llm_max_cost_usd": 0.0001}, "within 0.00 USD")],
)
async def test_what_the_budget_has_no_room_for_is_not_asked(
    deps: Deps, model: OpenAI, limits: dict[str, Any], why: str
):
    async with stage.agent(deps, **budget(model, **limits)) as (own, parts):
        report = await run((own, with_sources(parts, crashed())))
    assert why in report["analyst_note"]
    assert not model.requests


async def test_the_prompt_carries_the_rules_priors_and_fences_the_evidence(agent: tuple[Deps, Parts], model: OpenAI):
    model.turns = [quoting("app_crash", "A bad order crashed it.", LINE)]
    await run(agent)
    brief = model.requests[0].json["messages"][1]["content"]
    marks = {line.split()[-1].rstrip(">") for line in brief.splitlines() if line.startswith(("<data", "</data"))}
    assert len(marks) == 1
    assert len(marks.pop()) == 16
    rules = next(line for line in brief.splitlines() if line.startswith('{"verdict"'))
    assert json.loads(rules)["hypotheses"][0]["category"] == "app_crash"


def test_without_a_key_the_client_library_is_not_even_loaded():
    code = (
        "import asyncio, sys\nfrom contextlib import AsyncExitStack\nimport agent_graph.worker\n"
        "from agent_graph.analysts.llm.client import open_model\nfrom backend.settings import load_settings\n"
        "assert asyncio.run(open_model(load_settings(), AsyncExitStack())) is None\n"
        "assert 'openai' not in sys.modules and 'docker' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True, env={"PATH": ""}, timeout=60)
