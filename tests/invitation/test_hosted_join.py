"""Joining where the users are Supabase's: who could not be taken into the team is not left behind there."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import replace
from typing import Any
from uuid import UUID

import httpx
import pytest
from pydantic import SecretStr
from sqlalchemy import text

from backend.deps import Deps
from backend.embedded.auth import users
from tests.support.people import PASSWORD, SignedIn

SignIn = Callable[..., Awaitable[SignedIn]]
ADMIN = "/auth/v1/admin/users"


class Supabase:
    """The administration of users of a project, on its wire."""

    def __init__(self, deps: Deps, before_answer: str | None) -> None:
        self.deps, self.before_answer = deps, before_answer
        self.asked: list[str] = []

    async def __call__(self, request: httpx.Request) -> httpx.Response:
        assert request.headers["apikey"] == "sb_secret_project"
        self.asked.append(f"{request.method} {request.url.path.removeprefix(ADMIN)}")
        async with self.deps.db.transaction() as session:
            if request.method == "DELETE":
                user_id = UUID(request.url.path.rpartition("/")[2])
                await session.execute(text("delete from auth.users where id = :id"), {"id": user_id})
                return httpx.Response(200, json={})
            now = self.deps.clock.now()
            made = await users.create_user(session, "dora@example.org", PASSWORD, now)
            if self.before_answer is not None:
                await session.execute(text(self.before_answer))
        return httpx.Response(200, json={"id": str(made)})


@pytest.fixture
async def invitation(api: httpx.AsyncClient, sign_in: SignIn) -> str:
    olivia = await sign_in()
    body = {"email": "dora@example.org", "role": "responder"}
    made = await api.post("/api/team/invitations", json=body, headers=olivia.headers)
    return f"/api/invitations/{made.json()['link'].rpartition('/')[2]}/join"


@pytest.fixture
async def join(
    api: httpx.AsyncClient, deps: Deps, invitation: str
) -> AsyncGenerator[Callable[[str | None], Awaitable[tuple[int, list[str]]]]]:
    """Joins on a project where `happens` is committed before it answers: the status, and what the project was asked."""
    transport: Any = api._transport  # pyright: ignore[reportPrivateUsage]
    app = transport.app

    async def run(happens: str | None) -> tuple[int, list[str]]:
        supabase = Supabase(deps, happens)
        hosted = {"supabase_url": "https://project.test", "supabase_service_role_key": SecretStr("sb_secret_project")}
        async with httpx.AsyncClient(transport=httpx.MockTransport(supabase)) as http:
            app.state.deps = replace(deps, settings=deps.settings.model_copy(update=hosted), http=http)
            answer = await api.post(invitation, json={"password": PASSWORD})
        return answer.status_code, supabase.asked

    yield run
    app.state.deps = deps


async def emails(deps: Deps) -> list[str]:
    async with deps.db.transaction() as session:
        return list((await session.execute(text("select email from auth.users order by email"))).scalars())


async def test_who_joins_is_made_there(deps: Deps, join: Callable[[str | None], Awaitable[tuple[int, list[str]]]]):
    assert await join(None) == (201, ["POST "])
    assert await emails(deps) == ["dora@example.org", "olivia@example.org"]


@pytest.mark.parametrize(
    ("happens", "status"),
    [("update invitations set revoked_at = now()", 410), ("update teams set plan = 'free'", 402)],
)
async def test_who_cannot_join_is_taken_back(
    deps: Deps, join: Callable[[str | None], Awaitable[tuple[int, list[str]]]], happens: str, status: int
):
    if status == 402:
        async with deps.db.transaction() as session:
            for number in range(4):
                user_id = await users.create_user(session, f"n{number}@example.org", None, deps.clock.now())
                await session.execute(
                    text("insert into team_members (team_id, user_id, role) select id, :id, 'viewer' from teams"),
                    {"id": user_id},
                )
    answered, asked = await join(happens)
    assert (answered, [line.split(" ")[0] for line in asked]) == (status, ["POST", "DELETE"])
    assert "dora@example.org" not in await emails(deps)
