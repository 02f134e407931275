"""The bare socket: refusals, garbage, expiry, a feed that breaks, sessions that end, clients that do not read."""

import asyncio
import json
import socket as sockets
from collections.abc import AsyncGenerator, Generator, Sequence
from contextlib import asynccontextmanager
from typing import Any
from uuid import uuid4

import httpx
import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from tests.embedded.conftest import PASSWORD, Edge, Person, running
from tests.support.server import TestServer

SOON = 80.0


@pytest.fixture(scope="module")
def short_lived(postgres_server: TestServer) -> Generator[Edge]:
    """An edge whose tokens live eight seconds."""
    with postgres_server.database() as url, running(url, access_token_seconds=8) as edge:
        yield edge


def token_of(edge: Edge, person: Person) -> str:
    answer = httpx.post(
        f"{edge.url}/auth/v1/token?grant_type=password",
        headers={"apikey": edge.key},
        json={"email": person.email, "password": PASSWORD},
    )
    return answer.raise_for_status().json()["access_token"]


def address(edge: Edge, version: str = "2.0.0", path: str = "/realtime/v1/websocket", key: str | None = None) -> str:
    return f"{edge.url.replace('http', 'ws')}{path}?apikey={edge.key if key is None else key}&vsn={version}"


async def hear(connection: ClientConnection, event: str) -> list[Any]:
    """The next frame of that event."""
    async with asyncio.timeout(SOON):
        while True:
            frame = json.loads(await connection.recv())
            if frame[3] == event:
                return frame


async def ending(connection: ClientConnection, said: Sequence[str | bytes] = ()) -> int | None:
    """The code with which the server hangs up after these frames."""
    try:
        async with asyncio.timeout(SOON):
            for frame in said:
                await connection.send(frame)
            while True:
                await connection.recv()
    except ConnectionClosed as closed:
        return closed.rcvd.code if closed.rcvd else None


async def join(connection: ClientConnection, person: Person, token: str | None, topic: str | None = None) -> Any:
    """Joins the team's private channel; returns the response."""
    payload = {"config": {"private": True}} | ({"access_token": token} if token else {})
    await connection.send(json.dumps(["1", "1", topic or f"realtime:{person.channel}", "phx_join", payload]))
    return (await hear(connection, "phx_reply"))[4]


@asynccontextmanager
async def joined(edge: Edge, person: Person) -> AsyncGenerator[ClientConnection]:
    async with connect(address(edge)) as connection:
        answer = await join(connection, person, token_of(edge, person))
        assert answer == {"status": "ok", "response": {"postgres_changes": []}}
        yield connection


@pytest.mark.parametrize(
    ("key", "error"),
    [
        ("", "API key is missing"),
        ("sb_publishable_wrong", "The token provided is not a valid JWT"),
        ("a.b.c", "The token provided is not a valid JWT"),
    ],
)
async def test_without_a_key_there_is_no_socket(edge: Edge, key: str, error: str) -> None:
    with pytest.raises(InvalidStatus) as refused:
        async with connect(address(edge, key=key)):
            pass
    assert refused.value.response.status_code == 401
    assert json.loads(refused.value.response.body or b"")["error"] == error


@pytest.mark.parametrize("path", ["/realtime/v1/websocket", "/socket/websocket"])
@pytest.mark.parametrize("version", ["1.0.0", "2.0.0"])
async def test_heartbeats_are_answered(edge: Edge, path: str, version: str) -> None:
    beat: Any = [None, "5", "phoenix", "heartbeat", {}]
    if version == "1.0.0":
        beat = {"topic": "phoenix", "event": "heartbeat", "payload": {}, "ref": "5"}
    async with connect(address(edge, version, path)) as connection:
        await connection.send(json.dumps(beat))
        answer = json.loads(await connection.recv())
    expected = {"status": "ok", "response": {}}
    assert (answer[4] if version == "2.0.0" else answer["payload"]) == expected


