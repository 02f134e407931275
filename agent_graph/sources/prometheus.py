"""Prometheus: the alert's own expression and the golden signals of the target, as series around the trouble's start.

Asked over httpx, not prometheus-api-client: that one is synchronous and brings pandas and matplotlib along.
https://prometheus.io/docs/prometheus/latest/querying/api/
"""

import asyncio
import json
from contextlib import AsyncExitStack
from datetime import datetime, timedelta
from typing import Any

import httpx

from agent_graph.deps import Ask, Source, Tool
from agent_graph.sources.asking import BEFORE, attempt, read_capped, refusal, window
from agent_graph.sources.promql import Query, queries_for
from agent_graph.sources.series import Series, change_at, describe, parse_matrix, thin
from backend.investigation.kinds import CaseFile, Evidence
from backend.settings import Settings

NAME = "prometheus"
_POINTS = 240
_MOST_SERIES = 12


class PrometheusSource:
    """Asks for ranges only; a query without an answer is left out, unless it is the alert's own."""

    name = NAME
    tools = (
        Tool(
            "prometheus_query_range",
            "A PromQL expression over the incident's window, from `minutes_before` the start of the trouble on.",
            {
                "type": "object",
                "properties": {
                    "query": {"type": "string", "minLength": 1, "maxLength": 1000},
                    "minutes_before": {"type": "integer", "minimum": 1, "maximum": 1440},
                },
                "required": ["query"],
                "additionalProperties": False,
            },
        ),
    )

    def __init__(self, http: httpx.AsyncClient, url: str, seconds: float, max_bytes: int) -> None:
        self._http = http
        self._url = url
        self._seconds = seconds
        self._max_bytes = max_bytes

    def first(self, case: CaseFile) -> list[Ask]:
        """Whatever of the target an exporter may measure."""
        return [Ask(source=NAME, what="signals")] if queries_for(case) else []

    def wider(self, case: CaseFile) -> list[Ask]:
        """The first look covers all that is known by name."""
        return []

    async def answer(self, case: CaseFile, ask: Ask) -> list[Evidence]:
        """Metric evidence, one per expression that has series."""
        if ask.what == "prometheus_query_range":
            minutes = timedelta(minutes=float(str(ask.args.get("minutes_before", BEFORE.total_seconds() / 60))))
            query = Query("asked", str(ask.args["query"]), "Asked by the model", "")
            return [await self._look(case, query, minutes)]
        queries = queries_for(case)
        answers = await asyncio.gather(*(self._look(case, query, BEFORE) for query in queries))
        failed = [found for found in answers if found.error]
        if failed and len(failed) == len(answers):
            return failed[:1]
        kept = [
            e for q, e in zip(queries, answers, strict=True) if e.data.get("series") or e.error or q.role == "alert"
        ]
        return kept or [_no_series(case, queries)]

    async def _look(self, case: CaseFile, query: Query, before: timedelta) -> Evidence:
        start, end = window(case, before)
        blank = Evidence(
            source=NAME, kind="metric", title=query.title, query=query.expr, window_start=start, window_end=end
        )
        return await attempt(blank, self._read(blank, query, start, end), self._seconds)

    async def _read(self, blank: Evidence, query: Query, start: datetime, end: datetime) -> Evidence:
        series, limits = await asyncio.gather(
            self._range(query.expr, start, end), self._range(query.limit_expr, start, end)
        )
        wanted = [s for s in series if all(s.labels.get(k, v) == v for k, v in query.labels.items())] or series
        limit = query.limit if query.limit is not None else max((s.last for s in limits), default=0.0) or None
        changes = [at for at in (change_at(s) for s in wanted[:_MOST_SERIES]) if at is not None]
        lines = [describe(s, query.unit, limit) for s in wanted[:_MOST_SERIES]]
        return blank.model_copy(
            update={
                "summary": lines[0] if lines else "No series: nothing matches the expression in this window.",
                "content": "\n".join(lines),
                "data": {
                    "role": query.role,
                    "series": [{"labels": s.labels, "points": thin(s, _POINTS)} for s in wanted[:_MOST_SERIES]],
                    "unit": query.unit,
                    "change_at": min(changes) if changes else None,
                    "limit": limit,
                    "condition": query.condition,
                },
                "truncated": len(wanted) > _MOST_SERIES,
            }
        )

    async def _range(self, expr: str, start: datetime, end: datetime) -> list[Series]:
        if not expr:
            return []
        step = max(5.0, (end - start).total_seconds() / _POINTS)
        params = {
            "query": expr,
            "start": f"{start.timestamp():.3f}",
            "end": f"{end.timestamp():.3f}",
            "step": f"{step:.0f}s",
            "timeout": f"{self._seconds:g}s",
        }
        async with self._http.stream("GET", f"{self._url}/api/v1/query_range", params=params) as response:
            body, cut = await read_capped(response, self._max_bytes)
        if response.status_code >= 400:
            raise refusal(response.status_code, _reason(body))
        if cut:
            raise refusal(response.status_code, b"more series than can be read; narrow the expression")
        return await asyncio.to_thread(lambda: parse_matrix(json.loads(body)))


def _reason(body: bytes) -> bytes:
    try:
        answer: Any = json.loads(body)
        return str(answer["error"]).encode()
    except (ValueError, KeyError, TypeError):
        return body


def _no_series(case: CaseFile, queries: list[Query]) -> Evidence:
    start, end = window(case)
    return Evidence(
        source=NAME,
        kind="metric",
        title="Metrics of the target",
        query="\n".join(query.expr for query in queries),
        window_start=start,
        window_end=end,
        summary=f"Prometheus answered, but has no series that belong to {case.target.name}.",
    )


async def open_source(settings: Settings, http: httpx.AsyncClient, stack: AsyncExitStack) -> Source | str:
    """There when PROMETHEUS_URL is set."""
    if not settings.prometheus_url:
        return "Prometheus: not configured"
    return PrometheusSource(http, settings.prometheus_url, settings.source_timeout_seconds, settings.source_max_bytes)
