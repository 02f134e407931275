"""Live sockets: from a committed change until everybody on a team's private channel is told, some of them stalled.

The clock starts when COMMIT is sent: the first may be told before its answer is back. Whoever is told too late or never
counts with the whole time that was waited.
"""

import asyncio
import json
import socket as sockets
import time
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit

import psycopg
from websockets.asyncio.client import ClientConnection, connect
from websockets.asyncio.server import ServerConnection, serve

from backend.bench.instance import BenchFailed, Running, folder, running
from backend.bench.kinds import Figure, Goal, Row, percentile
from backend.client import Client, join_message, signed_in
from backend.embedded import cluster

GOAL = Goal("commit → told p95 < 100 ms", at_most=100)
ALL_TOLD = Goal("every reading socket is told of every change", at_least=1.0, at_most=1.0)
PATIENCE_SECONDS = 20.0
# Joins ask the database; so many at a time.
JOINS_AT_ONCE = 10
# What fills the buffers of those who do not read, before it counts: they are to hold the server up, if anything can.
CHOKES = 60
CHOKE = "x" * 8000
# About as long as a hint of ours.
HINT = "x" * 150
MARK = '"event":"bench"'
CHANGE = "select realtime.send(jsonb_build_object('n', %s::int, 'filler', %s::text), %s, %s, true)"


@dataclass(frozen=True)
class Size:
    """How many sockets, how many of them never read, and how many changes are committed, one every `pause` seconds."""

    sockets: int = 500
    stalled: int = 50
    changes: int = 50
    pause: float = 0.2
    echoes: int = 2000


FULL = Size()
TINY = Size(sockets=6, stalled=1, changes=3, pause=0.05, echoes=20)


async def run(size: Size) -> list[Row]:
    """Everybody joins, some stop reading, changes are committed one by one, arrivals are timed on one clock."""
    with folder() as data_dir, running(data_dir) as instance:
        async with signed_in(instance.url, await asyncio.to_thread(instance.account)) as client:
            echo = await _echo_ms(size.echoes)
            told = await _told(instance, client, size)
    expected = (size.sockets - size.stalled) * size.changes
    if not told:
        raise BenchFailed(f"None of {expected} messages arrived within {_patience(size):g} s.")
    waited = told + [_patience(size) * 1000] * (expected - len(told))
    reference = Figure("loopback websocket echo in this process, p95", percentile(echo, 95), "ms")
    what = f"commit → told, {size.sockets} sockets, {size.stalled} of them stalled"
    p95 = percentile(waited, 95)
    return [
        Row(Figure(f"{what}, p95", p95, "ms"), None, GOAL),
        Row(Figure(f"{what}, p95", p95, "ms"), reference),
        Row(Figure(f"{what}, p50", percentile(waited, 50), "ms")),
        Row(
            Figure("changes heard", len(told), "messages"), Figure("committed for them", expected, "messages"), ALL_TOLD
        ),
    ]


async def _told(instance: Running, client: Client, size: Size) -> list[float]:
    """Milliseconds from the commit to each arrival."""
    committed: dict[int, float] = {}
    place = cluster.existing(instance.data_dir)
    if place is None:
        raise BenchFailed("The instance has no embedded database.")
    topic = f"team:{client.team_id}"
    async with (
        AsyncExitStack() as stack,
        await psycopg.AsyncConnection.connect(place.url(), autocommit=True) as connection,
    ):
        await _join_all(stack, client, size.stalled, stalled=True)
        for number in range(CHOKES):
            await connection.execute(CHANGE, (number, CHOKE, "choke", topic))
        readers = await _join_all(stack, client, size.sockets - size.stalled)
        listening = [asyncio.create_task(_arrivals(reader, size.changes, _patience(size))) for reader in readers]
        for number in range(size.changes):
            async with connection.transaction():
                await connection.execute(CHANGE, (number, HINT, "bench", topic))
                committed[number] = time.perf_counter()
            await asyncio.sleep(size.pause)
        heard = await asyncio.gather(*listening)
    return [(at - committed[number]) * 1000 for one in heard for number, at in one.items()]


def _patience(size: Size) -> float:
    """Seconds from the first change until nobody is waited for any more."""
    return size.changes * size.pause + PATIENCE_SECONDS


async def _join_all(
    stack: AsyncExitStack, client: Client, count: int, *, stalled: bool = False
) -> list[ClientConnection]:
    """So many sockets in the channel; stalled ones stop reading when they have joined."""
    room = asyncio.Semaphore(JOINS_AT_ONCE)

    async def one() -> ClientConnection:
        async with room:
            return await stack.enter_async_context(_joined(client, stalled=stalled))

    return await asyncio.gather(*(one() for _ in range(count)))


@asynccontextmanager
async def _joined(client: Client, *, stalled: bool) -> AsyncGenerator[ClientConnection]:
    query = urlencode({"apikey": client.supabase_key, "vsn": "1.0.0"})
    url = f"{client.supabase_url.replace('http', 'ws', 1)}/realtime/v1/websocket?{query}"
    raw = sockets.socket()
    if stalled:
        raw.setsockopt(sockets.SOL_SOCKET, sockets.SO_RCVBUF, 4096)
    raw.setblocking(False)
    address = urlsplit(url)
    await asyncio.get_running_loop().sock_connect(raw, (address.hostname, address.port))
    connection = await connect(url, sock=raw, proxy=None, compression=None, ping_interval=None)
    try:
        await connection.send(join_message(client))
        answer = json.loads(await asyncio.wait_for(connection.recv(), PATIENCE_SECONDS))
        if answer["payload"].get("status") != "ok":
            raise BenchFailed(f"A join was refused: {answer['payload']}")
        if stalled:
            connection.transport.pause_reading()
        yield connection
    finally:
        connection.transport.abort()


async def _arrivals(connection: ClientConnection, expected: int, seconds: float) -> dict[int, float]:
    """When each change arrived; what does not arrive in time counts as not heard. Frames are read afterwards: this
    process shares its cores with what it measures."""
    frames: list[tuple[float, str]] = []
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            while len(frames) < expected:
                frame = await connection.recv(decode=True)
                if MARK in frame:
                    frames.append((time.perf_counter(), frame))
    heard: dict[int, float] = {}
    for at, frame in frames:
        heard[json.loads(frame)["payload"]["payload"]["n"]] = at
    return heard


async def _echo_ms(count: int) -> list[float]:
    """Milliseconds from sending to having back, one after the other, with a message of the same size."""

    async def echo(connection: ServerConnection) -> None:
        async for message in connection:
            await connection.send(message)

    async with serve(echo, "127.0.0.1", 0, compression=None) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        async with connect(f"ws://127.0.0.1:{port}", proxy=None, compression=None) as connection:
            taken: list[float] = []
            for _ in range(count):
                sent = time.perf_counter()
                await connection.send(HINT)
                await connection.recv()
                taken.append((time.perf_counter() - sent) * 1000)
            return taken
