"""What the fixtures promise to the tests that stand on them."""

from collections.abc import Awaitable, Callable

import httpx
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.access import Role
from backend.deps import Deps
from tests.support.clock import MovableClock
from tests.support.people import SignedIn

COUNT = text("select count(*) from teams")
ADD = text("insert into teams (name, slug) values ('Mine', 'mine')")


@pytest.mark.parametrize("turn", [1, 2])
async def test_what_a_session_writes_is_gone_for_the_next_test(session: AsyncSession, turn: int):
    assert (await session.execute(COUNT)).scalar_one() == 1
    await session.execute(ADD)


@pytest.mark.parametrize("turn", [1, 2])
async def test_every_test_has_a_database_of_its_own(deps: Deps, turn: int):
    async with deps.db.transaction() as session:
        assert (await session.execute(COUNT)).scalar_one() == 1
        await session.execute(ADD)


@pytest.mark.parametrize("role", ["owner", "viewer"])
async def test_people_sign_in_with_their_role(
    api: httpx.AsyncClient, sign_in: Callable[..., Awaitable[SignedIn]], clock: MovableClock, role: Role
):
    person = await sign_in("alice@example.org", role)
    me = await api.get("/api/me", headers=person.headers)
    assert (me.json()["user"]["email"], me.json()["role"]) == ("alice@example.org", role)

    clock.advance(hours=2)
    assert (await api.get("/api/me", headers=person.headers)).status_code == 401
