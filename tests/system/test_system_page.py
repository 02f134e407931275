"""/api/system: everybody sees that a process is in trouble, whoever runs the installation sees of what kind."""

from collections.abc import Awaitable, Callable

import httpx

from backend.deps import Deps
from backend.embedded.people import make_platform_admin
from backend.health import RUNNING, SILENT_SECONDS, TROUBLE, beat
from tests.support.clock import MovableClock
from tests.support.people import SignedIn

TOLD = f"{TROUBLE}prometheus (http://10.3.0.9:9090/-/ready: refused)"


async def shown(api: httpx.AsyncClient, person: SignedIn) -> tuple[bool, str]:
    (component,) = (await api.get("/api/system", headers=person.headers)).json()["components"]
    return component["troubled"], component["message"]


async def test_addresses_are_for_those_who_run_the_installation(
    api: httpx.AsyncClient, deps: Deps, clock: MovableClock, sign_in: Callable[..., Awaitable[SignedIn]]
):
    viewer = await sign_in("vera@example.org", "viewer")
    admin = await sign_in("ada@example.org", "viewer")
    async with deps.db.transaction() as session:
        await beat(session, "agent", TOLD, clock.now(), clock.now())
        await make_platform_admin(session, admin.user_id)
    assert await shown(api, admin) == (True, TOLD)
    assert await shown(api, viewer) == (True, f"{TROUBLE}what it looks at")
    clock.advance(seconds=SILENT_SECONDS + 1)
    assert await shown(api, viewer) == (False, RUNNING), "it is gone, which is said otherwise"
