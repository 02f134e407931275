"""Decisions over HTTP: what the page is given, what is refused and how, and that teams do not see each other."""

import asyncio
import uuid
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest

from backend.action import decision, service
from backend.action.model import Action
from backend.deps import Deps
from tests.action import stage
from tests.support.clock import MovableClock
from tests.support.people import SignedIn

SignIn = Callable[..., Awaitable[SignedIn]]
VERBS = ("approve", "reject", "postpone")


@pytest.fixture
async def proposed(deps: Deps) -> Action:
    async with deps.db.transaction() as session:
        _, action = await stage.proposed(session, deps.settings, deps.clock.now())
    return action


@pytest.fixture
async def alice(sign_in: SignIn) -> SignedIn:
    return await sign_in("alice@example.org", "responder")


def body(verb: str, action: Action, now: datetime) -> dict[str, Any]:
    return {
        "approve": {"digest": action.digest, "comment": ""},
        "reject": {"reason": "no"},
        "postpone": {"until": (now + timedelta(hours=1)).isoformat(), "reason": "later"},
    }[verb]


async def decide(api: httpx.AsyncClient, who: SignedIn, action_id: Any, verb: str, said: Any) -> httpx.Response:
    return await api.post(f"/api/actions/{action_id}/{verb}", json=said, headers=who.headers)


async def test_the_inbox_shows_what_exactly_would_run(api: httpx.AsyncClient, proposed: Action, alice: SignedIn):
    answer = await api.get("/api/actions", params={"status": "proposed"}, headers=alice.headers)
    [item] = answer.json()["items"]
    assert item["incident"]["title"] == "orders does not answer"
    assert item["params"] == {"hook": "restart-orders", "arguments": {"reason": "it crashed"}}
    assert (item["digest"], item["approvals_needed"], item["approvals"]) == (proposed.digest, 1, [])
    assert item["preview"]["summary"] == "Call runbook hook restart-orders."
    assert item["verbs"] == {verb: {"allowed": True, "reason": None, "code": None} for verb in VERBS}
    assert item["proposed_at"].endswith("Z")
    assert "hook-secret-1" not in answer.text


async def test_advice_says_how_to_do_it_by_hand(api: httpx.AsyncClient, deps: Deps, alice: SignedIn):
    now = deps.clock.now()
    async with deps.db.transaction() as session:
        await stage.register_hook(session, now)
        action_id = await stage.drafted(session, await stage.analyzed(session, now), now)
        assert await service.advise(session, action_id, "No Docker engine is connected.", now)
    answer = await api.get("/api/actions", params={"status": "advice"}, headers=alice.headers)
    [item] = answer.json()["items"]
    assert item["preview"]["summary"] == "Call runbook hook restart-orders."
    assert item["preview"]["command"] == (
        """send the request of the hook restart-orders with the arguments '{"reason": "it crashed"}'"""
    )


async def test_an_approval_over_http(api: httpx.AsyncClient, proposed: Action, alice: SignedIn, clock: MovableClock):
    answer = await decide(api, alice, proposed.id, "approve", {"digest": proposed.digest})
    assert answer.status_code == 200, answer.text
    action = answer.json()
    assert (action["status"], action["approved_by"]) == ("approved", "alice@example.org")
    assert [approval["who"] for approval in action["approvals"]] == ["alice@example.org"]
    assert not any(verb["allowed"] for verb in action["verbs"].values())
    listed = await api.get(f"/api/incidents/{proposed.incident_id}/actions", headers=alice.headers)
    assert listed.json()["items"][0]["status"] == "approved"
    replayed = await decide(api, alice, proposed.id, "approve", {"digest": proposed.digest})
    problem = replayed.json()
    assert (replayed.status_code, problem["code"]) == (409, "already_decided")
    at = clock.now().isoformat().replace("+00:00", "Z")
    assert problem["decision"] == {"decision": "approve", "who": "alice@example.org", "at": at}
    assert replayed.headers["content-type"] == "application/problem+json"


async def test_the_second_click_of_many_gets_the_first_decision(
    api: httpx.AsyncClient, proposed: Action, alice: SignedIn
):
    answers = await asyncio.gather(
        *(decide(api, alice, proposed.id, "approve", {"digest": proposed.digest}) for _ in range(20))
    )
    assert sorted(answer.status_code for answer in answers) == [200] + [409] * 19


REFUSED: list[tuple[str, Any, int, str]] = [
    ("approve", {"digest": "0" * 64}, 409, "digest_mismatch"),
    ("reject", {"reason": "no", "digest": "0" * 64}, 409, "digest_mismatch"),
    ("approve", {"digest": "short"}, 422, "invalid"),
    ("approve", {}, 422, "invalid"),
    ("approve", {"digest": "0" * 64, "params": {"hook": "other"}}, 422, "invalid"),
    ("postpone", {"until": "yesterday"}, 422, "invalid"),
    ("postpone", {"until": "2020-01-01T00:00:00Z"}, 422, "invalid"),
    ("postpone", {"until": "9999-12-31T23:59:59Z"}, 422, "invalid"),
    ("postpone", {"until": "0001-01-01T00:00:00Z"}, 422, "invalid"),
    ("postpone", {"until": "2030-01-01T00:00:00"}, 422, "invalid"),
    ("reject", {"reason": "x" * 3000}, 422, "invalid"),
    ("reject", {"reason": "\x00"}, 422, "invalid"),
]


