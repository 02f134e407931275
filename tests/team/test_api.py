"""GET /api/me: who is asking, and what they may do."""

from collections.abc import Awaitable, Callable

import httpx

from backend.access import PERMISSIONS
from tests.support.people import SignedIn

SignIn = Callable[..., Awaitable[SignedIn]]


async def test_the_caller_their_team_and_their_permissions(api: httpx.AsyncClient, sign_in: SignIn):
    alice = await sign_in("alice@example.org", "responder")
    me = (await api.get("/api/me", headers=alice.headers)).json()
    assert me["user"] == {"id": str(alice.user_id), "email": "alice@example.org", "name": "alice@example.org"}
    assert (me["team"]["slug"], me["role"]) == ("default", "responder")
    assert {"incident.write", "action.decide"} < set(me["permissions"]) < set(PERMISSIONS)
    assert [(team["slug"], team["role"]) for team in me["teams"]] == [("default", "responder")]


async def test_nobody_is_nobody(api: httpx.AsyncClient):
    assert (await api.get("/api/me")).status_code == 401
