"""/api/abuse: a platform admin sees who guesses and lets an address in again; nobody else does."""

from collections.abc import Awaitable, Callable

import httpx
import pytest
from sqlalchemy import text

from backend.deps import Deps
from tests.support.clock import MovableClock
from tests.support.people import PASSWORD, SignedIn

SignIn = Callable[..., Awaitable[SignedIn]]


async def platform_admin(deps: Deps, sign_in: SignIn) -> SignedIn:
    person = await sign_in("olivia@example.org", "owner")
    async with deps.db.transaction() as session:
        await session.execute(
            text(
                "insert into profiles (user_id, is_platform_admin) values (:id, true)"
                " on conflict (user_id) do update set is_platform_admin = true"
            ),
            {"id": person.user_id},
        )
    return person


async def guess(api: httpx.AsyncClient, email: str, password: str = "wrong") -> int:  # noqa: S107
    key = (await api.get("/api/config")).json()["supabase_key"]
    body = {"email": email, "password": password}
    answer = await api.post("/auth/v1/token?grant_type=password", headers={"apikey": key}, json=body)
    return answer.status_code


async def test_attempts_are_listed_by_page_and_filter(api: httpx.AsyncClient, deps: Deps, sign_in: SignIn) -> None:
    admin = await platform_admin(deps, sign_in)
    for number in range(3):
        assert await guess(api, f"n{number}@example.org") == 400
    first = (await api.get("/api/abuse/attempts?limit=2", headers=admin.headers)).json()
    assert [item["email"] for item in first["items"]] == ["n2@example.org", "n1@example.org"]
    rest = await api.get(f"/api/abuse/attempts?cursor={first['next_cursor']}", headers=admin.headers)
    assert [item["email"] for item in rest.json()["items"]] == ["n0@example.org", "olivia@example.org"]
    assert rest.json()["next_cursor"] is None
    failed = await api.get("/api/abuse/attempts?outcome=succeeded&email=Olivia@example.org", headers=admin.headers)
    (only,) = failed.json()["items"]
    assert (only["outcome"], only["user_id"]) == ("succeeded", str(admin.user_id))
    for query in ("ip_address=nonsense", "cursor=x", "outcome=won", "limit=0"):
        assert (await api.get(f"/api/abuse/attempts?{query}", headers=admin.headers)).status_code == 422, query


async def test_a_blocked_address_is_let_in_again(
    api: httpx.AsyncClient, deps: Deps, sign_in: SignIn, clock: MovableClock
) -> None:
    admin = await platform_admin(deps, sign_in)
    await sign_in("victor@example.org", "viewer")
    for number in range(deps.settings.signin_block_after_failures):
        async with deps.db.transaction() as session:
            await session.execute(
                text(
                    "insert into login_attempts (created_at, email, ip_address, outcome)"
                    " values (cast(:now as timestamptz) - interval '10 minutes', :email, '127.0.0.1', 'failed')"
                ),
                {"now": clock.now(), "email": f"n{number}@example.org"},
            )
    assert await guess(api, "victor@example.org", PASSWORD) == 403
    (blocked,) = (await api.get("/api/abuse/blocked-ips", headers=admin.headers)).json()["items"]
    assert blocked["ip_address"] == "127.0.0.1"
    where = {"ip_address": blocked["ip_address"]}
    assert (await api.delete("/api/abuse/blocked-ips", params=where, headers=admin.headers)).status_code == 204
    assert (await api.get("/api/abuse/blocked-ips", headers=admin.headers)).json()["items"] == []
    assert await guess(api, "victor@example.org", PASSWORD) == 200
    gone = await api.delete("/api/abuse/blocked-ips", params=where, headers=admin.headers)
    assert (gone.status_code, gone.json()["code"]) == (404, "not_blocked")
    async with deps.db.transaction() as session:
        logged = await session.execute(
            text("select actor, action, object_name from audit_logs where action like 'abuse%'")
        )
        assert [tuple(row) for row in logged] == [(admin.email, "abuse.unblock", "127.0.0.1")]


@pytest.mark.parametrize("path", ["attempts", "blocked-ips"])
async def test_an_owner_of_a_team_sees_none_of_it(api: httpx.AsyncClient, sign_in: SignIn, path: str) -> None:
    owner = await sign_in("otto@example.org", "owner")
    answer = await api.get(f"/api/abuse/{path}", headers=owner.headers)
    assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")
