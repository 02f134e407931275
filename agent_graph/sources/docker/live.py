"""Docker: what the engine says about the target's container, its logs around the start of the trouble, its events.

The engine's HTTP API over httpx instead of the docker package: one dependency less in memory, and a client that can
only GET. https://docs.docker.com/reference/api/engine/
"""

import asyncio
import json
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx

from agent_graph.deps import Ask, Source, Tool
from agent_graph.logs.digest import Digest, digest
from agent_graph.safety.evidence import safe_log
from agent_graph.sources.asking import WIDER, attempt, read_capped, refusal, window
from agent_graph.sources.docker.state import (
    containers_of_target,
    describe,
    event_line,
    health_output,
    name_of,
    state_data,
    summarise,
)
from backend.investigation.kinds import CaseFile, Evidence
from backend.settings import Settings

NAME = "docker"
DEFAULT_SOCKET = Path("/var/run/docker.sock")
_MOST_TARGETS = 3
_CONTAINER = {"type": "string", "pattern": "^[a-zA-Z0-9][a-zA-Z0-9_.-]*$", "maxLength": 255}


class Engine:
    """A Docker engine that is only ever asked."""

    def __init__(self, client: httpx.AsyncClient, max_bytes: int) -> None:
        self._client = client
        self._max_bytes = max_bytes

    async def get(self, path: str, **params: Any) -> bytes:
        """The body of an answer, capped. Raises Trouble."""
        async with self._client.stream("GET", path, params=params) as response:
            body, _ = await read_capped(response, self._max_bytes)
        if response.status_code >= 400:
            raise refusal(response.status_code, body)
        return body

    async def json(self, path: str, **params: Any) -> Any:
        """The same, parsed."""
        return json.loads(await self.get(path, **params))


