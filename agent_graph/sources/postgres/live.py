"""PostgreSQL: sessions, locks and who holds them, waits, statements, replication, sizes of the incident's database."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack

import httpx

from agent_graph.deps import Ask, Source, Tool
from agent_graph.sources.asking import Trouble, attempt
from agent_graph.sources.postgres import queries
from agent_graph.sources.postgres.match import Part, targets_of
from agent_graph.sources.postgres.rows import Row
from agent_graph.sources.postgres.samples import difference, heaviest, mean_waits
from agent_graph.sources.postgres.state import NAME, evidence_of, full_server
from backend.connection.postgres import (
    Look,
    NotAnswered,
    NotReached,
    PostgresServer,
    UnusablePostgresTarget,
    open_server,
    postgres_targets,
)
from backend.investigation.kinds import CaseFile, Evidence
from backend.settings import Settings

SAMPLES, APART_SECONDS = 5, 0.15
_QUERY_SECONDS, _LEAST_SECONDS = 2.0, 0.2
# What is asked must be over before the source's own time is: what was learned by then is worth keeping.
_SHARE = 0.8


class PostgresSource:
    """Looks at the registered servers; one that refuses, or a query that fails, is evidence that says so."""

    name = NAME

    def __init__(self, servers: Sequence[PostgresServer], seconds: float) -> None:
        self._servers = {server.target.name: server for server in servers}
        self._seconds = seconds
        self.tools: Sequence[Tool] = (
            Tool(
                "postgres_state",
                "Sessions, locks with their holders, waits, statements, replication and sizes of a PostgreSQL server.",
                {
                    "type": "object",
                    "properties": {"server": {"type": "string", "enum": sorted(self._servers)}},
                    "required": ["server"],
                    "additionalProperties": False,
                },
            ),
        )

    def first(self, case: CaseFile) -> list[Ask]:
        """The servers that the incident is about, or that its texts name."""
        return [Ask(source=NAME, what="state", args={"server": name}) for name in self._parts(case)]

    def wider(self, case: CaseFile) -> list[Ask]:
        """The first look covers all there is to see."""
        return []

    async def answer(self, case: CaseFile, ask: Ask) -> list[Evidence]:
        """The server's state, and apart from it what could not be read."""
        server = self._servers.get(str(ask.args.get("server")))
        if server is None:
            return []
        asked = "\n".join(f"-- {name}{sql}" for name, sql in queries.STATE.items())
        blank = Evidence(
            source=NAME,
            kind="state",
            title=f"PostgreSQL {server.target.name}: sessions and statistics",
            query=asked,
            window_end=case.now,
        )
        more: list[Evidence] = []
        found = await attempt(blank, self._look(blank, case, server, more), self._seconds)
        return [_owned(found, self._parts(case).get(server.target.name)), *more]

    def _parts(self, case: CaseFile) -> dict[str, Part]:
        return {t.name: part for t, part in targets_of(case, [s.target for s in self._servers.values()])}

    async def _look(self, blank: Evidence, case: CaseFile, server: PostgresServer, more: list[Evidence]) -> Evidence:
        try:
            async with server.connected() as look:
                role = await look.role(_QUERY_SECONDS)
                if role.refused is not None:
                    raise Trouble(f"is not looked at: {role.refused}")
                round_ = _Round(look, self._seconds * _SHARE)
                await round_.ask_all()
        except NotReached as trouble:
            if trouble.full:
                return full_server(blank, server.target.name, str(trouble))
            raise Trouble(f"cannot be reached ({trouble})") from None
        except NotAnswered as trouble:
            raise Trouble(f"did not answer ({trouble})") from None
        if not role.monitor:
            round_.failed["sessions of others"] = f"{role.name} is no member of pg_monitor, so they are hidden"
        more += _beside(blank, server.target.name, round_)
        (found,) = evidence_of(case, round_.found, blank.query) or [blank]
        full = len(round_.found.get("pg_stat_activity", [])) >= queries.MOST_SESSIONS
        return found.model_copy(update={"title": blank.title, "truncated": full})


