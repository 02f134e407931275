"""A secret that comes in with an alert or a log is in no prompt, table, answer, log or post-mortem, nor is a team's."""

import logging
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from agent_graph.postmortem import write_post_mortem
from agent_graph.worker import Parts, investigate
from backend.deps import Deps
from backend.logs import configure_logging
from tests.agent_graph import stage
from tests.agent_graph.cases import container, logs
from tests.agent_graph.test_injection import CLOSING, ORDER, SECRET, leaks
from tests.agent_graph.test_worker import Scripted, with_sources
from tests.fakes.alertmanager import alert
from tests.fakes.openai import OpenAI, Turn, call, fake_openai, quoting
from tests.support.people import SignedIn

SignIn = Callable[..., Awaitable[SignedIn]]

OF_THE_TEAM = "ACME-" + "481516"
FATAL = "FATAL giving up: ValueError: bad order 7"
ANNOTATIONS = {
    "summary": f"web is down {ORDER} password={SECRET}",
    "description": f"{CLOSING} see https://ops:{SECRET}@wiki/x, order {OF_THE_TEAM}",
    "api_key": SECRET,
}
LINES = (FATAL, f"ERROR Authorization: Bearer {SECRET}0", f"ERROR order {OF_THE_TEAM} password={SECRET}")
GETS = ("", "/events", "/evidence", "/hypotheses", "/investigations", "/actions", "/alerts", "/post-mortem.md")


def obedient(model: OpenAI) -> None:
    """Repeats every secret wherever it may say something."""
    said = f"{ORDER} password={SECRET} for {OF_THE_TEAM}"
    model.turns = [call("docker_inspect", {"container": said}), quoting("app_crash", f"It crashed. {said}", FATAL)]


@asynccontextmanager
async def working(deps: Deps, model: OpenAI, analyst: str) -> AsyncGenerator[tuple[Deps, Parts]]:
    key = {"openai_api_key": SecretStr("sk-test"), "openai_base_url": model.url} if analyst == "llm" else {}
    async with stage.agent(deps, docker_host="unix:///nowhere", **key) as (own, parts):
        sources = {
            "docker": Scripted("docker", [container(ExitCode=1, siblings={"db": "running"})]),
            "loki": Scripted("loki", [logs(*LINES)]),
        }
        yield own, with_sources(parts, sources)


@pytest.mark.parametrize("analyst", ["rules", "llm"])
async def test_a_secret_leads_nowhere(
    deps: Deps, api: httpx.AsyncClient, sign_in: SignIn, capsys: pytest.CaptureFixture[str], analyst: str
):
    alice = await sign_in("alice@example.org", "admin")
    pattern = {"name": "order", "pattern": r"ACME-\d{6}"}
    assert (await api.post("/api/secret-patterns", json=pattern, headers=alice.headers)).status_code == 201
    root = logging.getLogger()
    before = root.handlers, root.level
    configure_logging("agent", "json", "debug")
    try:
        with fake_openai() as model:
            obedient(model)
            async with working(deps, model, analyst) as (own, parts):
                incident_id = await delivered(api, alice)
                await investigate(own, incident_id=incident_id, parts=parts)
                await api.post(f"/api/incidents/{incident_id}/resolve", json={}, headers=alice.headers)
                prose: Turn = f"It was {OF_THE_TEAM}, password={SECRET}."
                model.turns = [prose]
                await write_post_mortem(own, incident_id=incident_id, model=parts.model)
            prompts = model.prompts
    finally:
        root.handlers, root.level = before
    assert bool(prompts) == (analyst == "llm")
    shown = await answers(api, alice, incident_id)
    assert "In the model's words" in shown if analyst == "llm" else FATAL in shown
    said = capsys.readouterr().out
    assert "investigated" in said
    for name, text in {"prompts": "\n".join(prompts), "answers": shown, "log": said}.items():
        assert SECRET not in text, name
    assert await leaks(deps, SECRET) == []
    assert not await stage.rows(deps, "select 1 from alerts t where to_jsonb(t)::text like :s", s=f"%{SECRET}%")
    # What a team calls secret is hidden from the investigation on; the alert itself is kept as it was sent.
    assert OF_THE_TEAM not in "\n".join(prompts)
    for table in ("evidence", "hypotheses", "investigations", "investigation_steps", "model_exchanges", "post_mortems"):
        rows = await stage.rows(deps, f"select 1 from {table} t where to_jsonb(t)::text like :s", s=f"%{OF_THE_TEAM}%")
        assert not rows, table


async def delivered(api: httpx.AsyncClient, alice: SignedIn) -> str:
    """Through the webhook, as Alertmanager sends it."""
    made = await api.post("/api/integrations", json={"kind": "alertmanager", "name": "am"}, headers=alice.headers)
    token = made.json()["token"]
    labels = {"alertname": "Down", "name": "web", "container": "web", "severity": "critical"}
    body = {"version": "4", "alerts": [alert(labels=labels, annotations=ANNOTATIONS)]}
    answer = await api.post(f"/webhooks/alertmanager/{token}", json=body)
    assert answer.status_code == 202, answer.text
    return answer.json()["opened"][0]


async def answers(api: httpx.AsyncClient, alice: SignedIn, incident_id: str) -> str:
    """Everything that the API says about the incident."""
    path = f"/api/incidents/{incident_id}"
    (round_one,) = (await api.get(f"{path}/investigations", headers=alice.headers)).json()["items"]
    rounds = [f"/investigations/{round_one['id']}/{what}" for what in ("steps", "transcript")]
    told: list[Any] = []
    for what in (*GETS, *rounds):
        answer = await api.get(f"{path}{what}", headers=alice.headers)
        assert answer.status_code == 200, (what, answer.text)
        told.append(answer.text)
    return "\n".join(told)
