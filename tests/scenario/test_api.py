"""GET …/scenario.zip of a real investigation: what comes in by the webhook goes out as a scenario."""

import asyncio
import io
import json
import uuid
import zipfile
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path

import httpx
import yaml
from sqlalchemy import text

from agent_graph.evaluation.recorded import sources_of
from agent_graph.evaluation.run import evaluate
from agent_graph.evaluation.scenario import load
from agent_graph.investigator import Investigator
from agent_graph.worker import investigate
from backend.deps import Deps
from tests.agent_graph import stage
from tests.support.people import SignedIn

SignIn = Callable[..., Awaitable[SignedIn]]

RECORDED = Path(__file__).parents[1] / "scenarios" / "docker-disk-full"


async def _investigated(deps: Deps, api: httpx.AsyncClient, alice: SignedIn) -> str:
    """The recorded incident, through the webhook and the agent."""
    made = await api.post("/api/integrations", json={"kind": "alertmanager", "name": "am"}, headers=alice.headers)
    body = json.loads((RECORDED / "alert.json").read_text())
    sent = await api.post(f"/webhooks/alertmanager/{made.json()['token']}", json=body)
    incident_id = sent.json()["opened"][0]
    async with stage.agent(deps, docker_host="unix:///nowhere") as (own, parts):
        recorded = Investigator(parts.investigator.settings, sources_of(load(RECORDED)), None)
        await investigate(own, incident_id=incident_id, parts=replace(parts, investigator=recorded))
    return incident_id


async def _replayed(deps: Deps, folder: Path) -> list[tuple[str | None, str | None, list[str]]]:
    """What `nightdesk eval` says of what is in the folder: verdict, category, what was wrong."""
    # It runs a loop of its own.
    scored = (await asyncio.to_thread(evaluate, deps.settings, folder, "rules")).scored
    return [(s.report and s.report.verdict, s.report and s.report.category, s.why) for s in scored]


async def test_an_investigated_incident_is_exported_and_replayed_with_the_same_result(
    deps: Deps, api: httpx.AsyncClient, sign_in: SignIn, tmp_path: Path
):
    alice = await sign_in("alice@example.org", "admin")
    incident_id = await _investigated(deps, api, alice)
    path = f"/api/incidents/{incident_id}"

    open_still = await api.get(f"{path}/scenario.zip", headers=alice.headers)
    assert (open_still.status_code, open_still.json()["code"]) == (409, "incident_open")
    assert "Resolve it" in open_still.json()["detail"]

    assert (await api.post(f"{path}/resolve", json={}, headers=alice.headers)).status_code == 200
    bea = await sign_in("bea@example.org", "owner", "beta")
    assert (await api.get(f"{path}/scenario.zip", headers=bea.headers)).status_code == 404

    viewer = await sign_in("vic@example.org", "viewer")
    answer = await api.get(f"{path}/scenario.zip", headers=viewer.headers)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/zip")
    assert answer.content == (await api.get(f"{path}/scenario.zip", headers=alice.headers)).content
    archive = zipfile.ZipFile(io.BytesIO(answer.content))
    folder = f"incident-{(await stage.incident(deps, uuid.UUID(incident_id))).number}"
    files = ("alert.json", "docker/evidence.json", "expected.yaml", "logs.jsonl", "metrics.json", "scenario.yaml")
    assert archive.namelist() == [f"{folder}/{name}" for name in files]
    archive.extractall(tmp_path)

    (replayed,) = await _replayed(deps, tmp_path / folder)
    assert replayed == ("incident", "disk_pressure", [])


async def test_a_persons_word_is_what_is_expected_and_what_nobody_investigated_is_exported_too(
    deps: Deps, api: httpx.AsyncClient, sign_in: SignIn, tmp_path: Path
):
    olivia = await sign_in()
    report = {"title": "Slow", "target": "shop", "severity": "high", "description": f"{olivia.email} says it is slow."}
    incident_id = (await api.post("/api/incidents", json=report, headers=olivia.headers)).json()["id"]
    cause = {"root_cause": f"Sum of {olivia.email}: a lock.", "category": "lock_contention"}
    path = f"/api/incidents/{incident_id}"
    for verb, where, body in (("PUT", "root-cause", cause), ("POST", "resolve", {})):
        assert (await api.request(verb, f"{path}/{where}", json=body, headers=olivia.headers)).is_success
    answer = await api.get(f"{path}/scenario.zip", headers=olivia.headers)
    archive = zipfile.ZipFile(io.BytesIO(answer.content))
    files = {name.split("/", 1)[1]: archive.read(name).decode() for name in archive.namelist()}
    expected = yaml.safe_load(files["expected.yaml"])
    assert (expected["verdict"], expected["category"]) == ("incident", "lock_contention")
    assert (expected["root_cause"], expected["stated_by"]) == ("Sum of [e-mail]: a lock.", "a person")
    assert not [name for name, told in files.items() if olivia.email in told]
    archive.extractall(tmp_path)
    ((_, _, why),) = await _replayed(deps, tmp_path)
    assert not [reason for reason in why if "broken" in reason]


async def test_an_investigation_that_broke_off_leaves_what_it_found(
    deps: Deps, api: httpx.AsyncClient, sign_in: SignIn
):
    olivia = await sign_in()
    incident_id = await _investigated(deps, api, olivia)
    async with deps.db.transaction() as session:
        await session.execute(text("update investigations set report = null, status = 'failed'"))
    await stage.close(deps, uuid.UUID(incident_id))
    answer = await api.get(f"/api/incidents/{incident_id}/scenario.zip", headers=olivia.headers)
    names = {name.split("/", 1)[1] for name in zipfile.ZipFile(io.BytesIO(answer.content)).namelist()}
    assert {"logs.jsonl", "metrics.json", "docker/evidence.json"} <= names
