"""Asks Prometheus for ranges of series, as many as one may read: counted first, and narrowed where there are more."""

import asyncio
import json
from dataclasses import dataclass, field
from datetime import datetime

import httpx

from agent_graph.sources.asking import Trouble
from agent_graph.sources.fetch import fetch
from agent_graph.sources.series import MOST_PARSED, Series, parse_matrix


@dataclass(frozen=True)
class Window:
    """What is looked at, and how closely: about `points` points, at least `least_seconds` apart."""

    start: datetime
    end: datetime
    points: int
    least_seconds: int

    @property
    def step_seconds(self) -> int:
        return max(self.least_seconds, round((self.end - self.start).total_seconds() / self.points))

    @property
    def first(self) -> float:
        """Whole steps before the end, which is what is judged."""
        whole = (self.end - self.start).total_seconds() // self.step_seconds
        return self.end.timestamp() - whole * self.step_seconds


# Prometheus answers twenty queries at once, those of everybody: rules and dashboards must find room beside ours.
AT_ONCE = 6


@dataclass(frozen=True)
class Prometheus:
    """The server. `seconds`: what it may take for one answer. `room`: for the queries of all investigations here."""

    http: httpx.AsyncClient
    url: str
    seconds: float
    max_bytes: int
    room: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AT_ONCE))

    async def count(self, expr: str, at: Window) -> int:
        """How many series match at the end; where none does any more, at the start. Raises as `instant`."""
        for moment in (at.end, at.start):
            for _, value in await self.instant(f"count({expr})", moment):
                return int(value)
        return 0

    async def instant(self, expr: str, at: datetime) -> list[tuple[dict[str, str], float]]:
        """Labels and value of each at a moment. Raises Trouble, KeyError, TypeError, ValueError."""
        params = {"query": expr, "time": f"{at.timestamp():.3f}", "timeout": f"{self.seconds:g}s"}
        body, cut = await self._fetch("query", params)
        if cut:
            raise Trouble("gave more than can be read; narrow the expression")
        return [(row["metric"], float(row["value"][1])) for row in json.loads(body)["data"]["result"]]

    async def range(self, expr: str, at: Window) -> list[Series] | None:
        """None: more than may be read."""
        params = {
            "query": expr,
            "start": f"{at.first:.3f}",
            "end": f"{at.end.timestamp():.3f}",
            "step": f"{at.step_seconds}s",
            "timeout": f"{self.seconds:g}s",
        }
        body, cut = await self._fetch("query_range", params)
        return None if cut else await asyncio.to_thread(_parsed, body)

    async def bounded(self, expr: str, fewer: str, at: Window, most: int) -> tuple[list[Series], str, bool]:
        """The series, the expression that gave them, and whether `fewer` was asked for instead."""
        try:
            many = await self.count(expr, at) > most
        except Trouble:
            # What cannot even be counted is not asked for whole.
            many = True
        series = None if many else await self.range(expr, at)
        if series is not None:
            return series, expr, False
        series = await self.range(fewer, at)
        if series is None:
            raise Trouble("has more series than can be read; narrow the expression")
        return series, fewer, True

    async def _fetch(self, what: str, params: dict[str, str]) -> tuple[bytes, bool]:
        async with self.room:
            return await fetch(self.http, f"{self.url}/api/v1/{what}", params, self.max_bytes)


def _parsed(body: bytes) -> list[Series] | None:
    answer = json.loads(body)
    return parse_matrix(answer) if len(answer["data"]["result"]) <= MOST_PARSED else None
