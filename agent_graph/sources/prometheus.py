"""Prometheus: the alert's own expression and the golden signals of the target, as series around the trouble's start.

Asked over httpx, not prometheus-api-client: that one is synchronous and brings pandas and matplotlib along.
https://prometheus.io/docs/prometheus/latest/querying/api/
"""

import asyncio
import operator
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from agent_graph.deps import Ask, Source, Tool
from agent_graph.sources.asking import BEFORE, attempt, window
from agent_graph.sources.measures import measures_of
from agent_graph.sources.metric_evidence import MOST_SERIES, NAME, POINTS, evidence_of, sign
from agent_graph.sources.neighbours import STEP_SECONDS, look_around
from agent_graph.sources.promql import USED, Query, Signals, alert_queries, signals_for
from agent_graph.sources.ranges import Prometheus, Window
from agent_graph.sources.series import Series, change_at, describe, spaced, thin
from agent_graph.sources.surroundings import surroundings
from backend.investigation.kinds import CaseFile, Evidence
from backend.settings import Settings

# More than this is not a target's own, and not worth downloading: the most telling are asked for.
MANY, KEPT = 200, 50
_HOLDS: dict[str, Callable[[float, float], bool]] = {
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
    "==": operator.eq,
    "!=": operator.ne,
}


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
        self._server = Prometheus(http, url, seconds, max_bytes)
        self._seconds = seconds

    def first(self, case: CaseFile) -> list[Ask]:
        """Whatever an exporter may measure of the target, and of what is around it."""
        knows = alert_queries(case) or signals_for(case) or surroundings(case)
        return [Ask(source=NAME, what="signals")] if knows else []

    def wider(self, case: CaseFile) -> list[Ask]:
        """The first look covers all that is known by name."""
        return []

    async def answer(self, case: CaseFile, ask: Ask) -> list[Evidence]:
        """Metric evidence: one per expression, one per meaning of the target's own series, one of what is around it."""
        if ask.what == "prometheus_query_range":
            minutes = timedelta(minutes=float(str(ask.args.get("minutes_before", BEFORE.total_seconds() / 60))))
            return [await self._expression(case, Query(str(ask.args["query"]), "Asked by the model"), "asked", minutes)]
        about, signals = alert_queries(case), signals_for(case)
        rules, (measured, failed), around = await asyncio.gather(
            self._rules(case, about), self._signals(case, signals), look_around(case, self._server)
        )
        if failed and len(failed) == len(signals) and all(one.error for one in (*rules, *around)):
            return (rules or failed)[:1]
        own = [*rules, *measured, *failed]
        return [*own, *around] if own else [_no_series(case, signals), *around]

    async def _rules(self, case: CaseFile, about: Sequence[Query]) -> list[Evidence]:
        return await asyncio.gather(*(self._expression(case, query, "alert", BEFORE) for query in about))

    async def _expression(self, case: CaseFile, query: Query, role: str, before: timedelta) -> Evidence:
        start, end = window(case, before)
        blank = Evidence(
            source=NAME, kind="metric", title=query.title, query=query.expr, window_start=start, window_end=end
        )
        return await attempt(blank, self._read(blank, query, role, Window(start, end, POINTS, 5)), self._seconds)

    async def _read(self, blank: Evidence, query: Query, role: str, at: Window) -> Evidence:
        lowest = query.operator.startswith("<")
        fewer = f"{'bottomk' if lowest else 'topk'}({KEPT}, {query.expr})"
        series, expr, many = await self._server.bounded(query.expr, fewer, at, MANY)
        exactly = [s for s in series if query.labels and all(s.labels.get(k, v) == v for k, v in query.labels.items())]
        wanted = exactly or series
        if many:
            # Each step has highest ones of its own; those of the last step come first.
            wanted = sorted(wanted, key=lambda s: (-s.points[-1][0], s.last if lowest else -s.last))
        shown = wanted[:MOST_SERIES]
        lines = [describe(s, "", query.limit) for s in shown]
        changes = [at for at in map(change_at, shown) if at is not None]
        if many:
            lines.append(
                f"Of the series that match, only the {'lowest' if lowest else 'highest'} {KEPT} were asked for."
            )
        return blank.model_copy(
            update={
                "query": expr,
                "summary": lines[0] if lines else "No series: nothing matches the expression in this window.",
                "content": "\n".join(lines),
                "data": {
                    "role": role,
                    "series": [{"labels": s.labels, "points": thin(s, POINTS)} for s in shown],
                    "unit": "",
                    "change_at": min(changes) if changes else None,
                    "limit": query.limit,
                    "condition": query.condition,
                    "signs": _of_condition(query, exactly[:1], lines) if role == "alert" else [],
                },
                "truncated": many or len(wanted) > MOST_SERIES,
            }
        )

    async def _signals(self, case: CaseFile, asked: Sequence[Signals]) -> tuple[list[Evidence], list[Evidence]]:
        """What was measured, and what could not be asked."""
        start, end = window(case, BEFORE)
        series: list[Series] = []
        queries: dict[str, str] = {}

        async def read(blank: Evidence, signals: Signals) -> Evidence:
            fewer = f"topk by (__name__) ({KEPT}, {signals.expr})"
            many, _, _ = await self._server.bounded(signals.expr, fewer, Window(start, end, POINTS, 5), MANY)
            for one in many:
                name = one.labels.setdefault("__name__", signals.names[0])
                queries.setdefault(name, signals.of(name))
                series.append(spaced(one, STEP_SECONDS) if name in USED else one)
            return blank

        def blank(signals: Signals) -> Evidence:
            return Evidence(
                source=NAME,
                kind="metric",
                title=f"Signals of {signals.exporter}",
                query=signals.expr,
                window_start=start,
                window_end=end,
            )

        tried = await asyncio.gather(*(attempt(blank(s), read(blank(s), s), self._seconds) for s in asked))
        series.sort(key=lambda s: sorted(s.labels.items()))
        found = await asyncio.to_thread(lambda: evidence_of(case, measures_of(case, series), start, end, queries))
        return found, [one for one in tried if one.error]


