"""What was before, over HTTP: similar incidents with what helped, runbooks that fit, and a person's own root cause."""

import uuid
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from agent_graph.postmortem import write_post_mortem
from agent_graph.worker import investigate
from backend.deps import Deps
from tests.agent_graph import stage
from tests.agent_graph.test_worker import crashed, with_sources
from tests.support.people import SignedIn

SignIn = Callable[..., Awaitable[SignedIn]]


@pytest.fixture
async def rita(sign_in: SignIn) -> SignedIn:
    return await sign_in("rita@example.org", "responder")


async def investigated(deps: Deps) -> uuid.UUID:
    """An incident that the agent explained by a crash."""
    async with stage.agent(deps, docker_host="unix:///nowhere") as (own, parts):
        incident_id = await stage.open_incident(own)
        await investigate(own, incident_id=str(incident_id), parts=with_sources(parts, crashed()))
    return incident_id


async def acted(deps: Deps, incident_id: uuid.UUID, verification: str) -> None:
    async with deps.db.transaction() as session:
        await session.execute(
            text(
                "insert into actions (team_id, incident_id, kind, params, target, title, risk, status, digest,"
                " started_at, verification) select team_id, id, 'docker.restart_container', '{}', target,"
                " 'Restart web', 'low', 'succeeded', 'd', now(), :verification from incidents where id = :id"
            ),
            {"id": incident_id, "verification": verification},
        )


async def get(api: httpx.AsyncClient, who: SignedIn, path: str) -> Any:
    answer = await api.get(path, headers=who.headers)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def correct(api: httpx.AsyncClient, who: SignedIn, incident_id: uuid.UUID, **said: str) -> httpx.Response:
    body = {"root_cause": "The cache has no limit.", "category": "memory_pressure", **said}
    return await api.put(f"/api/incidents/{incident_id}/root-cause", json=body, headers=who.headers)


async def test_the_same_trouble_again_shows_what_helped_before(api: httpx.AsyncClient, deps: Deps, rita: SignedIn):
    first = await investigated(deps)
    await acted(deps, first, "not_recovered")
    await acted(deps, first, "recovered")
    await stage.close(deps, first)
    second = await investigated(deps)

    page = await get(api, rita, f"/api/incidents/{second}/similar")
    assert page["next_cursor"] is None
    [found] = page["items"]
    assert found["incident"]["id"] == str(first)
    assert (found["incident"]["status"], found["incident"]["number"]) == ("resolved", 1)
    assert found["score"] > 0.9
    assert any("log line" in reason for reason in found["reasons"])
    assert {"the same target: web", "the same category: app crash"} <= set(found["reasons"])
    assert "bad order 7" in found["root_cause"]
    assert found["corrected"] is False
    assert found["action"] == {
        "kind": "docker.restart_container",
        "title": "Restart web",
        "status": "succeeded",
        "verification": "recovered",
    }
    runbooks = (await get(api, rita, f"/api/incidents/{second}/runbooks"))["items"]
    assert runbooks[0]["slug"] == "docker-crash-loop"
    assert "for app crash" in runbooks[0]["reasons"]


async def test_imported_documents_crowd_no_runbook_out(api: httpx.AsyncClient, deps: Deps, rita: SignedIn):
    """What names neither a category nor a target shows once, last, and only when its text is about the trouble."""
    why = "What was decided with them, from the order of the day. The web gives each order its bad number and exits."
    pages = [f"# An order, number {number}\n\n{why}" for number in range(5)]
    pages += [
        "# Parking\n\nThe order of the cars.",
        "# web gives up over a bad order: ValueError, FATAL\n\nweb has exited.",
    ]
    files = [{"path": f"doc-{number}.md", "content": page} for number, page in enumerate(pages)]
    made = await api.post("/api/runbooks/import", json={"files": files}, headers=rita.headers)
    assert len(made.json()["created"]) == len(files), made.text
    incident_id = await investigated(deps)
    runbooks = (await get(api, rita, f"/api/incidents/{incident_id}/runbooks"))["items"]
    assert [runbook["slug"].startswith("doc-") for runbook in runbooks] == [False] * (len(runbooks) - 1) + [True]
    assert (runbooks[0]["slug"], runbooks[-1]["slug"]) == ("docker-crash-loop", "doc-6")


