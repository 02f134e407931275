"""Sign-ins: where am I, out elsewhere, and a token that does not outlive its sign-in."""

import uuid

import httpx
import pytest
from sqlalchemy import text

from backend.deps import Deps
from tests.platform.stage import SignIn, Stage, said
from tests.support import people
from tests.support.clock import MovableClock

SESSIONS = "GET /api/me/sessions"


async def test_where_somebody_is_signed_in(stage: Stage, clock: MovableClock):
    clock.advance(minutes=5)
    phone = await people.sign_in(stage.api, stage.vic.user_id, stage.vic.email)
    items = (await stage.ask(stage.vic, SESSIONS)).json()["items"]
    assert [item["current"] for item in items] == [True, False]
    here, there = items
    assert there["created_at"] > here["created_at"]
    assert set(here) == {"id", "current", "created_at", "last_used_at", "ip", "user_agent", "location", "aal"}
    assert (here["aal"], here["ip"], here["location"]) == ("aal1", "127.0.0.1", None)
    assert here["user_agent"].startswith("python-httpx/")
    assert [item["id"] for item in (await stage.ask(phone, SESSIONS)).json()["items"]] == [there["id"], here["id"]]
    assert here["id"] not in (await stage.ask(stage.bea, SESSIONS)).text


async def test_a_sign_in_that_was_ended_is_over_at_once(stage: Stage):
    lost = await people.sign_in(stage.api, stage.bea.user_id, stage.bea.email)
    there = next(i["id"] for i in (await stage.ask(stage.bea, SESSIONS)).json()["items"] if not i["current"])
    for other in (there, str(uuid.uuid4())):
        assert said(await stage.ask(stage.vic, f"DELETE /api/me/sessions/{other}")) == (404, "not_found")
    assert (await stage.ask(lost, "GET /api/team")).status_code == 200
    assert (await stage.ask(stage.bea, f"DELETE /api/me/sessions/{there}")).status_code == 204
    for route in ("GET /api/me", "GET /api/team", "GET /api/me/profile", SESSIONS, "GET /api/admin/teams"):
        assert said(await stage.ask(lost, route)) == (401, "session_ended"), route
    key = (await stage.api.get("/api/config")).json()["supabase_key"]
    body, headers = {"refresh_token": lost.refresh_token}, {"apikey": key}
    again = await stage.api.post("/auth/v1/token?grant_type=refresh_token", json=body, headers=headers)
    assert again.status_code == 400
    told = (await stage.ask(stage.bea, "GET /api/audit?action=session.revoke")).json()["items"]
    assert [(item["actor"], item["ip_address"]) for item in told] == [("bea@example.org", "127.0.0.1")]


async def test_signing_out_everywhere_else(stage: Stage):
    others = [await people.sign_in(stage.api, stage.bea.user_id, stage.bea.email) for _ in range(2)]
    answer = await stage.ask(stage.bea, "POST /api/me/sessions/sign-out-others")
    assert answer.json() == {"ended": 2}
    assert [said(await stage.ask(other, "GET /api/me")) for other in others] == [(401, "session_ended")] * 2
    assert (await stage.ask(stage.vic, "GET /api/me")).status_code == 200
    (left,) = (await stage.ask(stage.bea, SESSIONS)).json()["items"]
    assert left["current"]


@pytest.mark.parametrize(
    ("scope", "action", "here", "there"),
    [
        ("local", "session.sign_out", 401, 200),
        ("others", "session.sign_out_others", 200, 401),
        ("global", "session.sign_out_everywhere", 401, 401),
    ],
)
async def test_signing_out_counts_at_once_and_is_told(stage: Stage, scope: str, action: str, here: int, there: int):
    other = await people.sign_in(stage.api, stage.vic.user_id, stage.vic.email)
    key = (await stage.api.get("/api/config")).json()["supabase_key"]
    assert (await stage.ask(stage.vic, f"POST /auth/v1/logout?scope={scope}", apikey=key)).status_code == 204
    assert (await stage.ask(stage.vic, "GET /api/me")).status_code == here
    assert (await stage.ask(other, "GET /api/me")).status_code == there
    told = (await stage.ask(stage.bea, f"GET /api/audit?action={action}")).json()["items"]
    assert [(item["actor"], item["object_type"]) for item in told] == [("vic@example.org", "session")]


async def test_a_sign_in_that_ran_out_is_neither_shown_nor_good(stage: Stage):
    await stage.rows(
        "update auth.sessions set not_after = :now where user_id = :id returning 1",
        now=stage.deps.clock.now(),
        id=stage.vic.user_id,
    )
    assert said(await stage.ask(stage.vic, SESSIONS)) == (401, "session_ended")


async def test_a_token_without_its_own_sign_in_is_refused(api: httpx.AsyncClient, deps: Deps, sign_in: SignIn):
    mallory, victim = await sign_in("mallory@example.org", "viewer"), await sign_in("vera@example.org", "viewer")
    async with deps.db.transaction() as session:
        await session.execute(
            text("update auth.sessions set user_id = :other where user_id = :id"),
            {"other": victim.user_id, "id": mallory.user_id},
        )
    assert (await api.get("/api/me", headers=mallory.headers)).json()["code"] == "session_ended"
