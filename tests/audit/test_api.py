"""The audit log over HTTP: what is in it, how it is searched and exported, who sees it."""

import csv
import io
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import httpx
from sqlalchemy import text

from backend.audit.service import record_session_event
from backend.caller import Origin
from backend.deps import Deps
from tests.support.clock import MovableClock
from tests.support.people import SignedIn

SignIn = Callable[..., Awaitable[SignedIn]]
SIGN_IN = "session.sign_in"
MONITOR = {"name": "=cmd|'/c calc'!A1", "type": "http", "address": "http://127.0.0.1:9/"}


async def log_of(api: httpx.AsyncClient, person: SignedIn, **filters: Any) -> list[dict[str, Any]]:
    """What is in the log, without the sign-ins that every test begins with."""
    answer = await api.get("/api/audit", params=filters, headers=person.headers)
    assert answer.status_code == 200, answer.text
    return [entry for entry in answer.json()["items"] if entry["action"] != SIGN_IN]


async def test_a_change_is_told_with_both_sides_and_from_where(api: httpx.AsyncClient, sign_in: SignIn):
    olivia = await sign_in()
    headers = {**olivia.headers, "User-Agent": "curl/8"}
    monitor = (await api.post("/api/monitors", json=MONITOR, headers=headers)).json()
    await api.patch(f"/api/monitors/{monitor['id']}", json={"name": "shop", "notes": None}, headers=headers)
    update, create = await log_of(api, olivia)
    assert (create["action"], create["actor"], create["actor_kind"]) == ("monitor.create", olivia.email, "person")
    assert (create["object_type"], create["object_id"]) == ("monitor", monitor["id"])
    assert (create["ip_address"], create["user_agent"]) == ("127.0.0.1", "curl/8")
    assert (update["before"], update["after"]) == ({"name": MONITOR["name"]}, {"name": "shop"})


async def test_no_secret_of_a_request_is_in_it(api: httpx.AsyncClient, sign_in: SignIn, deps: Deps):
    olivia = await sign_in()
    hook = {"name": "restart", "url": "http://u:hunter2@127.0.0.1:9/", "headers": {"X-Key": "hunter2"}}
    await api.post("/api/runbook-hooks", json=hook, headers=olivia.headers)
    key = await api.post("/api/api-keys", json={"name": "robot", "scopes": ["incident.write"]}, headers=olivia.headers)
    sender = await api.post("/api/integrations", json={"kind": "alertmanager", "name": "am"}, headers=olivia.headers)
    incident = {"title": "Down", "target": "shop", "severity": "high"}
    await api.post("/api/incidents", json=incident, headers={"X-API-Key": key.json()["key"]})
    async with deps.db.transaction() as session:
        rows = [str(row) for row in await session.execute(text("select * from public.audit_logs order by seq"))]
    assert len(rows) >= 3
    secrets = ("hunter2", key.json()["key"], sender.json()["token"])
    assert not [row for row in rows if any(secret in row for secret in secrets)]
    newest = (await log_of(api, olivia))[0]
    assert (newest["actor_kind"], newest["actor"]) == ("api_key", "API key robot")


async def test_searched_and_read_page_by_page(api: httpx.AsyncClient, sign_in: SignIn, clock: MovableClock):
    olivia, alice = await sign_in(), await sign_in("alice@example.org", "admin")
    for person in (olivia, alice):
        clock.advance(minutes=1)
        made = await api.post("/api/monitors", json={**MONITOR, "name": person.email}, headers=person.headers)
        await api.delete(f"/api/monitors/{made.json()['id']}", headers=person.headers)
    assert len(await log_of(api, alice)) == 4
    assert {e["actor"] for e in await log_of(api, alice, actor=olivia.email)} == {olivia.email}
    assert [e["action"] for e in await log_of(api, alice, action="monitor.delete")] == ["monitor.delete"] * 2
    assert len(await log_of(api, alice, action="monitor.")) == 4
    assert len(await log_of(api, alice, object="monitor", q="ALICE")) == 2
    assert len(await log_of(api, alice, since=(clock.now() - timedelta(seconds=1)).isoformat())) == 2
    assert len(await log_of(api, alice, until=(clock.now() - timedelta(seconds=1)).isoformat())) == 2
    assert await log_of(api, alice, q="100%") == []
    of_monitors = {"limit": 3, "action": "monitor."}
    first = (await api.get("/api/audit", params=of_monitors, headers=alice.headers)).json()
    rest = await log_of(api, alice, **of_monitors, cursor=first["next_cursor"])
    assert [e["seq"] for e in first["items"] + rest] == sorted((e["seq"] for e in first["items"] + rest), reverse=True)
    assert len(first["items"] + rest) == 4


async def test_exported_without_formulas(api: httpx.AsyncClient, sign_in: SignIn):
    olivia = await sign_in()
    await api.post("/api/monitors", json=MONITOR, headers=olivia.headers)
    answer = await api.get("/api/audit.csv", headers=olivia.headers)
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert [row["action"] for row in rows] == ["audit.export", "monitor.create", SIGN_IN]
    assert rows[1]["object_name"] == "'" + MONITOR["name"]


async def test_what_was_rolled_back_is_not_in_it(api: httpx.AsyncClient, sign_in: SignIn):
    olivia = await sign_in()
    refused = await api.post("/api/api-keys", json={"name": "k", "scopes": ["no.such"]}, headers=olivia.headers)
    assert refused.status_code == 403
    assert await log_of(api, olivia) == []


async def test_sign_ins_are_in_the_log_of_every_team(api: httpx.AsyncClient, sign_in: SignIn, deps: Deps):
    olivia, bob = await sign_in(), await sign_in("bob@example.org", "owner", "beta")
    async with deps.db.transaction() as session:
        await session.execute(
            text(
                "insert into team_members (team_id, user_id, role)"
                " select id, :u, 'viewer' from teams where slug = 'beta'"
            ),
            {"u": olivia.user_id},
        )
        origin = Origin("198.51.100.7", "Firefox", "NL", "Amsterdam")
        await record_session_event(session, olivia.user_id, olivia.email, SIGN_IN, origin, deps.clock.now())
    for person in (olivia, bob):
        query = {"action": SIGN_IN, "actor": olivia.email, "limit": 1}
        (entry,) = (await api.get("/api/audit", params=query, headers=person.headers)).json()["items"]
        assert (entry["actor"], entry["city"]) == (olivia.email, "Amsterdam")