async def test_a_person_says_what_it_was_and_that_stands(api: httpx.AsyncClient, deps: Deps, rita: SignedIn):
    incident_id = await investigated(deps)
    before = await get(api, rita, f"/api/incidents/{incident_id}")
    assert before["root_cause_by"] is None
    answer = await correct(api, rita, incident_id)
    assert answer.status_code == 200, answer.text
    after = answer.json()
    assert (after["root_cause"], after["incident_type"]) == ("The cache has no limit.", "memory_pressure")
    assert after["root_cause_by"]["who"] == "rita@example.org"
    assert (after["verdict"], after["confidence"], after["status"]) == ("incident", None, before["status"])

    event = (await get(api, rita, f"/api/incidents/{incident_id}/events"))["items"][-1]
    assert (event["verb"], event["actor"]) == ("correct", "rita@example.org")
    assert event["data"]["before"]["root_cause"] == before["root_cause"]

    # The agent looks again, and thinks what it thought: its opinion is kept, the person's stands.
    await api.post(f"/api/incidents/{incident_id}/investigate", json={}, headers=rita.headers)
    async with stage.agent(deps, docker_host="unix:///nowhere") as (own, parts):
        await investigate(own, incident_id=str(incident_id), parts=with_sources(parts, crashed()))
    again = await get(api, rita, f"/api/incidents/{incident_id}")
    assert again["investigation_round"] == 2
    assert (again["root_cause"], again["incident_type"]) == ("The cache has no limit.", "memory_pressure")
    hypotheses = (await get(api, rita, f"/api/incidents/{incident_id}/hypotheses"))["items"]
    assert hypotheses[0]["category"] == "app_crash"


async def test_said_after_the_end_it_is_in_a_new_post_mortem_unless_a_person_has_edited_that(
    api: httpx.AsyncClient, deps: Deps, rita: SignedIn
):
    incident_id = await investigated(deps)
    await stage.close(deps, incident_id)
    await write_post_mortem(deps, incident_id=str(incident_id), model=None)
    deps.clock.advance(minutes=1)  # pyright: ignore[reportAttributeAccessIssue]
    assert (await correct(api, rita, incident_id, root_cause="A <b>bad</b> order.")).status_code == 200
    for _ in range(2):
        await write_post_mortem(deps, incident_id=str(incident_id), model=None)
    path = f"/api/incidents/{incident_id}/post-mortem"
    text_now = await get(api, rita, path)
    assert text_now["version"] == 2
    assert "Root cause (according to `rita@example.org`): A \\<b\\>bad\\</b\\> order." in text_now["body_md"]
    assert "The investigation had concluded:" in text_now["body_md"]
    assert "FATAL giving up: ValueError: bad order 7" in text_now["body_md"]

    edited = {"body_md": "# Mine", "base_version": 2}
    assert (await api.put(path, json=edited, headers=rita.headers)).status_code == 200
    deps.clock.advance(minutes=1)  # pyright: ignore[reportAttributeAccessIssue]
    assert (await correct(api, rita, incident_id, root_cause="Something else.")).status_code == 200
    await write_post_mortem(deps, incident_id=str(incident_id), model=None)
    assert (await get(api, rita, path))["body_md"] == "# Mine"


async def test_what_a_person_said_leads_and_is_named(api: httpx.AsyncClient, deps: Deps, rita: SignedIn):
    corrected, plain = await investigated(deps), await investigated(deps)
    for incident_id in (corrected, plain):
        await stage.close(deps, incident_id)
    await correct(api, rita, corrected, category="app_crash", root_cause="Orders without a total.")
    now = await investigated(deps)
    items = (await get(api, rita, f"/api/incidents/{now}/similar"))["items"]
    assert [(i["incident"]["id"], i["corrected"]) for i in items] == [(str(corrected), True), (str(plain), False)]
    assert items[0]["root_cause"] == "Orders without a total."

    async with deps.db.transaction() as session:
        merge = text("update incidents set merged_into = :now where id = :id")
        await session.execute(merge, {"now": now, "id": corrected})
    items = (await get(api, rita, f"/api/incidents/{now}/similar"))["items"]
    assert [i["incident"]["id"] for i in items] == [str(plain)]


async def test_only_who_may_and_only_what_is_a_cause(
    api: httpx.AsyncClient, deps: Deps, rita: SignedIn, sign_in: SignIn
):
    incident_id = await investigated(deps)
    vera = await sign_in("vera@example.org", "viewer")
    mallory = await sign_in("mallory@example.org", "owner", "beta")
    assert (await correct(api, vera, incident_id)).status_code == 403
    assert (await correct(api, mallory, incident_id)).status_code == 404
    for path in ("similar", "runbooks"):
        answer = await api.get(f"/api/incidents/{incident_id}/{path}", headers=mallory.headers)
        assert answer.status_code == 404
    for said in ({"category": "gremlins"}, {"root_cause": "  "}, {"root_cause": "x" * 2001}, {"root_cause": "a\0b"}):
        assert (await correct(api, rita, incident_id, **said)).status_code == 422
    assert (await get(api, rita, f"/api/incidents/{incident_id}"))["root_cause_by"] is None
