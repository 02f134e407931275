"""/api/incidents as people use it: the list, the page and its verbs, and what other teams must not see."""

import uuid
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from backend.deps import Deps
from tests.alert.stage import team_of
from tests.support.clock import MovableClock
from tests.support.people import SignedIn

SignIn = Callable[..., Awaitable[SignedIn]]
NEW = {"title": "Checkout is slow", "target": "checkout", "severity": "high"}
MEMBERS = """
id number title target severity status source_type container_runtime incident_type server_name namespace
description labels firing occurrences started_at last_seen_at created_at updated_at resolved_at executed_at
acknowledged_at acknowledged_by approved_by resolved_by verdict root_cause root_cause_by confidence analyst
investigation_round verification needs_person proposed_action action_result action_error has_post_mortem
monitor_id fingerprint merged_into
""".split()


async def opened(api: httpx.AsyncClient, person: SignedIn, **changes: Any) -> dict[str, Any]:
    answer = await api.post("/api/incidents", json={**NEW, **changes}, headers=person.headers)
    assert answer.status_code == 201, answer.text
    return answer.json()


async def listed(api: httpx.AsyncClient, person: SignedIn, **query: Any) -> list[int]:
    answer = await api.get("/api/incidents", params=query, headers=person.headers)
    assert answer.status_code == 200, answer.text
    return [item["number"] for item in answer.json()["items"]]


async def test_what_a_person_opens_is_shown_whole(api: httpx.AsyncClient, sign_in: SignIn, deps: Deps):
    alice = await sign_in("alice@example.org", "responder")
    made = await opened(api, alice, description="since the deploy", container_runtime="docker", source_type="container")
    assert (made["status"], made["number"], made["source_type"]) == ("detected", 1, "container")
    assert made["started_at"].endswith("Z")
    page = (await api.get(f"/api/incidents/{made['id']}", headers=alice.headers)).json()
    assert page == made
    assert set(MEMBERS) < set(page)
    assert (page["investigation"], page["current_action"], page["logs"]) == (None, None, None)
    async with deps.db.transaction() as session:
        job = text("select args ->> 'incident_id' from jobs.procrastinate_jobs")
        assert (await session.execute(job)).scalar_one() == made["id"]
    item = (await api.get("/api/incidents", headers=alice.headers)).json()["items"][0]
    assert set(item) == {*MEMBERS, "alike"}


async def test_the_verbs_move_it_and_say_why_not(api: httpx.AsyncClient, sign_in: SignIn, clock: MovableClock):
    alice = await sign_in("alice@example.org", "responder")
    path = f"/api/incidents/{(await opened(api, alice))['id']}"

    async def do(verb: str, **body: Any) -> httpx.Response:
        clock.advance(seconds=10)
        return await api.post(f"{path}/{verb}", json=body, headers=alice.headers)

    taken = (await do("acknowledge", comment="on it")).json()
    assert taken["acknowledged_by"] == "alice@example.org"
    verb = taken["verbs"]["acknowledge"]
    assert (verb["allowed"], verb["reason"]) == (False, "Somebody has acknowledged it already.")
    again = await do("acknowledge")
    assert (again.status_code, again.json()["code"]) == (409, "verb_refused")
    assert (await do("investigate", hint="look at the database")).json()["status"] == "investigating"
    over = (await do("resolve", comment="restarted it")).json()
    assert (over["status"], over["resolved_by"], over["verbs"]["reopen"]["allowed"]) == (
        "resolved",
        "alice@example.org",
        True,
    )
    assert (await do("reopen")).json()["status"] == "detected"
    events = (await api.get(f"{path}/events", headers=alice.headers)).json()["items"]
    assert [e["verb"] for e in events] == ["detect", "acknowledge", "investigate", "resolve", "reopen"]
    assert events[1]["message"] == "alice@example.org took it on: on it"
    assert {e["actor_kind"] for e in events} == {"person"}


async def test_a_verb_needs_no_body(api: httpx.AsyncClient, sign_in: SignIn):
    alice = await sign_in("alice@example.org")
    made = await opened(api, alice)
    assert (await api.post(f"/api/incidents/{made['id']}/acknowledge", headers=alice.headers)).status_code == 200


async def test_a_viewer_sees_everything_and_may_nothing(api: httpx.AsyncClient, sign_in: SignIn):
    alice, victor = await sign_in("alice@example.org"), await sign_in("victor@example.org", "viewer")
    path = f"/api/incidents/{(await opened(api, alice))['id']}"
    page = (await api.get(path, headers=victor.headers)).json()
    assert {verb["allowed"] for verb in page["verbs"].values()} == {False}
    assert "viewer" in page["verbs"]["resolve"]["reason"]
    for verb in ("acknowledge", "investigate", "resolve", "reopen"):
        assert (await api.post(f"{path}/{verb}", headers=victor.headers)).status_code == 403
    assert (await api.post("/api/incidents", json=NEW, headers=victor.headers)).status_code == 403


