"""What an investigation does, told while it does it; what the model was told and answered; hints for the browser."""

import json
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from agent_graph.worker import DatabaseNotebook, investigate
from backend.deps import Deps
from backend.investigation import lease, service
from backend.investigation.kinds import CaseFile, Step
from tests.agent_graph import stage
from tests.agent_graph.test_worker import CRASH, crashed, with_sources
from tests.fakes.openai import call, fake_openai, quoting
from tests.support.people import SignedIn

SignIn = Callable[..., Awaitable[SignedIn]]

FIRST = [
    ("node", "choosing what to look at", "done"),
    ("source", "Loki", "skipped"),
]
LAST = [
    ("node", "weighing the explanations", "done"),
    ("model", "consulting the model", "done"),
    ("tool", "looking up what the model asked: docker_inspect", "done"),
    ("model", "consulting the model", "done"),
    ("node", "checking every quote, number, time and name", "done"),
    ("node", "looking for a safe remedy", "done"),
    ("node", "writing the report", "done"),
]


async def test_steps_and_transcript_tell_what_was_done_and_said(deps: Deps, api: httpx.AsyncClient, sign_in: SignIn):
    olivia = await sign_in("olivia@example.org", "viewer")
    with fake_openai() as model:
        model.turns = [call("docker_inspect", {"container": "web"}), quoting("app_crash", "It crashed.", CRASH[2])]
        settings: dict[str, Any] = {
            "docker_host": "unix:///nowhere",
            "openai_api_key": SecretStr("sk-test"),
            "openai_base_url": model.url,
        }
        async with stage.agent(deps, **settings) as (own, parts):
            incident_id = await stage.open_incident(own)
            parts = with_sources(parts, crashed(), absent=["Loki: not configured"])
            await investigate(own, incident_id=str(incident_id), parts=parts)

    async def read(what: str, **query: Any) -> dict[str, Any]:
        answer = await api.get(f"/api/incidents/{incident_id}/{what}", params=query, headers=olivia.headers)
        assert answer.status_code == 200, answer.text
        return answer.json()

    (round_one,) = (await read("investigations"))["items"]
    path = f"investigations/{round_one['id']}"
    steps = (await read(f"{path}/steps"))["items"]
    told = [(step["kind"], step["title"], step["status"]) for step in steps]
    assert told[:2] == FIRST
    assert sorted(told[2:4]) == [
        ("source", "reading container state and logs", "done"),
        ("source", "reading logs from Loki", "done"),
    ]
    assert told[4:] == LAST
    assert [step["seq"] for step in steps] == sorted(step["seq"] for step in steps)
    assert all(step["ms"] is not None for step in steps)
    assert [step["tokens_in"] for step in steps if step["kind"] == "model"] == [1000, 1000]
    tool = next(step for step in steps if step["kind"] == "tool")
    assert "container=web" in tool["detail"]
    page = await read(f"{path}/steps", limit=4)
    rest = await read(f"{path}/steps", limit=200, cursor=page["next_cursor"])
    assert page["items"] + rest["items"] == steps
    assert rest["next_cursor"] is None

    transcript = await read(f"{path}/transcript")
    first, second = transcript["items"]
    assert (first["number"], first["model"], first["tokens_in"]) == (1, "gpt-5-mini", 1000)
    assert first["prompt"].startswith("investigate v")
    assert [message["role"] for message in first["messages"]] == ["system", "user"]
    assert first["answer"]["tool_calls"][0]["name"] == "docker_inspect"
    assert [message["role"] for message in second["messages"]] == ["tool"]
    assert json.loads(second["answer"]["tool_calls"][0]["arguments"])["verdict"] == "incident"
    assert round_one["cost_usd"] == pytest.approx(first["cost_usd"] + second["cost_usd"])


async def test_a_step_is_there_while_it_runs_and_the_browser_is_told(deps: Deps):
    incident_id = await stage.open_incident(deps)
    async with deps.db.transaction() as session:
        opened = await service.open_case(session, incident_id, "me", deps.clock.now())
    assert isinstance(opened, CaseFile)
    notebook = DatabaseNotebook(deps, opened.investigation_id, "me")
    await stage.rows(deps, "delete from realtime.messages returning 1")
    await notebook.note(Step(key="triage", kind="node", title="choosing"))
    (row,) = await stage.rows(deps, "select status, ms from investigation_steps")
    assert (row.status, row.ms) == ("running", None)
    (shown,) = await stage.rows(deps, "select step from investigations")
    assert shown.step == "choosing"
    hints = await stage.rows(deps, "select payload from realtime.messages")
    assert {(h.payload["table"], h.payload["incident_id"]) for h in hints} == {
        ("investigations", str(incident_id)),
        ("investigation_steps", str(incident_id)),
    }


async def test_a_step_that_runs_again_keeps_its_place_and_a_late_worker_tells_nothing(deps: Deps):
    incident_id = await stage.open_incident(deps)
    async with deps.db.transaction() as session:
        opened = await service.open_case(session, incident_id, "me", deps.clock.now())
    assert isinstance(opened, CaseFile)
    mine = DatabaseNotebook(deps, opened.investigation_id, "me")
    for key in ("a", "b", "a"):
        await mine.note(Step(key=key, kind="node", title=key))
    rows = await stage.rows(deps, "select seq, key from investigation_steps order by seq")
    assert [(row.seq, row.key) for row in rows] == [(1, "a"), (2, "b")]
    with pytest.raises(lease.LeaseLost):
        await DatabaseNotebook(deps, opened.investigation_id, "late").note(Step(key="c", kind="node", title="c"))
    await stage.close(deps, incident_id)
    async with deps.db.transaction() as session:
        await service.fail(session, incident_id, "gone", deps.clock.now() + service.rules.LEASE)
    cut = await stage.rows(deps, "select status, detail from investigation_steps")
    assert {(row.status, row.detail) for row in cut} == {("failed", "cut off")}