@pytest.mark.parametrize(
    ("topic", "token", "reason"),
    [
        (None, None, "Unauthorized: You do not have permissions to read from this Channel topic"),
        (None, "a.b.c", "MalformedJWT: The token provided is not a valid JWT"),
        (None, "sb_publishable_anything", "Unauthorized"),
        ("realtime:", "mine", "TopicNameRequired"),
        ("realtime:team:not-a-uuid", "mine", "Unauthorized"),
        ("realtime:team:' or true --", "mine", "Unauthorized"),
        ("realtime:" + "x" * 300, "mine", "TopicNameRequired"),
        ("realtime:a\x00b", "mine", "TopicNameRequired"),
        ("other", "mine", "unmatched topic"),
    ],
)
async def test_joins_are_refused_with_a_reason(edge: Edge, topic: str | None, token: str | None, reason: str) -> None:
    person = edge.person(f"{uuid4()}@example.org")
    async with connect(address(edge)) as connection:
        given = token_of(edge, person) if token == "mine" else token
        answer = await join(connection, person, given, topic)
    assert answer["status"] == "error"
    assert answer["response"]["reason"].startswith(reason)


@pytest.mark.parametrize("garbage", ["", "hello", "{}", "[1,2,3]", b"\x00\x01", b"\x03\xff\xff\xff\xff\xff\x01x"])
async def test_garbage_ends_the_socket_that_sent_it_and_no_other(edge: Edge, garbage: str | bytes) -> None:
    person = edge.person(f"{uuid4()}@example.org")
    async with joined(edge, person) as other, connect(address(edge)) as connection:
        assert await ending(connection, [garbage]) == 1007
        edge.hint(person, id="still here")
        assert (await hear(other, "broadcast"))[4]["payload"] == {"id": "still here"}


async def test_a_frame_of_ten_megabytes_ends_the_socket(edge: Edge) -> None:
    async with connect(address(edge)) as connection:
        assert await ending(connection, ["x" * 10_000_000]) == 1009


async def test_a_thousand_joins_are_limited_and_the_socket_lives(edge: Edge) -> None:
    person = edge.person("joiner@example.org")
    token = token_of(edge, person)
    async with connect(address(edge)) as connection:
        for number in range(150):
            payload = {"config": {}, "access_token": token}
            await connection.send(json.dumps([str(number), str(number), f"realtime:{number}", "phx_join", payload]))
        answers = [(await hear(connection, "phx_reply"))[4] for _ in range(150)]
        await connection.send(json.dumps([None, "beat", "phoenix", "heartbeat", {}]))
        assert (await hear(connection, "phx_reply"))[1] == "beat"
    refused = [answer["response"]["reason"] for answer in answers if answer["status"] == "error"]
    assert len(refused) >= 50
    assert all("RateLimitReached" in reason for reason in refused)


async def test_a_flood_of_messages_ends_the_socket(edge: Edge) -> None:
    async with connect(address(edge)) as connection:
        assert await ending(connection, ['[null,"1","phoenix","heartbeat",{}]'] * 5000) == 1008


async def test_leaving_is_confirmed_and_nothing_more_is_heard(edge: Edge) -> None:
    person = edge.person("leaver@example.org")
    async with joined(edge, person) as connection:
        await connection.send(json.dumps(["1", "2", f"realtime:{person.channel}", "phx_leave", {}]))
        assert (await hear(connection, "phx_reply"))[4]["status"] == "ok"
        assert (await hear(connection, "phx_close"))[0] == "1"
        edge.hint(person, id="1")
        await connection.send(json.dumps([None, "9", "phoenix", "heartbeat", {}]))
        assert json.loads(await connection.recv())[3] == "phx_reply"


async def test_nobody_writes_into_a_team_channel(edge: Edge) -> None:
    person = edge.person("writer@example.org")
    async with joined(edge, person) as writer, joined(edge, person) as reader:
        fake = {"type": "broadcast", "event": "change", "payload": {"id": "fake"}}
        await writer.send(json.dumps(["1", "2", f"realtime:{person.channel}", "broadcast", fake]))
        await writer.send(json.dumps([None, "9", "phoenix", "heartbeat", {}]))
        await hear(writer, "phx_reply")
        edge.hint(person, id="real")
        assert (await hear(reader, "broadcast"))[4]["payload"] == {"id": "real"}


