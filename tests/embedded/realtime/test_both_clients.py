"""One list of scenarios for live channels: the unmodified supabase-js, in both protocol versions, and supabase-py."""

import asyncio
import json
import os
import shutil
import subprocess
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest
from realtime import RealtimePostgresChangesListenEvent, RealtimeSubscribeStates

from supabase import AsyncClient, AsyncClientOptions, acreate_client
from tests.embedded.conftest import JS_CLIENTS, PASSWORD, Edge, Person, running
from tests.support.server import TestServer

Call = Callable[..., Awaitable[Any]]
SOON = 80.0


@pytest.fixture(scope="module")
def short_lived(postgres_server: TestServer) -> Generator[Edge]:
    """An edge whose tokens live twelve seconds."""
    with postgres_server.database() as url, running(url, access_token_seconds=12) as edge:
        yield edge


async def signed_in(call: Call, person: Person) -> None:
    assert await call("sign_in", email=person.email, password=PASSWORD) is None


async def a_broadcast_and_presence(call: Call, edge: Edge, person: Person) -> None:
    await signed_in(call, person)
    assert await call("join", topic="room", private=False, changes=[]) == "SUBSCRIBED"
    await call("send", event="wave", payload={"hello": "wörld"})
    assert await call("next") == {"broadcast": "wave", "payload": {"hello": "wörld"}}
    await call("track", name="Ada")
    assert await call("next") == {"joined": True, "name": "Ada"}


async def changes_of_rows(call: Call, edge: Edge, person: Person) -> None:
    await signed_in(call, person)
    bindings = [{"table": "incidents", "filter": "severity=eq.low"}]
    assert await call("join", topic="tables", private=False, changes=bindings) == "SUBSCRIBED"
    assert await call("next") == {"system": "ok", "message": "Subscribed to PostgreSQL"}
    for title, severity in (("loud", "high"), ("quiet", "low")):
        edge.incident(person, title, severity)
    assert await call("next") == {"change": "INSERT", "title": "quiet"}


async def a_refreshed_token_keeps_the_channel(call: Call, edge: Edge, person: Person) -> None:
    await signed_in(call, person)
    assert await call("join", topic=person.channel, private=True, changes=[]) == "SUBSCRIBED"
    for number in range(3):
        # Past the end of the first token, each time with a fresh one long before the last ends.
        await asyncio.sleep(4.5)
        assert await call("refresh") is None
        edge.hint(person, id=number)
        assert await call("next") == {"broadcast": "change", "payload": {"id": number}}


async def an_ended_session_loses_the_channel(call: Call, edge: Edge, person: Person) -> None:
    await signed_in(call, person)
    assert await call("join", topic=person.channel, private=True, changes=[]) == "SUBSCRIBED"
    edge.sql("delete from auth.sessions where user_id = %s", person.id)
    assert await call("next") == {"system": "error", "message": "The session has ended"}
    assert await call("next") == {"closed": True}


@asynccontextmanager
async def by_javascript(edge: Edge, *, vsn: str) -> AsyncGenerator[Call]:
    program = shutil.which("node")
    if program is None or not (JS_CLIENTS / "@supabase" / "supabase-js").exists():
        missing = "needs Node and frontend/node_modules/@supabase/supabase-js (make install)"
        assert os.environ.get("NIGHTDESK_REQUIRE_REAL") != "1", missing
        pytest.skip(missing)
    process = await asyncio.create_subprocess_exec(
        program,
        "--experimental-websocket",
        str(Path(__file__).with_name("scenario.cjs")),
        json.dumps({"url": edge.url, "key": edge.key, "vsn": vsn}),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, "NODE_PATH": str(JS_CLIENTS)},
    )
    assert process.stdin is not None
    assert process.stdout is not None

    async def call(name: str, /, **args: Any) -> Any:
        process.stdin.write(json.dumps({"call": name, "args": args}).encode() + b"\n")
        return json.loads(await asyncio.wait_for(process.stdout.readline(), SOON))

    try:
        yield call
    finally:
        process.kill()
        await process.communicate()