async def test_the_list_filters(api: httpx.AsyncClient, sign_in: SignIn, clock: MovableClock):
    alice = await sign_in("alice@example.org")
    await opened(api, alice, title="Disk 100% full", target="db", severity="critical")
    since = clock.advance(minutes=1).isoformat()
    second = await opened(api, alice, title="Checkout_is slow", target="checkout", severity="low")
    await opened(api, alice, title="Checkout is down", target="checkout", severity="high")
    await api.post(f"/api/incidents/{second['id']}/resolve", headers=alice.headers)
    assert sorted(await listed(api, alice)) == [1, 2, 3]
    assert await listed(api, alice, status="resolved") == [2]
    assert sorted(await listed(api, alice, status=["detected", "resolved"])) == [1, 2, 3]
    assert sorted(await listed(api, alice, severity=["critical", "low"])) == [1, 2]
    assert sorted(await listed(api, alice, target="checkout")) == [2, 3]
    assert await listed(api, alice, q="100%") == [1]
    assert await listed(api, alice, q="t_i") == [2], "an underscore is an underscore"
    assert await listed(api, alice, q="#3") == [3]
    assert sorted(await listed(api, alice, since=since)) == [2, 3]
    assert await listed(api, alice, q="'; drop table incidents; --") == []


@pytest.mark.parametrize(
    "query", [{"status": "sleeping"}, {"since": "yesterday"}, {"limit": 0}, {"limit": 5_000}, {"cursor": "bm9wZQ"}]
)
async def test_a_bad_filter_is_a_problem(api: httpx.AsyncClient, sign_in: SignIn, query: dict[str, Any]):
    alice = await sign_in("alice@example.org")
    answer = await api.get("/api/incidents", params=query, headers=alice.headers)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"


async def test_pages_neither_repeat_nor_skip_while_incidents_are_opened(api: httpx.AsyncClient, sign_in: SignIn):
    # The clock stands still: all were opened at the same moment.
    alice = await sign_in("alice@example.org")
    for _ in range(7):
        await opened(api, alice)
    seen: list[int] = []
    cursor: dict[str, str] = {}
    while True:
        page = (await api.get("/api/incidents", params={"limit": 3, **cursor}, headers=alice.headers)).json()
        seen += [item["number"] for item in page["items"]]
        if page["next_cursor"] is None:
            break
        cursor = {"cursor": page["next_cursor"]}
    assert sorted(seen) == list(range(1, 8))


async def test_the_timeline_page_by_page(api: httpx.AsyncClient, sign_in: SignIn):
    alice = await sign_in("alice@example.org")
    path = f"/api/incidents/{(await opened(api, alice))['id']}"
    for verb in ("acknowledge", "resolve", "reopen"):
        await api.post(f"{path}/{verb}", headers=alice.headers)
    first = (await api.get(f"{path}/events", params={"limit": 3}, headers=alice.headers)).json()
    rest = await api.get(f"{path}/events", params={"cursor": first["next_cursor"]}, headers=alice.headers)
    verbs = [e["verb"] for e in first["items"] + rest.json()["items"]]
    assert verbs == ["detect", "acknowledge", "resolve", "reopen"]
    assert rest.json()["next_cursor"] is None


async def test_another_teams_incident_is_not_there(api: httpx.AsyncClient, sign_in: SignIn):
    alice, charlie = await sign_in("alice@example.org"), await sign_in("charlie@example.org", "owner", "other")
    made = await opened(api, alice)
    assert await listed(api, charlie) == []
    for path in ("", "/events", "/alerts", "/evidence", "/actions"):
        answer = await api.get(f"/api/incidents/{made['id']}{path}", headers=charlie.headers)
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found"), path
    for verb in ("acknowledge", "investigate", "resolve", "reopen"):
        answer = await api.post(f"/api/incidents/{made['id']}/{verb}", headers=charlie.headers)
        assert answer.status_code == 404
    assert (await api.get(f"/api/incidents/{made['id']}", headers=alice.headers)).json()["status"] == "detected"


async def test_with_two_teams_only_one_is_seen_at_a_time(api: httpx.AsyncClient, sign_in: SignIn, deps: Deps):
    alice, dora = await sign_in("alice@example.org"), await sign_in("dora@example.org", "owner", "other")
    made = await opened(api, alice)
    async with deps.db.transaction() as session:
        values = {"team": await team_of(session), "user": dora.user_id}
        await session.execute(
            text("insert into team_members (team_id, user_id, role) values (:team, :user, 'viewer')"), values
        )
    path = f"/api/incidents/{made['id']}"
    assert (await api.get(path, headers={**dora.headers, "X-Team": "other"})).status_code == 404
    assert (await api.get(path, headers={**dora.headers, "X-Team": "default"})).status_code == 200


async def test_nobody_gets_in_without_a_token(api: httpx.AsyncClient):
    for path in ("", f"/{uuid.uuid4()}", f"/{uuid.uuid4()}/events"):
        assert (await api.get(f"/api/incidents{path}")).status_code == 401


@pytest.mark.parametrize(
    "bad",
    [
        {"title": ""},
        {"title": "  "},
        {"title": "x" * 301},
        {"target": ""},
        {"severity": "terrible"},
        {"source_type": "dream"},
        {"description": "x" * 10_001},
        {"status": "resolved"},
        {"title": "a\u0000b"},
    ],
)
async def test_a_bad_incident_is_refused(api: httpx.AsyncClient, sign_in: SignIn, bad: dict[str, Any]):
    alice = await sign_in("alice@example.org")
    answer = await api.post("/api/incidents", json={**NEW, **bad}, headers=alice.headers)
    assert answer.status_code == 422
    assert answer.json()["code"] == "invalid"
