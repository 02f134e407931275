"""The service that the drill breaks: a small order book over HTTP with four honest bugs, a process of its own.

It ends with whoever started it: its standard input is a pipe that nobody writes to and that closes with the starter.
Everything it has to say goes to standard output, which the operator keeps as its log file.
"""

import argparse
import contextlib
import json
import logging
import os
import queue
import signal
import sqlite3
import sys
import threading
import time
from collections.abc import Generator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import FrameType
from typing import Any
from urllib.parse import parse_qs, urlsplit

log = logging.getLogger("orders")

EXIT_CONFIG = 78  # EX_CONFIG of sysexits.h
RECORD_BYTES = 4096
CHUNK_BYTES = 16384


class ConfigError(Exception):
    """The configuration file has a value that cannot work."""


class PoolTimeout(Exception):
    """No connection came back in time."""


@dataclass(frozen=True)
class Config:
    """What config.json says."""

    pool_size: int
    pool_timeout_seconds: float


@dataclass(frozen=True)
class Order:
    """What was ordered. The price is for all pieces together."""

    item: str
    quantity: int
    price: float


def read_config(file: Path) -> Config:
    """Raises ConfigError with the file, the field and what is wrong with it."""
    try:
        raw = json.loads(file.read_text())
    except ValueError as error:
        raise ConfigError(f"{file}: not valid JSON: {error}") from None
    size, timeout = raw.get("pool_size"), raw.get("pool_timeout_seconds")
    if not isinstance(size, int) or size < 1:
        raise ConfigError(f'{file}: invalid value for "pool_size": expected a positive integer, got {size!r}')
    if not isinstance(timeout, int | float) or timeout <= 0:
        raise ConfigError(f'{file}: invalid value for "pool_timeout_seconds": expected seconds, got {timeout!r}')
    return Config(size, float(timeout))


class Pool:
    """At most `size` database connections; whoever takes one has to give it back."""

    def __init__(self, database: Path, config: Config) -> None:
        self._config = config
        self._free: queue.Queue[sqlite3.Connection] = queue.Queue()
        for _ in range(config.pool_size):
            self._free.put(sqlite3.connect(database, check_same_thread=False))

    def acquire(self) -> sqlite3.Connection:
        """A connection. Raises PoolTimeout."""
        try:
            return self._free.get(timeout=self._config.pool_timeout_seconds)
        except queue.Empty:
            raise PoolTimeout(
                f"QueuePool limit of size {self._config.pool_size} overflow 0 reached, connection timed out,"
                f" timeout {self._config.pool_timeout_seconds:.2f}"
            ) from None

    def release(self, connection: sqlite3.Connection) -> None:
        self._free.put(connection)

    @contextlib.contextmanager
    def connection(self) -> Generator[sqlite3.Connection]:
        """A connection for the length of a block."""
        connection = self.acquire()
        try:
            yield connection
        finally:
            self.release(connection)


class Orders:
    """The application behind the HTTP door."""

    def __init__(self, data: Path, config: Config) -> None:
        self._data = data
        self._uploads = data / "uploads"
        self._uploads.mkdir(exist_ok=True)
        self._pool = Pool(data / "orders.db", config)
        self._numbers = iter(range(time.time_ns(), sys.maxsize))
        self.inbox: queue.Queue[Order] = queue.Queue()

    def health(self) -> None:
        """Can it reach its database and write to its disk? Raises what is in the way."""
        with self._pool.connection() as connection:
            connection.execute("select 1")
        self._beat()

    def _beat(self) -> None:
        """Writes a whole record to a new file, so that a full disk is noticed before an order is lost."""
        fresh = self._data / "heartbeat.tmp"
        with fresh.open("wb", buffering=0) as file:
            file.write(b"%-*d" % (RECORD_BYTES, time.time_ns()))
            os.fsync(file.fileno())
        fresh.rename(self._data / "heartbeat")

    def report(self, month: str) -> dict[str, Any]:
        """Orders of a month."""
        connection = self._pool.acquire()
        # The drill's bug: an unknown month leaves without giving the connection back.
        number = time.strptime(month, "%B").tm_mon
        row = connection.execute("select ?, count(*) from sqlite_master", (number,)).fetchone()
        self._pool.release(connection)
        return {"month": row[0], "tables": row[1]}

    def upload(self, body: bytes) -> str:
        """Keeps a file. The drill's bug: what was written of one that does not fit stays there."""
        file = self._uploads / f"{next(self._numbers)}.bin"
        with file.open("wb", buffering=0) as out:
            view = memoryview(body)
            while view:
                view = view[out.write(view[:CHUNK_BYTES]) :]
        return file.name

    def work(self) -> None:
        """The main thread: one order after the other, for ever. The drill's bug: nobody checked for zero pieces."""
        while True:
            order = self.inbox.get()
            unit_price = order.price / order.quantity
            log.info("order booked: %d x %s at %.2f", order.quantity, order.item, unit_price)