class _Round:
    """One round of questions. `found`: rows by view, as a recording has them. `failed`: why there are none."""

    def __init__(self, look: Look, seconds: float) -> None:
        self._look = look
        self._ends = asyncio.get_running_loop().time() + seconds
        self.found: dict[str, list[Row]] = {}
        self.failed: dict[str, str] = {}
        self.heavy: list[str] = []

    async def ask_all(self) -> None:
        """First what tells most, then what may take long."""
        await self._keep("pg_stat_activity", lambda: self._rows(queries.SESSIONS))
        await self._keep("pg_locks", lambda: self._rows(queries.LOCKS))
        schema = await self._keep("pg_extension", lambda: self._rows(queries.STATEMENTS_SCHEMA))
        before = await self._statements(schema)
        await self._keep("waits", self._waits)
        after = await self._statements(schema)
        if after:
            self.found["pg_stat_statements"] = difference(before, after)
            self.heavy = heaviest(after)
        for name, query in queries.STATE.items():
            if name not in self.found:
                await self._keep(name, lambda query=query: self._rows(query))
        self.found.pop("pg_extension", None)

    async def _statements(self, schema: list[Row]) -> list[Row]:
        if not schema:
            return []
        query = queries.STATEMENTS.format(schema=schema[0]["schema"])
        rows = await self._keep("pg_stat_statements", lambda: self._rows(query))
        self.found.pop("pg_stat_statements", None)
        return rows

    async def _waits(self) -> list[Row]:
        samples: list[list[Row]] = []
        for number in range(SAMPLES):
            if number:
                # A sample is a moment's state: the next one has to be another moment's.
                await asyncio.sleep(APART_SECONDS)
            samples.append(await self._rows(queries.WAITS))
        return mean_waits(samples)

    async def _keep(self, name: str, ask: Callable[[], Awaitable[list[Row]]]) -> list[Row]:
        try:
            self.found[name] = await ask()
        except NotAnswered as trouble:
            self.failed[name] = str(trouble)
        return self.found.get(name, [])

    async def _rows(self, query: str) -> list[Row]:
        left = self._ends - asyncio.get_running_loop().time()
        if left < _LEAST_SECONDS:
            raise NotAnswered("no time was left to ask")
        return await self._look.rows(query, min(left, _QUERY_SECONDS))


def _owned(found: Evidence, part: Part | None) -> Evidence:
    """Only what the incident is about may be acted on, and only its health is the target's.

    A server that a model asked about, and nothing ties to the incident, proves nothing about it.
    """
    if part == "own":
        return found
    signs = [s for s in found.data.get("signs", []) if part is not None and s["category"] != "healthy"]
    return found.model_copy(update={"data": {"scope": [], "signs": signs}})


def _beside(blank: Evidence, server: str, asked: _Round) -> list[Evidence]:
    found: list[Evidence] = []
    if asked.heavy:
        found.append(
            blank.model_copy(
                update={
                    "title": f"PostgreSQL {server}: heaviest statements since its statistics began",
                    "query": "pg_stat_statements by total_exec_time",
                    "summary": asked.heavy[0],
                    "content": "\n".join(asked.heavy),
                }
            )
        )
    if asked.failed:
        reasons = "; ".join(f"{name}: {why}" for name, why in asked.failed.items())
        title = f"PostgreSQL {server}: what could not be read"
        query = ", ".join(asked.failed)
        found.append(
            blank.model_copy(update={"title": title, "query": query, "error": reasons, "summary": "No answer."})
        )
    return found


async def open_source(settings: Settings, http: httpx.AsyncClient, stack: AsyncExitStack) -> Source | str:
    """There when NIGHTDESK_POSTGRES_TARGETS is set."""
    try:
        targets = postgres_targets(settings)
    except UnusablePostgresTarget as error:
        return f"PostgreSQL: {error.detail}"
    if not targets:
        return "PostgreSQL: no server configured"
    servers = [await stack.enter_async_context(open_server(target)) for target in targets]
    return PostgresSource(servers, settings.source_timeout_seconds)
