"""Post-mortems on a real database: one per resolution, every version kept, no edit lost, teams kept apart."""

import json
import uuid
from collections.abc import Awaitable, Callable

import httpx
import pytest
from pydantic import SecretStr
from sqlalchemy import text

from agent_graph.postmortem import write_post_mortem
from agent_graph.worker import investigate
from backend.deps import Deps
from backend.incident import service as incidents
from backend.investigation.kinds import ABOUT_THEN
from tests.agent_graph import stage
from tests.agent_graph.test_worker import crashed, with_sources
from tests.fakes.openai import fake_openai
from tests.support.clock import MovableClock
from tests.support.people import SignedIn

SignIn = Callable[..., Awaitable[SignedIn]]


async def resolved(deps: Deps) -> uuid.UUID:
    """An incident that was investigated for real and then resolved by a person."""
    async with stage.agent(deps, docker_host="unix:///nowhere") as (own, parts):
        incident_id = await stage.open_incident(own)
        await investigate(own, incident_id=str(incident_id), parts=with_sources(parts, crashed()))
    await stage.close(deps, incident_id)
    return incident_id


async def versions(deps: Deps) -> list[tuple[int, str, str | None]]:
    query = "select version, author, analyst from post_mortem_versions order by version"
    return [(row.version, row.author, row.analyst) for row in await stage.rows(deps, query)]


async def test_one_is_written_per_resolution_however_often_the_job_runs(deps: Deps, clock: MovableClock):
    incident_id = await resolved(deps)
    for _ in range(2):
        await write_post_mortem(deps, incident_id=str(incident_id), model=None)
    assert await versions(deps) == [(1, "nightdesk", "rules")]
    text = (await stage.incident(deps, incident_id)).post_mortem_md or ""
    assert "FATAL giving up: ValueError: bad order 7" in text

    clock.advance(minutes=5)
    async with deps.db.transaction() as session:
        await incidents.command(session, incident_id, "reopen", stage.SOURCE, clock.now())
    await write_post_mortem(deps, incident_id=str(incident_id), model=None)
    assert len(await versions(deps)) == 1
    await stage.close(deps, incident_id)
    await write_post_mortem(deps, incident_id=str(incident_id), model=None)
    assert [number for number, *_ in await versions(deps)] == [1, 2]


async def test_it_quotes_what_the_cause_rests_on_and_not_what_was_seen_beside_it(deps: Deps):
    incident_id = await resolved(deps)
    beside = [{"evidence": "E2", "quote": "INFO serving", "note": ABOUT_THEN}] * 5
    async with deps.db.transaction() as session:
        await session.execute(
            text("update hypotheses set supporting = cast(:beside as jsonb) || supporting where incident_id = :id"),
            {"beside": json.dumps(beside), "id": incident_id},
        )
    await write_post_mortem(deps, incident_id=str(incident_id), model=None)
    told = (await stage.incident(deps, incident_id)).post_mortem_md or ""
    assert "FATAL giving up: ValueError: bad order 7" in told
    assert "INFO serving" not in told


async def test_with_a_key_the_model_adds_a_narrative_and_without_an_answer_it_is_written_all_the_same(deps: Deps):
    from contextlib import AsyncExitStack

    from agent_graph.analysts.llm.client import open_model

    with fake_openai() as fake:
        changed = deps.settings.model_copy(update={"openai_api_key": SecretStr("sk-test"), "openai_base_url": fake.url})
        async with AsyncExitStack() as stack:
            model = await open_model(changed, stack)
            fake.turns = ["A bad order <b>crashed</b> the process.\n\nIt was started again."]
            first = await resolved(deps)
            await write_post_mortem(deps, incident_id=str(first), model=model)
            fake.statuses = [500, 500]
            second = await resolved(deps)
            await write_post_mortem(deps, incident_id=str(second), model=model)
    told = (await stage.incident(deps, first)).post_mortem_md or ""
    assert "In the model's words" in told
    assert "\\<b\\>crashed" in told
    assert "In the model's words" not in ((await stage.incident(deps, second)).post_mortem_md or "")
    assert {analyst for _, _, analyst in await versions(deps)} == {"llm", "rules"}


async def test_people_edit_it_and_no_edit_is_lost(deps: Deps, api: httpx.AsyncClient, sign_in: SignIn):
    olivia = await sign_in("olivia@example.org", "responder")
    incident_id = await resolved(deps)
    path = f"/api/incidents/{incident_id}/post-mortem"
    assert (await api.get(path, headers=olivia.headers)).json()["code"] == "no_post_mortem"
    await write_post_mortem(deps, incident_id=str(incident_id), model=None)

    read = (await api.get(path, headers=olivia.headers)).json()
    assert (read["version"], read["author"], read["analyst"]) == (1, "nightdesk", "rules")
    saved = await api.put(path, headers=olivia.headers, json={"body_md": "# Ours", "base_version": 1})
    assert saved.status_code == 200
    assert (saved.json()["version"], saved.json()["author"]) == (2, "olivia@example.org")
    assert [v["version"] for v in saved.json()["versions"]] == [2, 1]
    late = await api.put(path, headers=olivia.headers, json={"body_md": "# Mine", "base_version": 1})
    assert (late.status_code, late.json()["code"], late.json()["current_version"]) == (409, "version_conflict", 2)
    assert (await api.get(f"{path}.md", headers=olivia.headers)).text == "# Ours"
    page = await api.get(f"{path}.html", headers=olivia.headers)
    assert "<h1>Ours</h1>" in page.text
    assert (await stage.incident(deps, incident_id)).post_mortem_md == "# Ours"


@pytest.mark.parametrize("body", ["", "   ", "x" * 200_001, "a\0b"])
async def test_a_text_that_is_none_is_refused(deps: Deps, api: httpx.AsyncClient, sign_in: SignIn, body: str):
    olivia = await sign_in()
    incident_id = await stage.open_incident(deps)
    path = f"/api/incidents/{incident_id}/post-mortem"
    answer = await api.put(path, headers=olivia.headers, json={"body_md": body, "base_version": 0})
    assert answer.status_code == 422


async def test_other_teams_and_viewers_cannot_write(deps: Deps, api: httpx.AsyncClient, sign_in: SignIn):
    incident_id = await stage.open_incident(deps)
    path = f"/api/incidents/{incident_id}/post-mortem"
    body = {"body_md": "# Mine", "base_version": 0}
    viewer, charlie = (
        await sign_in("vic@example.org", "viewer"),
        await sign_in("charlie@example.org", "owner", "others"),
    )
    assert (await api.put(path, headers=viewer.headers, json=body)).status_code == 403
    assert (await api.put(path, headers=charlie.headers, json=body)).status_code == 404
    assert (await api.get(path, headers=charlie.headers)).status_code == 404