@pytest.mark.parametrize(("verb", "said", "status", "code"), REFUSED)
async def test_a_wrong_decision_is_a_problem_and_changes_nothing(
    api: httpx.AsyncClient, deps: Deps, proposed: Action, alice: SignedIn, verb: str, said: Any, status: int, code: str
):
    answer = await decide(api, alice, proposed.id, verb, said)
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text
    async with deps.db.transaction() as session:
        assert (await stage.action_of(session, proposed.id)).status == "proposed"
        assert await decision.decisions_of(session, proposed.id) == []


async def test_a_viewer_sees_it_and_why_they_may_not(
    api: httpx.AsyncClient, proposed: Action, sign_in: SignIn, clock: MovableClock
):
    victor = await sign_in("victor@example.org", "viewer")
    [item] = (await api.get("/api/actions", headers=victor.headers)).json()["items"]
    assert not any(verb["allowed"] for verb in item["verbs"].values())
    for verb in VERBS:
        answer = await decide(api, victor, proposed.id, verb, body(verb, proposed, clock.now()))
        assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")
        assert answer.json()["detail"] == item["verbs"][verb]["reason"]


async def test_another_team_finds_nothing(
    api: httpx.AsyncClient, deps: Deps, proposed: Action, sign_in: SignIn, clock: MovableClock
):
    async with deps.db.transaction() as session:
        await stage.team_id(session, "others")
    charlie = await sign_in("charlie@example.net", "owner", "others")
    assert (await api.get("/api/actions", headers=charlie.headers)).json()["items"] == []
    listed = await api.get(f"/api/incidents/{proposed.incident_id}/actions", headers=charlie.headers)
    assert listed.status_code == 404
    for verb in VERBS:
        for action_id in (proposed.id, uuid.uuid4()):
            answer = await decide(api, charlie, action_id, verb, body(verb, proposed, clock.now()))
            assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


async def test_nobody_decides_without_signing_in(api: httpx.AsyncClient, proposed: Action):
    assert (await api.post(f"/api/actions/{proposed.id}/approve", json={})).status_code == 401


async def test_an_expired_proposal_is_gone(
    api: httpx.AsyncClient, proposed: Action, sign_in: SignIn, clock: MovableClock, deps: Deps
):
    clock.advance(seconds=deps.settings.proposal_ttl_seconds - 1)
    alice = await sign_in("alice@example.org", "responder")
    [item] = (await api.get("/api/actions", headers=alice.headers)).json()["items"]
    assert item["verbs"]["approve"]["allowed"]
    clock.advance(seconds=1)
    [item] = (await api.get("/api/actions", headers=alice.headers)).json()["items"]
    answer = await decide(api, alice, proposed.id, "approve", {"digest": proposed.digest})
    assert (answer.status_code, answer.json()["code"]) == (410, "action_expired")
    assert answer.json()["detail"] == item["verbs"]["approve"]["reason"]


async def test_postponed_rejected_and_what_the_incident_says(
    api: httpx.AsyncClient, proposed: Action, alice: SignedIn, clock: MovableClock
):
    postponed = await decide(api, alice, proposed.id, "postpone", body("postpone", proposed, clock.now()))
    assert postponed.json()["postponed_until"] is not None
    assert postponed.json()["verbs"]["approve"]["allowed"]
    rejected = await decide(api, alice, proposed.id, "reject", {"reason": "not at night"})
    assert (rejected.json()["status"], rejected.json()["approvals"]) == ("rejected", [])
    incident = (await api.get(f"/api/incidents/{proposed.incident_id}", headers=alice.headers)).json()
    assert (incident["status"], incident["approved_by"]) == ("analyzed", "alice@example.org")
    assert incident["current_action"]["id"] == str(proposed.id)


async def test_the_inbox_comes_in_pages(api: httpx.AsyncClient, deps: Deps, alice: SignedIn, clock: MovableClock):
    async with deps.db.transaction() as session:
        await stage.register_hook(session, clock.now())
        for _ in range(5):
            await stage.drafted(session, await stage.analyzed(session, clock.now()), clock.now())
    pages: list[list[str]] = []
    cursor: str | None = None
    while not pages or cursor:
        query = {"limit": "2", **({"cursor": cursor} if cursor else {})}
        page = (await api.get("/api/actions", params=query, headers=alice.headers)).json()
        pages.append([item["id"] for item in page["items"]])
        cursor = page["next_cursor"]
    assert [len(page) for page in pages] == [2, 2, 1]
    assert len({item for page in pages for item in page}) == 5
    bad = await api.get("/api/actions", params={"cursor": "nonsense"}, headers=alice.headers)
    assert bad.status_code == 422
