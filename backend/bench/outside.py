"""Loki and Prometheus for the benchmarks, on loopback: every target has ordinary lines, then one crash, and is down."""

import json
import re
import threading
from collections.abc import Generator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

LINES = 1000
CRASH = (
    "Traceback (most recent call last):",
    '  File "/srv/ledger.py", line 88, in append',
    "    segment.verify()",
    "RuntimeError: checksum mismatch in segment 17",
)
_FILTER = re.compile(r'\|~ "((?:[^"\\]|\\.)*)"')

Query = dict[str, str]


def _log_lines(query: Query) -> list[list[str]]:
    """[nanoseconds, line] of the window, filtered as the query says; only `|~` is understood."""
    start, end = int(query["start"]), int(query["end"])
    step = (end - start) // (LINES + 1)
    found = [(start + n * step, f"INFO request {n} answered in {n % 97} ms") for n in range(LINES)]
    found += [(end - step + n, line) for n, line in enumerate(CRASH)]
    wanted = _FILTER.search(query.get("query", ""))
    if wanted is not None:
        pattern = re.compile(json.loads(f'"{wanted[1]}"'))
        found = [(at, line) for at, line in found if pattern.search(line)]
    return [[str(at), line] for at, line in found]


def _samples(query: Query) -> list[list[Any]]:
    """`up` was 1 and is 0 in the last tenth of the window; nothing else was ever measured."""
    if not query.get("query", "").startswith("up"):
        return []
    start, end, step = (float(query[name].removesuffix("s")) for name in ("start", "end", "step"))
    count = int((end - start) / step) + 1
    return [[start + n * step, "1" if n < count * 0.9 else "0"] for n in range(count)]


def _answer(path: str, query: Query) -> Any:
    if path == "/loki/api/v1/query_range":
        result: list[Any] = [{"stream": {"job": "bench"}, "values": _log_lines(query)}]
        return {"status": "success", "data": {"resultType": "streams", "result": result, "stats": {}}}
    if path == "/api/v1/query_range":
        values = _samples(query)
        result = [{"metric": {"__name__": "up", "job": "bench"}, "values": values}] if values else []
        return {"status": "success", "data": {"resultType": "matrix", "result": result}}
    if path == "/api/v1/query":
        # Asked how many series there are before they are read.
        known = query.get("query", "").startswith("count(up")
        vector = [{"metric": {}, "value": [float(query.get("time", "0")), "1"]}] if known else []
        return {"status": "success", "data": {"resultType": "vector", "result": vector}}
    return None


class _Door(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        url = urlsplit(self.path)
        found = _answer(url.path, {name: values[0] for name, values in parse_qs(url.query).items()})
        body = json.dumps(found or {"status": "error", "error": "there is no such page"}).encode()
        self.send_response(200 if found else 404)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        pass


@contextmanager
def serving() -> Generator[str]:
    """The URL of both, for the length of a block."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Door)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