class Heard:
    """supabase-py's side of the same leash."""

    def __init__(self, client: AsyncClient) -> None:
        self.client = client
        self.told: asyncio.Queue[Any] = asyncio.Queue()
        self.channel: Any = None

    async def sign_in(self, **args: Any) -> None:
        await self.client.auth.sign_in_with_password(args)  # type: ignore[arg-type]

    async def refresh(self) -> None:
        session = (await self.client.auth.refresh_session()).session
        assert session is not None
        await self.client.realtime.set_auth(session.access_token)

    async def join(self, topic: str, private: bool, changes: list[dict[str, str]]) -> str:
        session = await self.client.auth.get_session()
        assert session is not None
        await self.client.realtime.set_auth(session.access_token)
        config: Any = {"config": {"private": private, "broadcast": {"self": True, "ack": False}}}
        tell, answers = self.told.put_nowait, asyncio.Queue[str]()
        self.channel = self.client.channel(topic, config)
        self.channel.on_broadcast("*", lambda m: tell({"broadcast": m["event"], "payload": m["payload"]}))
        self.channel.on_presence_join(lambda key, _, new: tell({"joined": bool(key), "name": new[0]["name"]}))
        for binding in changes:
            self.channel.on_postgres_changes(
                RealtimePostgresChangesListenEvent.All,
                lambda m: tell({"change": m["data"]["type"], "title": m["data"]["record"]["title"]}),
                schema="public",
                **binding,
            )
        self.channel.on_system(lambda m: tell({"system": m.status, "message": m.message}))

        def subscribed(state: RealtimeSubscribeStates, error: Exception | None) -> None:
            answers.put_nowait(str(error or state.value))
            if state == RealtimeSubscribeStates.CHANNEL_ERROR:
                tell({"system": "error", "message": json.loads(str(error))["message"]})
            if state == RealtimeSubscribeStates.CLOSED:
                tell({"closed": True})

        await self.channel.subscribe(subscribed)
        return await answers.get()

    async def send(self, event: str, payload: Any) -> None:
        await self.channel.send_broadcast(event, payload)

    async def track(self, **args: Any) -> None:
        await self.channel.track(args)

    async def next(self) -> Any:
        return await self.told.get()


@asynccontextmanager
async def by_python(edge: Edge) -> AsyncGenerator[Call]:
    async with AsyncExitStack() as stack:
        http = await stack.enter_async_context(httpx.AsyncClient())
        client = await acreate_client(edge.url, edge.key, AsyncClientOptions(httpx_client=http))
        stack.push_async_callback(client.realtime.close)
        heard = Heard(client)

        async def call(name: str, /, **args: Any) -> Any:
            return await asyncio.wait_for(getattr(heard, name)(**args), SOON)

        yield call


CLIENTS = {
    "supabase-py": by_python,
    "supabase-js-1": partial(by_javascript, vsn="1.0.0"),
    "supabase-js-2": partial(by_javascript, vsn="2.0.0"),
}
SCENARIOS = (a_broadcast_and_presence, changes_of_rows, an_ended_session_loses_the_channel)


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.__name__)
@pytest.mark.parametrize("client", CLIENTS)
async def test_all_clients_are_served_alike(edge: Edge, client: str, scenario: Callable[..., Awaitable[None]]) -> None:
    person = edge.person(f"{scenario.__name__}.{client}@example.org", team=client)
    async with CLIENTS[client](edge) as call:
        await scenario(call, edge, person)


async def test_a_refreshed_token_keeps_the_channel_of_all_clients(short_lived: Edge) -> None:
    async def play(client: str) -> None:
        person = short_lived.person(f"{client}@example.org", team=client)
        async with CLIENTS[client](short_lived) as call:
            await a_refreshed_token_keeps_the_channel(call, short_lived, person)

    await asyncio.gather(*(play(client) for client in CLIENTS))
