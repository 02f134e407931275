"""The month's bill: every call is on it, at the cap the rules answer alone and say so, and each team has its own."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator
from decimal import Decimal
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from agent_graph.postmortem import write_post_mortem
from agent_graph.worker import Parts, investigate
from backend.deps import Deps
from backend.incident.rules import Refusal
from backend.usage import service
from tests.agent_graph import stage
from tests.agent_graph.test_worker import CRASH, crashed, with_sources
from tests.fakes.openai import OpenAI, fake_openai, quoting
from tests.support.clock import MovableClock
from tests.support.people import SignedIn

SignIn = Callable[..., Awaitable[SignedIn]]


@pytest.fixture
def model() -> Generator[OpenAI]:
    with fake_openai() as fake:
        fake.turns = [quoting("app_crash", "A bad order crashed it.", CRASH[2])]
        yield fake


@pytest.fixture
async def agent(deps: Deps, model: OpenAI) -> AsyncGenerator[tuple[Deps, Parts]]:
    settings: dict[str, Any] = {
        "docker_host": "unix:///nowhere",
        "openai_api_key": SecretStr("sk-test"),
        "openai_base_url": model.url,
    }
    async with stage.agent(deps, **settings) as (own, parts):
        yield own, with_sources(parts, crashed())


async def investigated(agent: tuple[Deps, Parts]) -> Any:
    deps, parts = agent
    incident_id = await stage.open_incident(deps)
    await investigate(deps, incident_id=str(incident_id), parts=parts)
    return await stage.incident(deps, incident_id)


async def test_every_call_is_on_the_bill_and_outlives_its_incident(
    agent: tuple[Deps, Parts], api: httpx.AsyncClient, sign_in: SignIn, model: OpenAI
):
    vera = await sign_in("vera@example.org", "viewer")
    incident = await investigated(agent)
    await stage.close(agent[0], incident.id)
    model.turns = ["It was a bad order."]
    await write_post_mortem(agent[0], incident_id=str(incident.id), model=agent[1].model)
    await stage.rows(agent[0], "delete from incidents where id = :id returning id", id=incident.id)
    told = (await api.get("/api/usage", headers=vera.headers)).json()
    assert told["month"] == "2026-11"
    assert (told["calls"], told["tokens_in"], told["tokens_out"], told["estimated"]) == (2, 2000, 200, False)
    assert (told["cost_usd"], told["cap_usd"], told["team_cap_usd"], told["cap_reached"]) == (0.0009, 50.0, None, False)


async def test_what_an_endpoint_does_not_count_is_estimated_and_marked(agent: tuple[Deps, Parts], model: OpenAI):
    model.no_usage = True
    await investigated(agent)
    (call,) = await stage.rows(agent[0], "select * from model_calls")
    (round_one,) = await stage.rows(agent[0], "select usage_estimated, tokens_in, cost_usd from investigations")
    assert (call.status, call.estimated, round_one.usage_estimated) == ("answered", True, True)
    assert call.tokens_in == round_one.tokens_in > 500
    assert call.cost_usd == round_one.cost_usd > 0


async def test_at_the_cap_the_rules_answer_and_page_and_timeline_say_so(
    agent: tuple[Deps, Parts], api: httpx.AsyncClient, sign_in: SignIn, model: OpenAI
):
    alice = await sign_in("alice@example.org", "admin")
    answer = await api.put("/api/usage/cap", json={"monthly_cap_usd": 0}, headers=alice.headers)
    assert (answer.status_code, answer.json()["cap_usd"], answer.json()["cap_reached"]) == (200, 0.0, True)
    incident = await investigated(agent)
    assert not model.requests
    assert (incident.analyst, incident.incident_type) == ("rules", "app_crash")
    path = f"/api/incidents/{incident.id}"
    (round_one,) = (await api.get(f"{path}/investigations", headers=alice.headers)).json()["items"]
    assert "budget of 0.00 USD for this month is used up" in round_one["analyst_note"]
    events = (await api.get(f"{path}/events", headers=alice.headers)).json()["items"]
    assert any("is used up" in event["message"] for event in events)
    await api.put("/api/usage/cap", json={"monthly_cap_usd": None}, headers=alice.headers)
    assert (await investigated(agent)).analyst == "llm"


async def test_a_new_month_is_a_new_budget_and_another_teams_money_is_not_counted(
    agent: tuple[Deps, Parts], clock: MovableClock
):
    deps = agent[0]
    team = await stage.team(deps)
    other = (await stage.rows(deps, "insert into teams (name, slug) values ('B', 'b') returning id"))[0].id
    small = deps.settings.model_copy(update={"llm_monthly_cap_usd": 0.01})

    async def ask(team_id: Any, tokens: int) -> Any:
        call = service.Call(team_id, None, "investigation", "m", tokens)
        async with deps.db.transaction() as session:
            return await service.reserve(session, small, call, clock.now())

    assert not isinstance(await ask(team, 40_000), Refusal)
    assert isinstance(await ask(team, 4_000), Refusal)
    assert not isinstance(await ask(other, 4_000), Refusal)
    clock.advance(days=31)
    assert not isinstance(await ask(team, 4_000), Refusal)


async def test_many_at_once_do_not_overdraw_together(agent: tuple[Deps, Parts]):
    deps = agent[0]
    team = await stage.team(deps)
    small = deps.settings.model_copy(update={"llm_monthly_cap_usd": 0.01})

    async def ask() -> Any:
        async with deps.db.transaction() as session:
            call = service.Call(team, None, "investigation", "m", 10_000)
            return await service.reserve(session, small, call, deps.clock.now())

    asked = await asyncio.gather(*(ask() for _ in range(8)))
    assert sum(not isinstance(one, Refusal) for one in asked) == 4
    (spent,) = await stage.rows(deps, "select sum(cost_usd) as usd from model_calls")
    assert spent.usd == Decimal("0.01")


async def test_a_refused_call_costs_nothing_and_a_lost_one_its_estimate(agent: tuple[Deps, Parts], model: OpenAI):
    model.statuses = [401]
    await investigated(agent)
    (call,) = await stage.rows(agent[0], "select status, cost_usd, tokens_in from model_calls")
    assert (call.status, call.cost_usd, call.tokens_in) == ("failed", 0, 0)
