"""A client that costs little: ready-made requests on raw asyncio connections, answers parsed by httptools.

A benchmark shares its two cores with what it measures, so the client must not be what is measured.
"""

import asyncio
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count

import httptools

from backend.bench.kinds import percentile

CLIENT = "raw asyncio connections with httptools, 1 process"


@dataclass
class Load:
    """What came of many requests. Latencies in milliseconds."""

    latencies_ms: list[float] = field(default_factory=list[float])
    statuses: dict[int, int] = field(default_factory=dict[int, int])
    seconds: float = 0.0

    @property
    def accepted(self) -> int:
        return sum(count for status, count in self.statuses.items() if 200 <= status < 300)

    @property
    def refused(self) -> int:
        return sum(self.statuses.values()) - self.accepted

    @property
    def per_second(self) -> float:
        return self.accepted / self.seconds if self.seconds else 0.0

    def percentile_ms(self, percent: float) -> float:
        return percentile(self.latencies_ms, percent)

    def note(self, status: int, seconds: float) -> None:
        self.statuses[status] = self.statuses.get(status, 0) + 1
        self.latencies_ms.append(seconds * 1000)


@dataclass(frozen=True)
class Door:
    """Where requests go."""

    host: str
    port: int

    def post(self, path: str, body: bytes) -> bytes:
        """The bytes of a POST of JSON on a connection that stays open."""
        head = (
            f"POST {path} HTTP/1.1\r\nhost: {self.host}:{self.port}\r\ncontent-type: application/json\r\n"
            f"content-length: {len(body)}\r\n\r\n"
        )
        return head.encode() + body

    def get(self, path: str, token: str) -> bytes:
        """The bytes of a GET as a signed-in user."""
        return f"GET {path} HTTP/1.1\r\nhost: {self.host}:{self.port}\r\nauthorization: Bearer {token}\r\n\r\n".encode()


class _Connection(asyncio.Protocol):
    """One request at a time; the answer's status resolves the future."""

    def __init__(self) -> None:
        self._parser = httptools.HttpResponseParser(self)
        self._answer: asyncio.Future[int] | None = None
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def connection_lost(self, exc: Exception | None) -> None:
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(ConnectionResetError("the server closed the connection"))

    def data_received(self, data: bytes) -> None:
        self._parser.feed_data(data)

    def on_message_complete(self) -> None:
        status = self._parser.get_status_code()
        self._parser = httptools.HttpResponseParser(self)
        if self._answer is not None and not self._answer.done():
            self._answer.set_result(status)

    async def send(self, request: bytes) -> int:
        assert self._transport is not None
        self._answer = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        return await self._answer

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()


async def _connect(door: Door) -> _Connection:
    _, connection = await asyncio.get_running_loop().create_connection(_Connection, door.host, door.port)
    return connection


async def as_fast_as_possible(door: Door, requests: Iterator[bytes], *, clients: int, seconds: float | None) -> Load:
    """Every client sends its next request when the last is answered; until the time or the requests are over."""
    load, started = Load(), time.perf_counter()

    async def client() -> None:
        connection = await _connect(door)
        for request in requests:
            sent = time.perf_counter()
            if seconds is not None and sent - started >= seconds:
                break
            load.note(await connection.send(request), time.perf_counter() - sent)
        connection.close()

    await asyncio.gather(*(client() for _ in range(clients)))
    load.seconds = time.perf_counter() - started
    return load


async def at_rate(door: Door, requests: Iterator[bytes], *, clients: int, per_second: float) -> Load:
    """Requests at fixed times until there are no more, whether or not the answers keep up.

    Latency counts from when a request was due: a client that waits for slow answers before it sends the next would
    leave out exactly the slow ones.
    """
    load, started = Load(), time.perf_counter()
    due = (started + n / per_second for n in count())

    async def client() -> None:
        connection = await _connect(door)
        for request in requests:
            at = next(due)
            await asyncio.sleep(max(0.0, at - time.perf_counter()))
            load.note(await connection.send(request), time.perf_counter() - at)
        connection.close()

    await asyncio.gather(*(client() for _ in range(clients)))
    load.seconds = time.perf_counter() - started
    return load
