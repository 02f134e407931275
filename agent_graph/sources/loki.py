"""Loki: the target's log lines around the start of the trouble. https://grafana.com/docs/loki/latest/reference/loki-http-api/"""

import asyncio
import json
import re
from collections.abc import Coroutine
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

import httpx

from agent_graph.deps import Ask, Source, Tool
from agent_graph.logs.digest import digest
from agent_graph.logs.turns import in_turn
from agent_graph.safety.evidence import safe_log
from agent_graph.sources import renewals
from agent_graph.sources.asking import BEFORE, WIDER, Trouble, attempt, together, window
from agent_graph.sources.fetch import TRIES, fetch, quoted
from backend.investigation.kinds import CaseFile, Evidence
from backend.settings import Settings

NAME = "loki"
# Loki's own default for the most it gives at once; a log in trouble is read on for some more of these.
_LINES, _PAGES = 5000, 4
# What is read on must leave time to be understood.
_SHARE = 0.5
# Where lines are long, fewer of them fit into what may be read of one answer.
_FEWEST = 50
_ITS_LIMIT = re.compile(r"max.entries.limit.*?(\d+)\)?\s*$", re.DOTALL)
Direction = Literal["forward", "backward"]
# Unix nanoseconds, what it says, and the labels of its stream.
Line = tuple[int, str, str]
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
        asks = [Ask(source=NAME, what="target", args={"selector": selector}) for selector in selectors(case)[:1]]
        return [*asks, *([Ask(source=NAME, what="renewals")] if renewals.is_about(case) else [])]

    def wider(self, case: CaseFile) -> list[Ask]:
        """Further back, and by the other names the target may have."""
        minutes = int(WIDER.total_seconds() // 60)
        return [
            Ask(source=NAME, what="target", args={"selector": selector, "minutes_before": minutes})
            for selector in selectors(case)[:3]
        ]

    async def answer(self, case: CaseFile, ask: Ask) -> list[Evidence]:
        """Log evidence, its query as one would paste it into Grafana."""
        if ask.what == "renewals":
            return await self._renewals(case)
        minutes = ask.args.get("minutes_before")
        start, end = window(case, timedelta(minutes=float(str(minutes))) if minutes else BEFORE)
        names = selectors(case)
        selector = str(ask.args.get("selector") or (names[0] if names else ""))
        if selector not in names:
            return []
        contains = str(ask.args.get("contains") or "")
        query = f"{selector} |= {quoted(contains)}" if contains else selector
        blank = Evidence(
            source=NAME, kind="log", title="Logs from Loki", query=query, window_start=start, window_end=end
        )
        return [await attempt(blank, self._read(blank, query, start, end, everything=bool(contains)), self._seconds)]

    async def _renewals(self, case: CaseFile) -> list[Evidence]:
        """Whoever renews is seldom the target. Asked once: so long a time is a burden to a server that is busy."""
        queries = [f"{streams} |~ {quoted(renewals.WORDS)}" for streams in renewals.streams(case)]
        since, until = (_ns(at) for at in renewals.span(case))

        async def read() -> Evidence:
            asked = (self._page(query, since, until, "backward", renewals.MOST, tries=1) for query in queries)
            lines = sorted(line for found, _ in await together(*asked) for line in found)
            return renewals.evidence(NAME, "\n".join(queries), case, [f"{_stamp(ns)} {line}" for ns, line, *_ in lines])

        return [await attempt(renewals.evidence(NAME, "\n".join(queries), case, []), read(), self._seconds)]

    async def _read(self, blank: Evidence, query: str, start: datetime, end: datetime, *, everything: bool) -> Evidence:
        filtered = query if everything else f"{query} |~ {quoted(TROUBLE)}"
        since, until = _ns(start), _ns(end)
        asked: list[Coroutine[Any, Any, tuple[list[Line], bool]]] = [self._pages(filtered, since, until)]
        if not everything:
            asked.append(self._page(query, since, until, "backward", _LINES))
        answers = await together(*asked)
        lines = dict.fromkeys(sorted(line for found, _ in answers for line in found))
        text = "\n".join(f"{_stamp(ns)} {line}" for ns, line, _ in in_turn(lines, _told))
        found = await asyncio.to_thread(lambda: digest(safe_log(text.encode("utf-8", "replace"))))
        return blank.model_copy(
            update={
                "query": query if everything else f"{filtered}\n{query}",
                "summary": found.summary,
                "content": found.content,
                "data": found.data,
                "truncated": any(more for _, more in answers) or found.kept < found.lines,
            }
        )

    async def _pages(self, query: str, since: int, until: int) -> tuple[list[Line], bool]:
        """Lines from the start on, page by page; True when there are more."""
        clock = asyncio.get_running_loop().time
        ends = clock() + self._seconds * _SHARE
        found: dict[Line, None] = {}
        for number in range(_PAGES):
            try:
                page, more = await self._page(query, since, until, "forward", _LINES)
            except Trouble:
                if number == 0:
                    raise
                break
            known = len(found)
            found.update(dict.fromkeys(page))
            if not more:
                return list(found), False
            if not page or clock() > ends:
                break
            # Lines of one moment may be on both sides of a page's end: the next page begins with that moment again.
            since = page[-1][0] + (0 if len(found) > known else 1)
        return list(found), True

    async def _page(
        self, query: str, since: int, until: int, direction: Direction, limit: int, tries: int = TRIES
    ) -> tuple[list[Line], bool]:
        """At most `limit` lines in their order; True when there may be more. Asks for fewer when that was too much."""
        params = {
            "query": query,
            "start": str(since),
            "end": str(until),
            "limit": str(limit),
            "direction": direction,
        }
        try:
            url = f"{self._url}/loki/api/v1/query_range"
            body, cut = await fetch(self._http, url, params, self._max_bytes, tries)
        except Trouble as trouble:
            its_limit = _ITS_LIMIT.search(str(trouble))
            if its_limit is None or not 0 < int(its_limit[1]) < limit:
                raise
            return await self._page(query, since, until, direction, int(its_limit[1]), tries)
        if cut and limit > _FEWEST:
            return (await self._page(query, since, until, direction, limit // 10, tries))[0], True
        if cut:
            raise Trouble(f"has lines so long that {limit} of them are more than can be read")
        lines = sorted(_streams(json.loads(body)))
        return lines, len(lines) >= limit


def _stamp(ns: int) -> str:
    return f"{datetime.fromtimestamp(ns / 1e9, UTC):%Y-%m-%dT%H:%M:%S.%fZ}"


def _ns(at: datetime) -> int:
    """Unix nanoseconds, exact to the microsecond."""
    return (at - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1) * 1000


def _streams(answer: Any) -> list[Line]:
    found = answer["data"]["result"]
    return [
        (int(at), str(line), str(stream.get("stream"))) for stream in found for at, line, *_ in stream.get("values", [])
    ]


def _told(line: Line) -> tuple[float, str]:
    return line[0] / 1e9, line[2]


def selectors(case: CaseFile) -> list[str]:
    """Stream selectors for the target, most specific first; the namespace narrows each of them."""
    labels = {**case.target.labels}
    if case.target.source_type == "container":
        labels.setdefault("container", case.target.name)
    elif case.target.source_type != "host":
        labels.setdefault("service", case.target.name)
    namespace = f", namespace={quoted(case.target.namespace)}" if case.target.namespace else ""
    found = [
        f"{{{theirs}={quoted(labels[ours])}{namespace}}}"
        for ours, candidates in _SELECTORS
        if labels.get(ours)
        for theirs in candidates
    ]
    return list(dict.fromkeys(found))


async def open_source(settings: Settings, http: httpx.AsyncClient, stack: AsyncExitStack) -> Source | str:
    """There when LOKI_URL is set."""
    if not settings.loki_url:
        return "Loki: not configured"
    return LokiSource(http, settings.loki_url, settings.source_timeout_seconds, settings.log_read_bytes)
