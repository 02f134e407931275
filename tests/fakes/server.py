"""A real HTTP server on loopback with switches for everything that can go wrong with one."""

import json
import threading
import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, TypeVar
from urllib.parse import parse_qs, urlsplit


@dataclass
class Request:
    """What a client sent."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Fake:
    """Subclasses answer(). The switches come first: `statuses` are used up one per request, then all is well."""

    statuses: list[int] = field(default_factory=list)
    slow_seconds: float = 0.0
    garbage: bool = False
    headers: dict[str, str] = field(default_factory=dict)
    requests: list[Request] = field(default_factory=list)
    url: str = ""

    def answer(self, request: Request) -> tuple[int, Any]:
        raise NotImplementedError

    def handle(self, request: Request) -> tuple[int, bytes]:
        self.requests.append(request)
        if self.slow_seconds:
            time.sleep(self.slow_seconds)
        if self.statuses:
            status = self.statuses.pop(0)
            if status != 200:
                return status, json.dumps({"error": {"message": f"fake says {status}"}, "status": "error"}).encode()
        if self.garbage:
            return 200, b"<html>not what you asked for</html>"
        status, answer = self.answer(request)
        return status, answer if isinstance(answer, bytes) else json.dumps(answer).encode()


F = TypeVar("F", bound=Fake)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    fake: Fake

    def _serve(self) -> None:
        parts = urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        query = {key: values[0] for key, values in parse_qs(parts.query).items()}
        request = Request(self.command, parts.path, query, dict(self.headers), body)
        status, answer = self.fake.handle(request)
        try:
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(answer)))
            for name, value in self.fake.headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(answer)
        except (BrokenPipeError, ConnectionResetError):
            # The client had enough: that is what slow_seconds is for.
            self.close_connection = True

    do_GET = do_POST = do_PUT = do_HEAD = _serve

    def log_message(self, format: str, *args: Any) -> None:
        pass


class _Server(ThreadingHTTPServer):
    # Clients ask everything at once; the default of 5 makes some of them wait for a second try.
    request_queue_size = 128


@contextmanager
def serve(fake: F) -> Generator[F]:
    """Runs a fake on a free port; `fake.url` leads to it."""
    handler = type("Handler", (_Handler,), {"fake": fake})
    server = _Server(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    fake.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield fake
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
