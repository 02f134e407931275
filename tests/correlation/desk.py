"""A responder at the API, and an Alertmanager that sends to their team."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

import httpx
from sqlalchemy import text

from backend.alert import service
from backend.alert.delivery import Received
from backend.deps import Deps
from tests.alert.stage import batch, sender_of
from tests.support.people import SignedIn

SignIn = Callable[..., Awaitable[SignedIn]]
NOW = datetime(2026, 11, 21, 2, tzinfo=UTC)


class Desk:
    """A responder, and an Alertmanager that sends to their team."""

    def __init__(self, api: httpx.AsyncClient, deps: Deps, person: SignedIn) -> None:
        self.api, self.deps, self.person = api, deps, person

    async def send(self, *alerts: dict[str, Any]) -> Received:
        async with self.deps.db.transaction() as session:
            slug = (await session.execute(text("select slug from teams order by created_at limit 1"))).scalar_one()
            return await service.receive(session, await sender_of(session, slug), batch(*alerts), NOW)

    async def get(self, path: str) -> Any:
        answer = await self.api.get(f"/api/incidents/{path}", headers=self.person.headers)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def post(self, path: str, body: dict[str, Any], status: int) -> Any:
        answer = await self.api.post(f"/api/incidents/{path}", json=body, headers=self.person.headers)
        assert answer.status_code == status, answer.text
        return answer.json()


async def desk_of(api: httpx.AsyncClient, deps: Deps, sign_in: SignIn) -> Desk:
    return Desk(api, deps, await sign_in("rita@example.org", "responder"))