async def test_signing_out_closes_the_channels_of_that_session(edge: Edge) -> None:
    person = edge.person("signer@example.org")
    async with joined(edge, person) as connection:
        edge.sql("delete from auth.sessions where user_id = %s", person.id)
        told = await hear(connection, "system")
        assert (told[4]["status"], told[4]["message"]) == ("error", "The session has ended")
        assert (await hear(connection, "phx_close"))[2] == f"realtime:{person.channel}"


async def test_a_member_who_was_removed_is_put_out_at_the_next_token(edge: Edge) -> None:
    person = edge.person("member@example.org")
    token = token_of(edge, person)
    async with connect(address(edge)) as connection:
        assert (await join(connection, person, token))["status"] == "ok"
        edge.sql("delete from team_members where user_id = %s", person.id)
        refreshed = ["1", "2", f"realtime:{person.channel}", "access_token", {"access_token": token}]
        await connection.send(json.dumps(refreshed))
        assert "Unauthorized" in (await hear(connection, "system"))[4]["message"]
        await hear(connection, "phx_close")


async def test_a_broken_feed_makes_every_client_join_again(edge: Edge) -> None:
    person = edge.person("rejoiner@example.org")
    async with joined(edge, person) as connection:
        edge.sql("select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'nightdesk-realtime'")
        assert (await hear(connection, "phx_error"))[0] == "1"
        assert (await join(connection, person, token_of(edge, person)))["status"] == "ok"
        edge.hint(person, id="after")
        assert (await hear(connection, "broadcast"))[4]["payload"] == {"id": "after"}


async def test_an_expired_token_closes_the_channel_and_a_refreshed_one_keeps_it(short_lived: Edge) -> None:
    stays, goes = short_lived.person("stays@example.org"), short_lived.person("goes@example.org")
    async with joined(short_lived, stays) as kept, joined(short_lived, goes) as lost:
        await asyncio.sleep(2)
        fresh = {"access_token": token_of(short_lived, stays)}
        await kept.send(json.dumps(["1", "2", f"realtime:{stays.channel}", "access_token", fresh]))
        told = await hear(lost, "system")
        assert told[4]["message"].startswith("Token has expired")
        await hear(lost, "phx_close")
        short_lived.hint(stays, id="kept")
        assert (await hear(kept, "broadcast"))[4]["payload"] == {"id": "kept"}


async def test_clients_that_do_not_read_are_dropped_and_the_others_hear_everything(edge: Edge) -> None:
    person = edge.person("reader@example.org")
    count, size = 1500, 4000
    async with joined(edge, person) as reader:
        async with stalled(edge, person) as deaf:
            statement = "select realtime.send(jsonb_build_object('n', n, 'x', repeat('x', %s)), 'change', %s)"
            sending = asyncio.to_thread(
                edge.sql, f"{statement} from generate_series(1, %s) as n", size, person.channel, count
            )
            _, numbers = await asyncio.gather(sending, _numbers(reader, count))
            assert numbers == list(range(1, count + 1))
            deaf.transport.resume_reading()
            await ending(deaf)


async def _numbers(connection: ClientConnection, count: int) -> list[int]:
    return [(await hear(connection, "broadcast"))[4]["payload"]["n"] for _ in range(count)]


@asynccontextmanager
async def stalled(edge: Edge, person: Person) -> AsyncGenerator[ClientConnection]:
    """A member who joined and then never reads again, over the smallest of receive buffers."""
    host, port = edge.url.removeprefix("http://").split(":")
    raw = sockets.socket()
    raw.setsockopt(sockets.SOL_SOCKET, sockets.SO_RCVBUF, 4096)
    raw.setblocking(False)
    await asyncio.get_running_loop().sock_connect(raw, (host, int(port)))
    connection = await connect(address(edge), sock=raw, max_queue=1)
    try:
        assert (await join(connection, person, token_of(edge, person)))["status"] == "ok"
        connection.transport.pause_reading()
        yield connection
    finally:
        connection.transport.abort()
