"""API keys: what they open, what they never do, and how they end."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from backend.deps import Deps
from backend.keys import hashed
from tests.support.clock import MovableClock
from tests.support.people import SignedIn

SignIn = Callable[..., Awaitable[SignedIn]]


async def made(api: httpx.AsyncClient, person: SignedIn, *scopes: str, **values: Any) -> dict[str, Any]:
    body = {"name": "deploy robot", "scopes": list(scopes), **values}
    answer = await api.post("/api/api-keys", json=body, headers=person.headers)
    assert answer.status_code == 201, answer.text
    return answer.json()


def by_key(key: dict[str, Any]) -> dict[str, str]:
    return {"X-API-Key": key["key"]}


async def test_a_key_is_shown_once_and_only_its_hash_is_kept(api: httpx.AsyncClient, sign_in: SignIn, deps: Deps):
    alice = await sign_in("alice@example.org", "admin")
    key = await made(api, alice, "incident.read")
    assert key["key"].startswith(key["key_prefix"])
    assert key["key_prefix"].startswith("ndk_")
    listed = (await api.get("/api/api-keys", headers=alice.headers)).json()["items"]
    assert [(item["id"], item["creator_name"]) for item in listed] == [(key["id"], "alice@example.org")]
    assert "key" not in listed[0]
    async with deps.db.transaction() as session:
        row = (await session.execute(text("select * from public.api_keys"))).one()
    assert bytes(row.key_hash) == hashed(key["key"])
    assert key["key"] not in str(row)


@pytest.mark.parametrize("how", ["X-API-Key", "Authorization"])
async def test_a_key_reads_its_own_team_only(api: httpx.AsyncClient, sign_in: SignIn, how: str):
    alice, bob = await sign_in("alice@example.org", "admin"), await sign_in("bob@example.org", "admin", "beta")
    for person in (alice, bob):
        body = {"title": f"{person.email}'s trouble", "target": "shop", "severity": "high"}
        assert (await api.post("/api/incidents", json=body, headers=person.headers)).status_code == 201
    key = await made(api, alice, "incident.read")
    headers = {how: key["key"] if how == "X-API-Key" else f"Bearer {key['key']}"}
    items = (await api.get("/api/incidents", headers=headers)).json()["items"]
    assert [item["title"] for item in items] == ["alice@example.org's trouble"]
    theirs = (await api.get("/api/incidents", headers=bob.headers)).json()["items"][0]["id"]
    assert (await api.get(f"/api/incidents/{theirs}", headers=headers)).status_code == 404
    assert (await api.get("/api/incidents", headers={**headers, "X-Team": "beta"})).status_code == 403
    me = (await api.get("/api/me", headers=headers)).json()
    assert (me["team"]["slug"], me["permissions"], me["api_key"]["name"]) == (
        "default",
        ["incident.read"],
        "deploy robot",
    )


async def test_the_timeline_names_the_key(api: httpx.AsyncClient, sign_in: SignIn):
    key = await made(api, await sign_in("alice@example.org"), "incident.read", "incident.write")
    body = {"title": "Disk is full", "target": "db", "severity": "high"}
    incident = (await api.post("/api/incidents", json=body, headers=by_key(key))).json()
    events = (await api.get(f"/api/incidents/{incident['id']}/events", headers=by_key(key))).json()["items"]
    assert (events[0]["actor_kind"], events[0]["actor"]) == ("source", "API key deploy robot")


async def test_a_scope_that_is_missing_is_named(api: httpx.AsyncClient, sign_in: SignIn):
    key = await made(api, await sign_in(), "monitor.read")
    answer = await api.get("/api/incidents", headers=by_key(key))
    assert (answer.status_code, answer.json()["code"]) == (403, "scope_missing")
    assert "incident.read" in answer.json()["detail"]


@pytest.mark.parametrize(
    ("scope", "why"),
    [
        ("action.decide", "takes a person"),
        ("apikey.write", "cannot have"),
        ("member.write", "cannot have"),
        ("platform.team", "cannot have"),
        ("team.delete", "cannot have"),
        ("everything", "no permission 'everything'"),
    ],
)
async def test_what_no_key_can_be_given(api: httpx.AsyncClient, sign_in: SignIn, scope: str, why: str):
    olivia = await sign_in()
    answer = await api.post(
        "/api/api-keys", json={"name": "k", "scopes": ["incident.read", scope]}, headers=olivia.headers
    )
    assert (answer.status_code, answer.json()["code"]) == (403, "scope_refused")
    assert why in answer.json()["detail"]


async def test_a_key_never_decides_about_an_action(api: httpx.AsyncClient, sign_in: SignIn):
    key = await made(api, await sign_in(), "incident.read", "incident.write")
    path = "/api/actions/00000000-0000-4000-8000-000000000000"
    for verb, body in (("approve", {"digest": "d"}), ("reject", {"reason": "no"})):
        answer = await api.post(f"{path}/{verb}", json=body, headers=by_key(key))
        assert (answer.status_code, answer.json()["code"]) == (403, "scope_missing")
        assert "takes a person" in answer.json()["detail"]


async def test_expired_revoked_unknown_and_doubled(api: httpx.AsyncClient, sign_in: SignIn, clock: MovableClock):
    alice = await sign_in("alice@example.org", "admin")
    soon = (clock.now().replace(microsecond=0)).isoformat()
    refused = await api.post(
        "/api/api-keys", json={"name": "k", "scopes": ["incident.read"], "expires_at": soon}, headers=alice.headers
    )
    assert refused.status_code == 422
    until = (clock.now() + timedelta(minutes=10)).isoformat()
    expiring = await made(api, alice, "incident.read", expires_at=until)
    lasting = await made(api, alice, "incident.read", name="other")
    clock.advance(minutes=10, seconds=1)

    async def code(headers: dict[str, str]) -> tuple[int, str]:
        answer = await api.get("/api/incidents", headers=headers)
        return answer.status_code, answer.json().get("code", "")

    assert await code(by_key(expiring)) == (401, "api_key_expired")
    assert await code(by_key(lasting)) == (200, "")
    assert await code({**by_key(lasting), **alice.headers}) == (401, "not_signed_in")
    await api.delete(f"/api/api-keys/{lasting['id']}", headers=alice.headers)
    assert await code(by_key(lasting)) == (401, "api_key_revoked")
    for unknown in ("ndk_0123456789", "ndk_" + "x" * 5000, "nothing"):
        assert await code({"X-API-Key": unknown}) == (401, "api_key_refused")
    gone = await api.delete(f"/api/api-keys/{lasting['id']}", headers=alice.headers)
    assert gone.status_code == 404


async def test_the_last_use_is_noted_once_a_minute(
    api: httpx.AsyncClient, sign_in: SignIn, deps: Deps, clock: MovableClock
):
    key = await made(api, await sign_in(), "incident.read")

    async def used_after(**moved: float) -> object:
        clock.advance(**moved)
        await api.get("/api/incidents", headers=by_key(key))
        async with deps.db.transaction() as session:
            return (await session.execute(text("select last_used_at from public.api_keys"))).scalar_one()

    first = await used_after(seconds=1)
    assert first == clock.now()
    assert await used_after(seconds=59) == first
    assert await used_after(seconds=1) == clock.now()