class DockerSource:
    """Finds the container the incident is about and asks everything about it."""

    name = NAME
    tools = (
        Tool(
            "docker_inspect",
            "State of a container: running or not, exit code, OOM kill, restarts, health, limits.",
            {
                "type": "object",
                "properties": {"container": _CONTAINER},
                "required": ["container"],
                "additionalProperties": False,
            },
        ),
        Tool(
            "docker_logs",
            "Logs of a container, optionally only the lines that contain a text.",
            {
                "type": "object",
                "properties": {
                    "container": _CONTAINER,
                    "minutes_before": {"type": "integer", "minimum": 1, "maximum": 1440},
                    "contains": {"type": "string", "maxLength": 200},
                },
                "required": ["container"],
                "additionalProperties": False,
            },
        ),
    )

    def __init__(self, engine: Engine, seconds: float) -> None:
        self._engine = engine
        self._seconds = seconds

    def first(self, case: CaseFile) -> list[Ask]:
        """Wherever the target may be a container."""
        elsewhere = case.target.runtime in ("kubernetes", "podman") or case.target.source_type == "host"
        return [] if elsewhere else [Ask(source=NAME, what="target")]

    def wider(self, case: CaseFile) -> list[Ask]:
        """Logs from long before, too."""
        minutes = int(WIDER.total_seconds() // 60)
        return [Ask(source=NAME, what="target_logs", args={"minutes_before": minutes})] if self.first(case) else []

    async def answer(self, case: CaseFile, ask: Ask) -> list[Evidence]:
        """Evidence of kinds state, log and event; nothing where the engine does not know the target."""
        if ask.what == "docker_inspect":
            return [await self._inspect(case, str(ask.args["container"]), of_target=False)]
        if ask.what == "docker_logs":
            return [await self._logs(case, str(ask.args["container"]), ask)]
        listing = Evidence(source=NAME, kind="state", title="Containers", query="GET /containers/json?all=1")
        found: list[dict[str, Any]] = []

        async def list_containers() -> Evidence:
            found.extend(await self._engine.json("/containers/json", all="1"))
            return listing

        listed = await attempt(listing, list_containers(), self._seconds)
        if listed.error:
            return [listed]
        targets = containers_of_target(found, case)
        if not targets:
            return [_nothing(listing, case, found)] if case.target.source_type == "container" else []
        answers = await asyncio.gather(*(self._about(case, name, found, ask) for name in targets[:_MOST_TARGETS]))
        return [evidence for answer in answers for evidence in answer]

    async def _about(self, case: CaseFile, name: str, listed: list[dict[str, Any]], ask: Ask) -> list[Evidence]:
        if ask.what == "target_logs":
            return [await self._logs(case, name, ask)]
        state, logs, events = await asyncio.gather(
            self._inspect(case, name, of_target=True, listed=listed),
            self._logs(case, name, ask),
            self._events(case, name),
        )
        said = str(state.data.get("health_output") or "")
        state = state.model_copy(update={"data": {k: v for k, v in state.data.items() if k != "health_output"}})
        return [state, logs, *events, *([_health(case, name, said)] if said else [])]

    async def _inspect(
        self, case: CaseFile, name: str, *, of_target: bool, listed: list[dict[str, Any]] | None = None
    ) -> Evidence:
        blank = Evidence(
            source=NAME,
            kind="state",
            title=f"State of container {name}",
            query=f"GET /containers/{name}/json",
            window_end=case.now,
        )

        async def look() -> Evidence:
            inspected = await self._engine.json(f"/containers/{name}/json")
            data = state_data(inspected, of_target=of_target)
            siblings = {name_of(c): str(c.get("State", "")) for c in listed or [] if name_of(c) != name}
            data["siblings"] = dict(sorted(siblings.items())[:50])
            data["health_output"] = health_output(inspected)
            return blank.model_copy(
                update={
                    "summary": summarise(data),
                    "content": describe(data),
                    "data": data,
                    "inventory": [name_of(c) for c in listed] if listed else [data["container"]],
                }
            )

        return await attempt(blank, look(), self._seconds)

    async def _logs(self, case: CaseFile, name: str, ask: Ask) -> Evidence:
        minutes = timedelta(minutes=float(str(ask.args.get("minutes_before", 15))))
        start, end = window(case, minutes)
        contains = str(ask.args.get("contains") or "")
        query = f"docker logs --timestamps --since {start:%Y-%m-%dT%H:%M:%SZ} {name}"
        query += f" | grep -i {contains!r}" if contains else ""
        blank = Evidence(
            source=NAME, kind="log", title=f"Logs of {name}", query=query, window_start=start, window_end=end
        )

        async def read() -> Evidence:
            found, cut = await self._read_logs(name, contains, since=f"{start.timestamp():.0f}")
            if not found.lines:
                # It may have died long before anybody was told: its last words count whenever they were said.
                found, cut = await self._read_logs(name, contains, tail="300")
            return blank.model_copy(
                update={
                    "summary": found.summary,
                    "content": found.content,
                    # What another container says is not what the target says.
                    "data": {**found.data, "container": name, **({"own": False} if ask.what == "docker_logs" else {})},
                    "truncated": cut or found.kept < found.lines,
                }
            )

        return await attempt(blank, read(), self._seconds)

    async def _read_logs(self, name: str, contains: str, **params: str) -> tuple[Digest, bool]:
        inspected = await self._engine.json(f"/containers/{name}/json")
        raw = await self._engine.get(f"/containers/{name}/logs", stdout="1", stderr="1", timestamps="1", **params)
        plain = bool(inspected.get("Config", {}).get("Tty"))
        return await asyncio.to_thread(_digest, raw, plain, contains), len(raw) >= self._engine._max_bytes  # pyright: ignore[reportPrivateUsage]

    async def _events(self, case: CaseFile, name: str) -> list[Evidence]:
        start, end = window(case)
        blank = Evidence(
            source=NAME,
            kind="event",
            title=f"Engine events of {name}",
            query=f"docker events --filter container={name} --since {start:%Y-%m-%dT%H:%M:%SZ}",
            window_start=start,
            window_end=end,
        )

        async def read() -> Evidence:
            filters = json.dumps({"container": [name], "type": ["container"]})
            until = datetime.now(UTC)
            body = await self._engine.get(
                "/events", since=f"{start.timestamp():.0f}", until=f"{until.timestamp():.6f}", filters=filters
            )
            lines = [line for line in (event_line(json.loads(row)) for row in body.splitlines() if row) if line]
            return blank.model_copy(update={"summary": f"{len(lines)} events.", "content": "\n".join(lines[-100:])})

        found = await attempt(blank, read(), self._seconds)
        return [found] if found.content or found.error else []


def _digest(raw: bytes, plain: bool, contains: str) -> Digest:
    text = safe_log(raw if plain else demultiplex(raw))
    if contains:
        text = "\n".join(line for line in text.split("\n") if contains.lower() in line.lower())
    return digest(text)


def demultiplex(raw: bytes) -> bytes:
    """Joins the frames of a container without a terminal: 1 byte stream, 3 zero, 4 length (big-endian), payload."""
    parts: list[bytes] = []
    at = 0
    while at + 8 <= len(raw):
        if raw[at] > 2 or raw[at + 1 : at + 4] != b"\0\0\0":
            return raw
        size = int.from_bytes(raw[at + 4 : at + 8], "big")
        parts.append(raw[at + 8 : at + 8 + size])
        at += 8 + size
    return b"".join(parts)


def _nothing(listing: Evidence, case: CaseFile, found: list[dict[str, Any]]) -> Evidence:
    names = sorted(name_of(container) for container in found)
    return listing.model_copy(
        update={
            "summary": f"The engine knows {len(names)} containers, none of them is {case.target.name}.",
            "content": "\n".join(names),
            "data": {"absent": case.target.name},
            "inventory": names,
        }
    )


def _health(case: CaseFile, name: str, said: str) -> Evidence:
    return Evidence(
        source=NAME,
        kind="log",
        title=f"Health check output of {name}",
        query=f"State.Health.Log of {name}",
        window_end=case.now,
        summary="What the container's own health check printed.",
        content=said,
        data={"container": name},
    )


def _local_engine() -> str | None:
    return f"unix://{DEFAULT_SOCKET}" if DEFAULT_SOCKET.exists() else None


async def open_source(settings: Settings, http: httpx.AsyncClient, stack: AsyncExitStack) -> Source | str:
    """The configured engine, or the local socket when there is one."""
    host = settings.docker_host or await asyncio.to_thread(_local_engine)
    if not host:
        return "Docker: not configured"
    timeout = httpx.Timeout(settings.source_timeout_seconds)
    if host.startswith("unix://"):
        transport = httpx.AsyncHTTPTransport(uds=host.removeprefix("unix://"))
        client = httpx.AsyncClient(transport=transport, base_url="http://docker", timeout=timeout)
    elif host.startswith(("tcp://", "http://", "https://")):
        client = httpx.AsyncClient(base_url=host.replace("tcp://", "http://", 1), timeout=timeout, trust_env=False)
    else:
        return f"Docker: {host.split('://')[0]}:// hosts are not supported; use unix:// or tcp://"
    await stack.enter_async_context(client)
    return DockerSource(Engine(client, settings.log_read_bytes), settings.source_timeout_seconds)
