"""Prometheus' query_range, for what a real one cannot be brought to say: fixed series per expression, NaN, errors.

https://prometheus.io/docs/prometheus/latest/querying/api/#range-queries
"""

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from tests.fakes.server import Fake, Request, serve


@dataclass
class Prometheus(Fake):
    """`series`: part of the expression → [(labels, [(unix, value as text), …])]; the first that is in it counts."""

    series: dict[str, list[tuple[dict[str, str], list[tuple[float, str]]]]] = field(default_factory=dict)

    def answer(self, request: Request) -> tuple[int, Any]:
        if request.path != "/api/v1/query_range":
            return 404, b"404 page not found\n"
        expr = request.query.get("query", "")
        if expr.count("(") != expr.count(")"):
            return 400, {"status": "error", "errorType": "bad_data", "error": "parse error: unclosed left parenthesis"}
        rows = next((rows for part, rows in self.series.items() if part in expr), [])
        result = [{"metric": labels, "values": [[at, value] for at, value in points]} for labels, points in rows]
        return 200, {"status": "success", "data": {"resultType": "matrix", "result": result}}


@contextmanager
def fake_prometheus() -> Generator[Prometheus]:
    with serve(Prometheus()) as prometheus:
        yield prometheus
