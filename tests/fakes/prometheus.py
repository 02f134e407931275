"""Prometheus' queries, for what a real one cannot be brought to say: fixed series per expression, NaN, errors, floods.

https://prometheus.io/docs/prometheus/latest/querying/api/#range-queries
"""

import re
import threading
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs

from tests.fakes.server import Fake, Request, serve

Rows = list[tuple[dict[str, str], list[tuple[float, str]]]]
_NAMES = re.compile(r'__name__=~"([^"]*)"')
_KEEP = re.compile(r"(?:topk|bottomk)(?: by \([^)]*\))?\s*\((\d+),")


@dataclass
class Prometheus(Fake):
    """`series`: a metric's name, or part of an expression → [(labels, [(unix, value as text), …])].

    An expression that asks for names gets the series of all of them; any other those of the first part it contains.
    `denied`: expressions with this part are refused, as by a proxy that lets nobody see more than is theirs.
    `counts`: (how many there are, at a moment) → what a count says; None: it would load more samples than it may.
    `late`: it gives up on every query. `moved`: what moved most, where that is asked for.
    """

    series: dict[str, Rows] = field(default_factory=dict)
    denied: str = ""
    counts: Callable[[int, float], int | None] = lambda there, at: there
    late: bool = False
    moved: list[tuple[dict[str, str], float]] = field(default_factory=list[tuple[dict[str, str], float]])
    # How many queries it had at once at the most.
    most_at_once: int = 0
    _now: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def handle(self, request: Request) -> tuple[int, bytes]:
        with self._lock:
            self._now += 1
            self.most_at_once = max(self.most_at_once, self._now)
        try:
            return super().handle(request)
        finally:
            with self._lock:
                self._now -= 1

    def answer(self, request: Request) -> tuple[int, Any]:
        # It takes the same as a form.
        request.query |= {key: values[0] for key, values in parse_qs(request.body.decode()).items()}
        expr = request.query.get("query", "")
        if self.denied and self.denied in expr:
            return 403, {"status": "error", "errorType": "forbidden", "error": "not yours to see"}
        if self.late:
            error = "query timed out in expression evaluation"
            return 503, {"status": "error", "errorType": "timeout", "error": error}
        if expr.count("(") != expr.count(")"):
            return 400, {"status": "error", "errorType": "bad_data", "error": "parse error: unclosed left parenthesis"}
        rows = self._rows(expr)
        if request.path == "/api/v1/query":
            return self._instant(expr, float(request.query.get("time") or time.time()), len(rows))
        if request.path != "/api/v1/query_range":
            return 404, b"404 page not found\n"
        kept = _KEEP.match(expr)
        result = [
            {"metric": labels, "values": [[at, value] for at, value in points]}
            for labels, points in rows[: int(kept[1]) if kept else None]
        ]
        return 200, {"status": "success", "data": {"resultType": "matrix", "result": result}}

    def _instant(self, expr: str, at: float, there: int) -> tuple[int, Any]:
        said = self.moved
        if expr.startswith("count("):
            many = self.counts(there, at)
            if many is None:
                error = "query processing would load too many samples into memory in query execution"
                return 422, {"status": "error", "errorType": "execution", "error": error}
            said = [({}, many)] if many else []
        result = [{"metric": labels, "value": [at, str(value)]} for labels, value in said]
        return 200, {"status": "success", "data": {"resultType": "vector", "result": result}}

    def _rows(self, expr: str) -> Rows:
        wanted = _NAMES.search(expr)
        if wanted is None:
            name = next((part for part in self.series if part in expr), "")
            return self.series.get(name, [])
        return [
            ({"__name__": name, **labels}, points)
            for name in wanted[1].split("|")
            for labels, points in self.series.get(name, [])
        ]


@contextmanager
def fake_prometheus() -> Generator[Prometheus]:
    with serve(Prometheus()) as prometheus:
        yield prometheus
