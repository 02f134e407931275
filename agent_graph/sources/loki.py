"""Loki: the target's log lines around the start of the trouble. https://grafana.com/docs/loki/latest/reference/loki-http-api/"""

import asyncio
import json
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
from tenacity import AsyncRetrying, retry_if_exception_type, stop_after_attempt, wait_exponential_jitter

from agent_graph.deps import Ask, Source, Tool
from agent_graph.logs.digest import digest
from agent_graph.safety.evidence import safe_log
from agent_graph.sources.asking import BEFORE, WIDER, attempt, read_capped, refusal, window
from backend.investigation.kinds import CaseFile, Evidence
from backend.settings import Settings

NAME = "loki"
_LINES = 5000
# Our labels, best first, and what the usual collectors (promtail, alloy, the docker driver) call the same thing.
_SELECTORS = (
    ("pod", ("pod",)),
    ("container", ("container", "container_name")),
    ("name", ("container_name", "container")),
    ("service", ("service_name", "service", "app")),
    ("app", ("app", "service_name")),
    ("job", ("job",)),
)
# Asked first: where there are too many lines, these are the ones that must not be cut off.
TROUBLE = (
    "(?i)(error|fatal|panic|exception|traceback|fail|refused|timeout|timed out|denied|killed|no space|oom|expired"
    "|exhausted|too many|unable|cannot)"
)


class _Again(Exception):
    """Too many requests, or trouble on its side: worth a second try."""


class LokiSource:
    """Asks the lines that sound like trouble first, then the last lines of the window."""

    name = NAME
    tools = (
        Tool(
            "loki_search",
            "Log lines of the target that contain a text, from `minutes_before` the start of the trouble on.",
            {
                "type": "object",
                "properties": {
                    "contains": {"type": "string", "minLength": 1, "maxLength": 200},
                    "minutes_before": {"type": "integer", "minimum": 1, "maximum": 1440},
                },
                "required": ["contains"],
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
        """Everything but hosts, which have no log stream of their own."""
        return [Ask(source=NAME, what="target", args={"selector": selector}) for selector in selectors(case)[:1]]

    def wider(self, case: CaseFile) -> list[Ask]:
        """Further back, and by the other names the target may have."""
        minutes = int(WIDER.total_seconds() // 60)
        return [
            Ask(source=NAME, what="target", args={"selector": selector, "minutes_before": minutes})
            for selector in selectors(case)[:3]
        ]

    async def answer(self, case: CaseFile, ask: Ask) -> list[Evidence]:
        """Log evidence, its query as one would paste it into Grafana."""
        minutes = ask.args.get("minutes_before")
        start, end = window(case, timedelta(minutes=float(str(minutes))) if minutes else BEFORE)
        names = selectors(case)
        selector = str(ask.args.get("selector") or (names[0] if names else ""))
        if selector not in names:
            return []
        contains = str(ask.args.get("contains") or "")
        query = f"{selector} |= {_quoted(contains)}" if contains else selector
        blank = Evidence(
            source=NAME, kind="log", title="Logs from Loki", query=query, window_start=start, window_end=end
        )
        return [await attempt(blank, self._read(blank, query, start, end, everything=bool(contains)), self._seconds)]

    async def _read(self, blank: Evidence, query: str, start: datetime, end: datetime, *, everything: bool) -> Evidence:
        filtered = query if everything else f"{query} |~ {_quoted(TROUBLE)}"
        bad, last = await asyncio.gather(
            self._query(filtered, start, end, "forward"),
            self._query(query, start, end, "backward") if not everything else _none(),
        )
        lines = dict.fromkeys(sorted([*bad, *last]))
        text = "\n".join(f"{datetime.fromtimestamp(ns / 1e9, UTC):%Y-%m-%dT%H:%M:%S.%fZ} {line}" for ns, line in lines)
        found = await asyncio.to_thread(lambda: digest(safe_log(text.encode("utf-8", "replace"))))
        return blank.model_copy(
            update={
                "query": query if everything else f"{filtered}\n{query}",
                "summary": found.summary,
                "content": found.content,
                "data": found.data,
                "truncated": len(bad) >= _LINES or len(last) >= _LINES or found.kept < found.lines,
            }
        )

    async def _query(self, query: str, start: datetime, end: datetime, direction: str) -> list[tuple[int, str]]:
        params = {
            "query": query,
            "start": str(int(start.timestamp() * 1e9)),
            "end": str(int(end.timestamp() * 1e9)),
            "limit": str(_LINES),
            "direction": direction,
        }
        retrying = AsyncRetrying(
            retry=retry_if_exception_type(_Again),
            stop=stop_after_attempt(3),
            wait=wait_exponential_jitter(multiplier=0.2, max=1.5, jitter=0.2),
            reraise=True,
        )
        try:
            async for attempt_now in retrying:
                with attempt_now:
                    body = await self._get(params)
                    return _streams(json.loads(body))
        except _Again as again:
            raise refusal(*again.args) from None
        return []

    async def _get(self, params: dict[str, str]) -> bytes:
        async with self._http.stream("GET", f"{self._url}/loki/api/v1/query_range", params=params) as response:
            body, _ = await read_capped(response, self._max_bytes)
        if response.status_code == 429 or response.status_code >= 500:
            raise _Again(response.status_code, body)
        if response.status_code >= 400:
            raise refusal(response.status_code, body)
        return body


async def _none() -> list[tuple[int, str]]:
    return []


def _streams(answer: Any) -> list[tuple[int, str]]:
    found = answer["data"]["result"]
    return [(int(at), str(line)) for stream in found for at, line, *_ in stream.get("values", [])]


def selectors(case: CaseFile) -> list[str]:
    """Stream selectors for the target, most specific first; the namespace narrows each of them."""
    labels = {**case.target.labels}
    if case.target.source_type == "container":
        labels.setdefault("container", case.target.name)
    elif case.target.source_type != "host":
        labels.setdefault("service", case.target.name)
    namespace = f", namespace={_quoted(case.target.namespace)}" if case.target.namespace else ""
    found = [
        f"{{{theirs}={_quoted(labels[ours])}{namespace}}}"
        for ours, candidates in _SELECTORS
        if labels.get(ours)
        for theirs in candidates
    ]
    return list(dict.fromkeys(found))


def _quoted(text: str) -> str:
    return json.dumps(text)


async def open_source(settings: Settings, http: httpx.AsyncClient, stack: AsyncExitStack) -> Source | str:
    """There when LOKI_URL is set."""
    if not settings.loki_url:
        return "Loki: not configured"
    return LokiSource(http, settings.loki_url, settings.source_timeout_seconds, settings.log_read_bytes)
