"""/api/monitors: what can be made and changed, by whom, and what its checks are shown as."""

from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from backend.deps import Deps
from backend.monitor.model import Monitor
from tests.monitor.stage import check
from tests.support.clock import MovableClock
from tests.support.people import SignedIn

SignIn = Callable[..., Awaitable[SignedIn]]
NEW = {"name": "shop", "type": "http", "address": "http://127.0.0.1:9/health"}


async def made(api: httpx.AsyncClient, person: SignedIn, **values: Any) -> dict[str, Any]:
    answer = await api.post("/api/monitors", json={**NEW, **values}, headers=person.headers)
    assert answer.status_code == 201, answer.text
    return answer.json()


async def test_made_with_defaults_read_changed_paused_and_deleted(api: httpx.AsyncClient, sign_in: SignIn):
    alice = await sign_in("alice@example.org")
    monitor = await made(api, alice, config={"keyword": "ok", "logs_file": "/var/log/shop.log"})
    assert (monitor["status"], monitor["interval_seconds"], monitor["failure_threshold"]) == ("pending", 60, 2)
    assert monitor["config"] == {"keyword": "ok", "logs_file": "/var/log/shop.log"}
    path = f"/api/monitors/{monitor['id']}"
    assert (await api.get(path, headers=alice.headers)).json() == monitor
    changed = await api.patch(path, json={"name": "store", "notes": "n", "tags": ["a"]}, headers=alice.headers)
    assert (changed.json()["name"], changed.json()["notes"], changed.json()["tags"]) == ("store", "n", ["a"])
    assert (await api.patch(path, json={"notes": None, "name": None}, headers=alice.headers)).json()["notes"] is None
    assert (await api.patch(path, json={"is_paused": True}, headers=alice.headers)).json()["status"] == "paused"
    assert (await api.patch(path, json={"is_paused": False}, headers=alice.headers)).json()["status"] == "pending"
    assert (await api.delete(path, headers=alice.headers)).status_code == 204
    assert (await api.get(path, headers=alice.headers)).status_code == 404


async def test_the_checks_newest_first_page_by_page(
    api: httpx.AsyncClient, sign_in: SignIn, deps: Deps, clock: MovableClock
):
    alice = await sign_in("alice@example.org")
    monitor = await made(api, alice)
    for status in ("up", "down", "unknown", "down", "down"):
        clock.advance(minutes=2)
        async with deps.db.transaction() as session:
            await check(session, status, clock.now(), detail="boom" if status == "down" else None)
    path = f"/api/monitors/{monitor['id']}/checks"
    first = (await api.get(path, params={"limit": 3}, headers=alice.headers)).json()
    rest = (await api.get(path, params={"cursor": first["next_cursor"]}, headers=alice.headers)).json()
    items = first["items"] + rest["items"]
    assert [item["status"] for item in items] == ["down", "down", "unknown", "down", "up"]
    assert (items[0]["detail"], items[0]["error_message"]) == ("boom", "HTTP 503, expected 200-299")
    assert rest["next_cursor"] is None
    shown = (await api.get(f"/api/monitors/{monitor['id']}", headers=alice.headers)).json()
    assert (shown["status"], shown["consecutive_failures"]) == ("down", 3)


async def test_a_new_target_starts_anew(api: httpx.AsyncClient, sign_in: SignIn, deps: Deps, clock: MovableClock):
    alice = await sign_in("alice@example.org")
    monitor = await made(api, alice, failure_threshold=1)
    async with deps.db.transaction() as session:
        await check(session, "down", clock.now())
    answer = await api.patch(
        f"/api/monitors/{monitor['id']}", json={"address": "http://127.0.0.1:8/"}, headers=alice.headers
    )
    assert (answer.json()["status"], answer.json()["consecutive_failures"]) == ("pending", 0)
    async with deps.db.transaction() as session:
        assert (await session.execute(select(Monitor.next_check_at))).scalar_one() == clock.now()


@pytest.mark.parametrize(
    ("bad", "says"),
    [
        ({"name": " "}, "name"),
        ({"type": "telepathy"}, "type"),
        ({"address": "file:///etc/passwd"}, "http:// or https://"),
        ({"interval_seconds": 0}, "interval_seconds"),
        ({"timeout_seconds": 1_000}, "timeout_seconds"),
        ({"failure_threshold": 21}, "failure_threshold"),
        ({"config": {"method": "BREW"}}, "config.method"),
        ({"config": {"headers": {"a": "b\nc"}}}, "visible ASCII"),
        ({"status": "up"}, "status"),
        ({"name": "a\u0000b"}, "NUL"),
    ],
)
async def test_what_cannot_work_is_refused_by_name(
    api: httpx.AsyncClient, sign_in: SignIn, bad: dict[str, Any], says: str
):
    alice = await sign_in("alice@example.org")
    answer = await api.post("/api/monitors", json={**NEW, **bad}, headers=alice.headers)
    assert answer.status_code == 422
    assert says in answer.json()["detail"]
    if "name" not in bad and "type" not in bad:
        path = f"/api/monitors/{(await made(api, alice))['id']}"
        assert (await api.patch(path, json=bad, headers=alice.headers)).status_code == 422


async def test_only_admins_change_and_no_team_sees_anothers(api: httpx.AsyncClient, sign_in: SignIn):
    alice, bob = await sign_in("alice@example.org", "admin"), await sign_in("bob@example.org", "responder")
    charlie = await sign_in("charlie@example.org", "owner", "other")
    path = f"/api/monitors/{(await made(api, alice))['id']}"
    assert (await api.get(path, headers=bob.headers)).status_code == 200
    assert (await api.patch(path, json={"name": "x"}, headers=bob.headers)).status_code == 403
    assert (await api.post("/api/monitors", json=NEW, headers=bob.headers)).status_code == 403
    assert (await api.get("/api/monitors", headers=charlie.headers)).json()["items"] == []
    for answer in (
        await api.get(path, headers=charlie.headers),
        await api.get(f"{path}/checks", headers=charlie.headers),
        await api.patch(path, json={"name": "x"}, headers=charlie.headers),
        await api.delete(path, headers=charlie.headers),
    ):
        assert answer.status_code == 404


async def test_the_list_page_by_page_and_the_schema_of_each_type(api: httpx.AsyncClient, sign_in: SignIn):
    alice = await sign_in("alice@example.org")
    for number in range(5):
        await made(api, alice, name=f"m{number}")
    first = (await api.get("/api/monitors", params={"limit": 4}, headers=alice.headers)).json()
    rest = (await api.get("/api/monitors", params={"cursor": first["next_cursor"]}, headers=alice.headers)).json()
    assert sorted(m["name"] for m in first["items"] + rest["items"]) == [f"m{n}" for n in range(5)]
    types = (await api.get("/api/monitors/types", headers=alice.headers)).json()
    assert types["http"]["properties"]["method"]["default"] == "GET"
