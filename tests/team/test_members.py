"""The life of a team: made, handed over, left, limited, deleted; never without an owner."""

from collections.abc import Awaitable, Callable

import httpx
from sqlalchemy import text

from backend.deps import Deps
from tests.support.people import SignedIn

SignIn = Callable[..., Awaitable[SignedIn]]


async def run(deps: Deps, statement: str, **values: object) -> None:
    async with deps.db.transaction() as session:
        await session.execute(text(statement), values)


async def roles(api: httpx.AsyncClient, person: SignedIn) -> dict[str, str]:
    items = (await api.get("/api/team/members", headers=person.headers)).json()["items"]
    return {item["email"].partition("@")[0]: item["role"] for item in items}


async def test_a_platform_admin_makes_a_team_and_works_in_it(api: httpx.AsyncClient, sign_in: SignIn, deps: Deps):
    alice = await sign_in("alice@example.org", "admin")
    body = {"name": "Shop", "slug": "The Shop"}
    assert (await api.post("/api/teams", json=body, headers=alice.headers)).status_code == 403
    await run(deps, "insert into profiles (user_id, is_platform_admin) values (:id, true)", id=alice.user_id)
    made = await api.post("/api/teams", json=body, headers=alice.headers)
    assert (made.status_code, made.json()["slug"]) == (201, "the-shop")
    again = await api.post("/api/teams", json=body, headers=alice.headers)
    assert (again.status_code, again.json()["code"]) == (409, "slug_taken")
    looks_alike = await api.post("/api/teams", json={**body, "slug": "thе-shop"}, headers=alice.headers)
    assert (looks_alike.status_code, looks_alike.json()["code"]) == (422, "bad_slug")
    assert (await api.post("/api/me/team", json={"team": "the-shop"}, headers=alice.headers)).status_code == 204
    me = (await api.get("/api/me", headers=alice.headers)).json()
    assert (me["team"]["slug"], me["role"]) == ("the-shop", "owner")
    assert (await api.get("/api/me", headers={**alice.headers, "X-Team": "default"})).json()["role"] == "admin"


async def test_a_team_is_handed_over_and_never_without_an_owner(api: httpx.AsyncClient, sign_in: SignIn):
    olivia, alice = await sign_in(), await sign_in("alice@example.org", "responder")
    for answer in (
        await api.post("/api/team/leave", headers=olivia.headers),
        await api.patch(f"/api/team/members/{olivia.user_id}", json={"role": "viewer"}, headers=olivia.headers),
        await api.delete(f"/api/team/members/{olivia.user_id}", headers=olivia.headers),
    ):
        assert (answer.status_code, answer.json()["code"]) == (409, "last_owner")
    given = await api.post("/api/team/transfer", json={"user_id": str(alice.user_id)}, headers=olivia.headers)
    assert given.status_code == 204
    assert await roles(api, alice) == {"olivia": "admin", "alice": "owner"}
    assert (await api.post("/api/team/leave", headers=olivia.headers)).status_code == 204
    assert (await api.get("/api/me", headers=olivia.headers)).json()["code"] == "no_team"
    assert await roles(api, alice) == {"alice": "owner"}


async def test_keys_do_not_outlive_what_their_maker_may_do(api: httpx.AsyncClient, sign_in: SignIn):
    olivia, alice = await sign_in(), await sign_in("alice@example.org", "admin")
    made = {}
    for scope in ("incident.read", "monitor.write"):
        answer = await api.post("/api/api-keys", json={"name": scope, "scopes": [scope]}, headers=alice.headers)
        made[scope] = {"X-API-Key": answer.json()["key"]}
    path = f"/api/team/members/{alice.user_id}"
    assert (await api.patch(path, json={"role": "viewer"}, headers=olivia.headers)).status_code == 204
    refused = await api.get("/api/me", headers=made["monitor.write"])
    assert refused.json()["code"] == "api_key_revoked"
    assert (await api.get("/api/me", headers=made["incident.read"])).status_code == 200
    assert (await api.delete(path, headers=olivia.headers)).status_code == 204
    assert (await api.get("/api/me", headers=made["incident.read"])).status_code == 401


async def test_a_team_is_deleted_by_typing_its_name(api: httpx.AsyncClient, sign_in: SignIn, deps: Deps):
    olivia = await sign_in()
    incident = {"title": "Down", "target": "shop", "severity": "high"}
    await api.post("/api/incidents", json=incident, headers=olivia.headers)
    wrong = await api.request("DELETE", "/api/team", json={"confirm": "defualt"}, headers=olivia.headers)
    assert wrong.status_code == 422
    gone = await api.request("DELETE", "/api/team", json={"confirm": "default"}, headers=olivia.headers)
    assert gone.status_code == 204
    async with deps.db.transaction() as session:
        for table in ("teams", "incidents", "team_members"):
            assert (await session.execute(text(f"select count(*) from {table}"))).scalar_one() == 0
        left = await session.execute(text("select action, object_name from audit_logs"))
        assert [tuple(row) for row in left] == [("team.delete", "default")]


async def test_a_plan_a_trial_and_a_suspension_hold(api: httpx.AsyncClient, sign_in: SignIn, deps: Deps):
    olivia, vera = await sign_in(), await sign_in("vera@example.org", "viewer")
    monitor = {"name": "shop", "type": "http", "address": "http://127.0.0.1:9/"}
    await run(deps, "update teams set plan = 'free'")
    for n in range(21):
        answer = await api.post("/api/monitors", json=monitor, headers=olivia.headers)
        assert answer.status_code == (201 if n < 20 else 402)
    assert answer.json()["code"] == "limit_reached"
    await run(deps, "update teams set trial_ends_at = :now", now=deps.clock.now())
    answer = await api.patch("/api/team", json={"name": "Us"}, headers=olivia.headers)
    assert (answer.status_code, answer.json()["code"]) == (402, "trial_ended")
    assert (await api.get("/api/team", headers=vera.headers)).status_code == 200
    await run(deps, "update teams set suspended_at = :now, suspended_reason = 'unpaid'", now=deps.clock.now())
    answer = await api.get("/api/incidents", headers=vera.headers)
    assert (answer.status_code, answer.json()["code"]) == (403, "team_suspended")
    assert "unpaid" in answer.json()["detail"]
    assert (await api.get("/api/incidents", headers=olivia.headers)).status_code == 200
    assert (await api.post("/api/team/leave", headers=olivia.headers)).json()["code"] == "team_suspended"