def _of_condition(query: Query, series: Sequence[Series], lines: Sequence[str]) -> list[dict[str, Any]]:
    """Whether what the alert complains about is still so, where it is clear which series it means."""
    holds = _HOLDS.get(query.operator)
    if holds is None or query.limit is None or not series:
        return []
    limit, points = query.limit, series[0].points
    changed = change_at(series[0])
    at = datetime.fromtimestamp(changed, UTC) if changed else None
    if holds(points[-1][1], limit):
        means = f"the alert's own expression is {query.condition} still"
        return [sign("trouble", "strong", lines[0], subject=query.title, at=at, means=means)]
    if any(holds(value, limit) for _, value in points):
        means = f"the alert's own expression was {query.condition} and is not any more"
        return [sign("trouble_over", "strong", lines[0], subject=query.title, at=at, means=means)]
    return []


def _no_series(case: CaseFile, asked: Sequence[Signals]) -> Evidence:
    start, end = window(case)
    return Evidence(
        source=NAME,
        kind="metric",
        title="Metrics of the target",
        query="\n".join([signals.expr for signals in asked] or [one.expr() for one in surroundings(case)]),
        window_start=start,
        window_end=end,
        summary=f"Prometheus answered, but has no series that belong to {case.target.name}.",
    )


async def open_source(settings: Settings, http: httpx.AsyncClient, stack: AsyncExitStack) -> Source | str:
    """There when PROMETHEUS_URL is set."""
    if not settings.prometheus_url:
        return "Prometheus: not configured"
    return PrometheusSource(http, settings.prometheus_url, settings.source_timeout_seconds, settings.source_max_bytes)
