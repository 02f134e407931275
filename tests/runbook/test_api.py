"""Runbook hooks over HTTP: registered by admins, without their secrets ever coming back, team by team."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from backend.deps import Deps
from backend.runbook import service
from tests.action import stage
from tests.support.people import SignedIn

SignIn = Callable[..., Awaitable[SignedIn]]
SECRET = "hook-secret-abcdef"
HOOK: dict[str, Any] = {
    "name": "restart-orders",
    "description": "Restarts the orders service.",
    "url": "http://127.0.0.1:9/hooks/restart",
    "headers": {"Authorization": f"Bearer {SECRET}"},
    "target": "orders",
    "categories": ["app_crash", "oom"],
}


@pytest.fixture
async def admin(sign_in: SignIn) -> SignedIn:
    return await sign_in("adam@example.org", "admin")


async def register(api: httpx.AsyncClient, who: SignedIn, **changes: Any) -> httpx.Response:
    return await api.post("/api/runbook-hooks", json={**HOOK, **changes}, headers=who.headers)


async def test_a_hook_is_registered_read_changed_and_removed(api: httpx.AsyncClient, admin: SignedIn):
    made = await register(api, admin)
    assert made.status_code == 201, made.text
    path = f"/api/runbook-hooks/{made.json()['id']}"
    assert (await api.get(path, headers=admin.headers)).json() == made.json()
    changed = await api.patch(path, json={"risk": "high", "target": None}, headers=admin.headers)
    assert (changed.json()["risk"], changed.json()["target"], changed.json()["name"]) == (
        "high",
        None,
        "restart-orders",
    )
    [item] = (await api.get("/api/runbook-hooks", headers=admin.headers)).json()["items"]
    assert item == changed.json()
    assert (await api.delete(path, headers=admin.headers)).status_code == 204
    assert (await api.get(path, headers=admin.headers)).status_code == 404


async def test_headers_go_in_and_never_come_out(api: httpx.AsyncClient, deps: Deps, admin: SignedIn):
    made = await register(api, admin)
    path = f"/api/runbook-hooks/{made.json()['id']}"
    answers = [
        made,
        await api.get(path, headers=admin.headers),
        await api.get("/api/runbook-hooks", headers=admin.headers),
        await api.patch(path, json={"description": "x"}, headers=admin.headers),
        await register(api, admin),
        await register(api, admin, name="other", headers={"X": f"{SECRET}\n"}),
        await register(api, admin, name="other", headers={"X": [SECRET]}),
    ]
    assert [answer.status_code for answer in answers] == [201, 200, 200, 200, 409, 422, 422]
    assert all(SECRET not in answer.text and "headers" not in answer.json() for answer in answers)
    async with deps.db.transaction() as session:
        team = await stage.team_id(session)
        known = await service.definition(session, team, "restart-orders")
        assert known is not None
        assert known.headers == {"Authorization": f"Bearer {SECRET}"}
    await api.patch(path, json={"headers": {}}, headers=admin.headers)
    async with deps.db.transaction() as session:
        known = await service.definition(session, team, "restart-orders")
        assert known is not None
        assert known.headers == {}


@dataclass(frozen=True)
class Reader:
    """Somebody who reads the database themselves."""

    claims: dict[str, Any]


async def test_not_even_the_database_gives_a_member_the_headers(deps: Deps, api: httpx.AsyncClient, admin: SignedIn):
    await register(api, admin)
    reader = Reader({"sub": str(admin.user_id), "role": "authenticated"})
    async with deps.db.reading(reader) as session:
        assert (await session.execute(text("select count(name) from public.runbook_hooks"))).scalar_one() == 1
    with pytest.raises(ProgrammingError, match="permission denied"):
        async with deps.db.reading(reader) as session:
            await session.execute(text("select headers_secret from public.runbook_hooks"))


@pytest.mark.parametrize(
    ("changes", "where"),
    [
        ({"url": "file:///etc/passwd"}, "url"),
        ({"url": "http://user:pass@example.org/"}, "url"),
        ({"headers": {"Host": "x"}}, "headers"),
        ({"params_schema": {"type": "object", "properties": {"a": {"$ref": "http://x/"}}}}, "params_schema"),
        ({"params_schema": {"type": "array"}}, "params_schema"),
        ({"params_schema": []}, "params_schema"),
        ({"categories": ["bad weather"]}, "categories"),
        ({"method": "DELETE"}, "method"),
        ({"timeout_seconds": 301}, "timeout_seconds"),
        ({"name": "../../x"}, "name"),
        ({"team_id": "x"}, "team_id"),
    ],
)
async def test_what_cannot_be_called_is_not_registered(
    api: httpx.AsyncClient, admin: SignedIn, changes: dict[str, Any], where: str
):
    answer = await register(api, admin, **changes)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid"), answer.text
    assert where in answer.text


async def test_responders_read_and_do_not_write(api: httpx.AsyncClient, admin: SignedIn, sign_in: SignIn):
    made = (await register(api, admin)).json()
    alice = await sign_in("alice@example.org", "responder")
    path = f"/api/runbook-hooks/{made['id']}"
    assert (await api.get(path, headers=alice.headers)).status_code == 200
    assert (await register(api, alice, name="mine")).status_code == 403
    assert (await api.patch(path, json={"risk": "low"}, headers=alice.headers)).status_code == 403
    assert (await api.delete(path, headers=alice.headers)).status_code == 403


async def test_another_team_has_its_own_hooks(api: httpx.AsyncClient, deps: Deps, admin: SignedIn, sign_in: SignIn):
    made = (await register(api, admin)).json()
    async with deps.db.transaction() as session:
        others = await stage.team_id(session, "others")
    charlie = await sign_in("charlie@example.net", "owner", "others")
    path = f"/api/runbook-hooks/{made['id']}"
    assert (await api.get("/api/runbook-hooks", headers=charlie.headers)).json()["items"] == []
    assert (await api.get(path, headers=charlie.headers)).status_code == 404
    assert (await api.patch(path, json={"risk": "low"}, headers=charlie.headers)).status_code == 404
    assert (await api.delete(path, headers=charlie.headers)).status_code == 404
    assert (await register(api, charlie)).status_code == 201
    async with deps.db.transaction() as session:
        assert len(await service.hooks_for(session, others, "orders")) == 1


async def test_the_agent_is_told_the_hooks_for_its_target_only(api: httpx.AsyncClient, deps: Deps, admin: SignedIn):
    await register(api, admin, name="any", target=None)
    await register(api, admin)
    await register(api, admin, name="billing", target="billing")
    off = (await register(api, admin, name="off")).json()
    await api.patch(f"/api/runbook-hooks/{off['id']}", json={"is_active": False}, headers=admin.headers)
    async with deps.db.transaction() as session:
        team = await stage.team_id(session)
        facts = await service.hooks_for(session, team, "orders")
    assert [fact.name for fact in facts] == ["restart-orders", "any"]
    assert facts[0].categories == ["app_crash", "oom"]
    assert SECRET not in str(facts)
