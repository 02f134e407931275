"""A Loki for the benchmarks, on loopback: every target has an hour of ordinary lines and, at the end, one crash."""

import json
import re
import threading
from collections.abc import Generator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

LINES = 1000
CRASH = "ERROR worker died: RuntimeError: ledger checksum mismatch in segment 17"
_FILTER = re.compile(r'\|~ "((?:[^"\\]|\\.)*)"')


def _lines(query: dict[str, str]) -> list[list[str]]:
    """[nanoseconds, line] of the window, filtered as the query says; only `|~` is understood."""
    start, end = int(query["start"]), int(query["end"])
    step = (end - start) // (LINES + 1)
    found = [(start + n * step, f"INFO request {n} answered in {n % 97} ms") for n in range(LINES)]
    found.append((end - step, CRASH))
    wanted = _FILTER.search(query.get("query", ""))
    if wanted is not None:
        pattern = re.compile(json.loads(f'"{wanted[1]}"'))
        found = [(at, line) for at, line in found if pattern.search(line)]
    return [[str(at), line] for at, line in found]


class _Door(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        query = {name: values[0] for name, values in parse_qs(urlsplit(self.path).query).items()}
        result: list[Any] = [{"stream": {"job": "bench"}, "values": _lines(query)}] if "start" in query else []
        answer = {"status": "success", "data": {"resultType": "streams", "result": result, "stats": {}}}
        body = json.dumps(answer).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        pass


@contextmanager
def serving() -> Generator[str]:
    """Its URL, for the length of a block."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Door)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
