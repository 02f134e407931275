"""A signed-in client of a running instance: the drill and the benchmarks know only what the public API says."""

import asyncio
import contextlib
import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import httpx
from tenacity import AsyncRetrying, retry_if_exception_type, stop_after_delay, wait_fixed
from websockets.asyncio.client import connect
from websockets.exceptions import WebSocketException

from backend.errors import NightdeskError, Unavailable

HEARTBEAT_SECONDS = 20.0
PATIENCE_SECONDS = 20.0
PAGE = 100


class Refused(NightdeskError):
    """The instance refused a request. `problem_code` is its stable code."""

    code = "refused"

    def __init__(self, response: httpx.Response) -> None:
        try:
            document = response.json()
        except ValueError:
            document = {}
        self.problem_code = str(document.get("code", ""))
        detail = document.get("detail") or document.get("message") or response.text[:200]
        request = response.request
        super().__init__(f"{request.method} {request.url.path} was answered with {response.status_code}: {detail}")


class NotReachable(Unavailable):
    """The instance does not answer."""


@dataclass(frozen=True)
class Account:
    """Somebody who can sign in."""

    email: str
    password: str


@dataclass(frozen=True)
class Client:
    """A person's session with one instance."""

    http: httpx.AsyncClient
    supabase_url: str
    supabase_key: str
    token: str
    team_id: str

    async def call(self, method: str, path: str, body: Any = None, **query: str) -> Any:
        """The decoded answer, None when it is empty. Raises Refused and NotReachable.

        Reading is tried again for a while: a restarted API is no reason to give up. Writing is up to the caller.
        """
        if method != "GET":
            return await self._once(method, path, body, query)
        retrying = AsyncRetrying(
            retry=retry_if_exception_type(NotReachable),
            stop=stop_after_delay(PATIENCE_SECONDS),
            wait=wait_fixed(0.2),
            reraise=True,
        )
        return await retrying(self._once, method, path, body, query)

    async def _once(self, method: str, path: str, body: Any, query: dict[str, str]) -> Any:
        try:
            response = await self.http.request(method, path, json=body, params=query)
        except httpx.HTTPError as error:
            raise NotReachable(f"{method} {path}: the instance does not answer ({error!r}).") from None
        if response.status_code == 503:
            raise NotReachable(Refused(response).detail)
        if not response.is_success:
            raise Refused(response)
        return response.json() if response.content else None

    async def get(self, path: str, **query: str) -> Any:
        return await self.call("GET", path, **query)

    async def post(self, path: str, body: Any = None) -> Any:
        return await self.call("POST", path, body or {})

    async def items(self, path: str, **query: str) -> list[Any]:
        """All items of a list, page after page."""
        found: list[Any] = []
        while True:
            page = await self.get(path, limit=str(PAGE), **query)
            found += page["items"]
            if not page["next_cursor"]:
                return found
            query["cursor"] = page["next_cursor"]


@asynccontextmanager
async def signed_in(url: str, account: Account) -> AsyncGenerator[Client]:
    """Signs in as the UI does: /api/config says where, Supabase Auth checks the password."""
    async with httpx.AsyncClient(base_url=url, timeout=30, trust_env=False) as http:
        try:
            config = (await http.get("/api/config")).raise_for_status().json()
            session = await _password_grant(http, config, account)
        except (httpx.HTTPError, ValueError) as error:
            raise NotReachable(f"{url} does not answer as a Nightdesk instance would ({error!r}).") from None
        token = session["access_token"]
        http.headers["authorization"] = f"Bearer {token}"
        client = Client(http, config["supabase_url"], config["supabase_key"], token, "")
        team_id = (await client.get("/api/me"))["team"]["id"]
        yield Client(http, client.supabase_url, client.supabase_key, token, team_id)


async def _password_grant(http: httpx.AsyncClient, config: Any, account: Account) -> Any:
    response = await http.post(
        f"{config['supabase_url']}/auth/v1/token?grant_type=password",
        json={"email": account.email, "password": account.password},
        headers={"apikey": config["supabase_key"], "x-supabase-api-version": "2024-01-01"},
    )
    if not response.is_success:
        raise Refused(response)
    return response.json()


class Bell:
    """Rings when something may have changed. Whoever waits looks again; a ring that nobody hears is kept."""

    def __init__(self) -> None:
        self._rung = asyncio.Event()

    def ring(self) -> None:
        self._rung.set()

    async def wait(self, at_most_seconds: float) -> None:
        """Until the next ring; without one, for the given time, because hints can get lost."""
        # Not wait_for: before Python 3.12 it swallows a cancellation that comes together with the ring.
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(at_most_seconds):
                await self._rung.wait()
        self._rung.clear()


@asynccontextmanager
async def listening(client: Client, bell: Bell) -> AsyncGenerator[None]:
    """Rings the bell for every hint on the team's private channel, as the UI gets them."""
    listener = asyncio.create_task(_listen(client, bell))
    try:
        yield
    finally:
        listener.cancel()
        await asyncio.gather(listener, return_exceptions=True)


async def _listen(client: Client, bell: Bell) -> None:
    query = urlencode({"apikey": client.supabase_key, "vsn": "1.0.0"})
    url = f"{client.supabase_url.replace('http', 'ws', 1)}/realtime/v1/websocket?{query}"
    while True:
        try:
            async with connect(url, proxy=None) as socket, asyncio.TaskGroup() as group:
                await socket.send(join_message(client))
                beating = group.create_task(_beat(socket))
                async for _ in socket:
                    bell.ring()
                beating.cancel()
        except (OSError, WebSocketException, ExceptionGroup):
            await asyncio.sleep(1)


def join_message(client: Client) -> str:
    """The frame of protocol 1.0.0 that joins the team's private channel."""
    config: dict[str, Any] = {
        "broadcast": {"self": False, "ack": False},
        "presence": {"key": ""},
        "postgres_changes": [],
        "private": True,
    }
    return json.dumps(
        {
            "topic": f"realtime:team:{client.team_id}",
            "event": "phx_join",
            "payload": {"config": config, "access_token": client.token},
            "ref": "1",
            "join_ref": "1",
        }
    )


async def _beat(socket: Any) -> None:
    beat = json.dumps({"topic": "phoenix", "event": "heartbeat", "payload": {}, "ref": None, "join_ref": None})
    while True:
        await asyncio.sleep(HEARTBEAT_SECONDS)
        await socket.send(beat)
