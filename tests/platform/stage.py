"""The cast: Ada runs the installation, Bea owns the team Shop, Vic looks on in it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import httpx
from sqlalchemy import text

from backend.deps import Deps
from tests.support.people import SignedIn

SignIn = Callable[..., Awaitable[SignedIn]]
MONITOR = {"name": "shop", "type": "http", "address": "http://127.0.0.1:9/"}
INCIDENT = {"title": "Down", "target": "shop", "severity": "high"}


async def make_admin(deps: Deps, user_id: UUID) -> None:
    """They run the installation from now on."""
    statement = (
        "insert into profiles (user_id, is_platform_admin) values (:id, true)"
        " on conflict (user_id) do update set is_platform_admin = true"
    )
    async with deps.db.transaction() as session:
        await session.execute(text(statement), {"id": user_id})


@dataclass
class Stage:
    """The API and who uses it."""

    api: httpx.AsyncClient
    deps: Deps
    ada: SignedIn
    bea: SignedIn
    vic: SignedIn
    team_id: str

    async def ask(self, who: SignedIn, route: str, body: Any = None, **headers: str) -> httpx.Response:
        """`await stage.ask(stage.ada, "GET /api/admin/teams")`; underscores in header names become dashes."""
        method, _, path = route.partition(" ")
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        return await self.api.request(method, path, json=body, headers={**who.headers, **sent})

    async def visit(self, who: SignedIn, target: SignedIn, reason: str = "They asked for help.") -> httpx.Response:
        body = {"team_id": self.team_id, "user_id": str(target.user_id), "reason": reason}
        return await self.ask(who, "POST /api/admin/impersonations", body)

    async def rows(self, statement: str, **values: Any) -> list[tuple[Any, ...]]:
        async with self.deps.db.transaction() as session:
            return [tuple(row) for row in await session.execute(text(statement), values)]


async def set_up(api: httpx.AsyncClient, deps: Deps, sign_in: SignIn) -> Stage:
    ada = await sign_in("ada@example.org", "owner")
    await make_admin(deps, ada.user_id)
    bea, vic = await sign_in("bea@example.org", "owner", "shop"), await sign_in("vic@example.org", "viewer", "shop")
    team_id = (await api.get("/api/me", headers=bea.headers)).json()["team"]["id"]
    return Stage(api, deps, ada, bea, vic, team_id)


def said(answer: httpx.Response) -> tuple[int, str | None]:
    """Status and code of an answer."""
    body = answer.json() if answer.content else {}
    return answer.status_code, body.get("code")