class Door(BaseHTTPRequestHandler):
    """GET /health, GET /report?month=, POST /orders, POST /uploads."""

    protocol_version = "HTTP/1.1"
    orders: Orders

    def do_GET(self) -> None:
        url = urlsplit(self.path)
        if url.path == "/health":
            self._answer(self._health)
        elif url.path == "/report":
            month = parse_qs(url.query).get("month", ["January"])[0]
            self._answer(lambda: (200, self.orders.report(month)))
        else:
            self._send(404, {"error": "no such page"})

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        if self.path == "/orders":
            self._answer(lambda: self._order(body))
        elif self.path == "/uploads":
            self._answer(lambda: (201, {"name": self.orders.upload(body)}))
        else:
            self._send(404, {"error": "no such page"})

    def _health(self) -> tuple[int, dict[str, Any]]:
        self.orders.health()
        return 200, {"status": "ok"}

    def _order(self, body: bytes) -> tuple[int, dict[str, Any]]:
        raw = json.loads(body)
        self.orders.inbox.put(Order(str(raw["item"]), int(raw["quantity"]), float(raw["price"])))
        return 202, {"status": "accepted"}

    def _answer(self, handle: Any) -> None:
        """Every failure is logged in one line and told to the caller."""
        try:
            status, document = handle()
        except PoolTimeout as error:
            status, document = 503, {"status": "unavailable", "error": f"PoolTimeout: {error}"}
        except OSError as error:
            status, document = 503, {"status": "unavailable", "error": f"OSError: {error}"}
        except ValueError as error:
            status, document = 500, {"status": "error", "error": f"{type(error).__name__}: {error}"}
        if status >= 500:
            log.error("%s %s failed: %s", self.command, self.path, document["error"])
        self._send(status, document)

    def _send(self, status: int, document: dict[str, Any]) -> None:
        body = json.dumps(document).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        log.debug(format, *args)


def _end_with_starter() -> None:
    # Not sys.stdin: a thread that waits inside its lock would abort the interpreter when the main thread ends.
    while os.read(0, 1024):
        pass
    os._exit(0)


def _on_sigterm(_number: int, _frame: FrameType | None) -> None:
    log.info("stopped by SIGTERM")
    sys.exit(0)


def main() -> None:
    """Reads the configuration, opens the door, books orders until something ends it."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--port", type=int, required=True)
    args = parser.parse_args()
    logging.Formatter.converter = time.gmtime
    logging.basicConfig(
        stream=sys.stdout,
        level=logging.INFO,
        format="%(asctime)s.%(msecs)03dZ %(levelname)s %(name)s: %(message)s",
        datefmt="%Y-%m-%dT%H:%M:%S",
    )
    signal.signal(signal.SIGTERM, _on_sigterm)
    threading.Thread(target=_end_with_starter, daemon=True).start()
    try:
        config = read_config(args.home / "config.json")
    except ConfigError as error:
        log.critical("cannot start: ConfigError: %s", error)
        sys.exit(EXIT_CONFIG)
    Door.orders = Orders(args.home / "data", config)
    server = ThreadingHTTPServer(("127.0.0.1", args.port), Door)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    log.info("listening on port %d with %d database connections", args.port, config.pool_size)
    Door.orders.work()


if __name__ == "__main__":
    main()
