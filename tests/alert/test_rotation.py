"""A webhook token is rotated without losing an alert: the old one works until the overlap is over, no longer."""

from collections.abc import Awaitable, Callable
from typing import Any

import httpx

from tests.fakes.alertmanager import alert, body
from tests.support.clock import MovableClock
from tests.support.people import SignedIn

SignIn = Callable[..., Awaitable[SignedIn]]


async def sent(api: httpx.AsyncClient, token: str) -> int:
    headers = {"content-type": "application/json"}
    return (await api.post(f"/webhooks/alertmanager/{token}", content=body(alert("x")), headers=headers)).status_code


async def rotated(api: httpx.AsyncClient, person: SignedIn, made: dict[str, Any], seconds: int) -> dict[str, Any]:
    path = f"/api/integrations/{made['id']}/rotate"
    answer = await api.post(path, json={"overlap_seconds": seconds}, headers=person.headers)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def made_by(api: httpx.AsyncClient, person: SignedIn) -> dict[str, Any]:
    new = {"kind": "alertmanager", "name": "am"}
    return (await api.post("/api/integrations", json=new, headers=person.headers)).json()


async def test_both_work_until_the_overlap_is_over(api: httpx.AsyncClient, sign_in: SignIn, clock: MovableClock):
    olivia = await sign_in()
    first = await made_by(api, olivia)
    assert await sent(api, first["token"]) == 202
    second = await rotated(api, olivia, first, 600)
    assert second["token"] != first["token"]
    assert second["token_prefix"] == second["token"][:10]
    clock.advance(seconds=599)
    assert [await sent(api, first["token"]), await sent(api, second["token"])] == [202, 202]
    clock.advance(seconds=1)
    assert [await sent(api, first["token"]), await sent(api, second["token"])] == [404, 202]


async def test_only_the_last_token_overlaps_and_revoking_ends_both(api: httpx.AsyncClient, sign_in: SignIn):
    olivia = await sign_in()
    first = await made_by(api, olivia)
    second = await rotated(api, olivia, first, 600)
    third = await rotated(api, olivia, first, 600)
    tokens = [made["token"] for made in (first, second, third)]
    assert [await sent(api, token) for token in tokens] == [404, 202, 202]
    await api.delete(f"/api/integrations/{first['id']}", headers=olivia.headers)
    assert [await sent(api, token) for token in tokens] == [404, 404, 404]


async def test_without_an_overlap_the_old_one_ends_at_once(api: httpx.AsyncClient, sign_in: SignIn):
    olivia = await sign_in()
    first = await made_by(api, olivia)
    second = await rotated(api, olivia, first, 0)
    assert [await sent(api, first["token"]), await sent(api, second["token"])] == [404, 202]
