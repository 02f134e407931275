"""Docker and Podman: what the engines say about the target's containers, and those around them."""

import asyncio
from contextlib import AsyncExitStack

import httpx

from agent_graph.deps import Ask, Source, Tool
from agent_graph.sources.asking import WIDER
from agent_graph.sources.docker.engine import Engine, open_engine
from agent_graph.sources.docker.evidence import NAME
from agent_graph.sources.docker.look import Look, best
from backend.connection.docker import UnusableDockerHost, engines
from backend.investigation.kinds import CaseFile, Evidence
from backend.settings import Settings

_CONTAINER = {"type": "string", "pattern": "^[a-zA-Z0-9][a-zA-Z0-9_.-]*$", "maxLength": 255}


class DockerSource:
    """Finds the containers the incident is about, on whichever engine, and asks everything about them."""

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
            "docker_stats",
            "What a running container uses now: memory and CPU against their limits, processes, disk, network.",
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

    def __init__(self, known: list[Engine], seconds: float) -> None:
        self._engines = known
        self._seconds = seconds

    def first(self, case: CaseFile) -> list[Ask]:
        """Wherever the target may be a container."""
        elsewhere = case.target.runtime == "kubernetes" or case.target.source_type == "host"
        return [] if elsewhere else [Ask(source=NAME, what="target")]

    def wider(self, case: CaseFile) -> list[Ask]:
        """Logs from long before, too."""
        minutes = int(WIDER.total_seconds() // 60)
        return [Ask(source=NAME, what="target_logs", args={"minutes_before": minutes})] if self.first(case) else []

    async def answer(self, case: CaseFile, ask: Ask) -> list[Evidence]:
        """Evidence of kinds state, log, metric, event and history; nothing where no engine knows the target."""
        looks = [Look(engine, case, self._seconds) for engine in self._engines]
        if any(ask.what == tool.name for tool in self.tools):
            return await _named(looks, ask)
        listed = await asyncio.gather(*(look.find() for look in looks))
        failed = [found for found in listed if found.error]
        look = best(looks, case.target.runtime)
        if look is not None:
            found = await (look.logs_of_targets(ask) if ask.what == "target_logs" else look.everything())
            return [*failed, *found]
        if case.target.source_type != "container":
            return failed
        silent = [look.nothing() for look, found in zip(looks, listed, strict=True) if not found.error]
        return [*failed, *silent]


async def _named(looks: list[Look], ask: Ask) -> list[Evidence]:
    """The container of that name: of the first engine that knows it, or what the first one said instead."""
    name = str(ask.args["container"])
    answers: list[Evidence] = []
    for look in looks:
        found = await _ask(look, name, ask)
        if not found.error:
            return [found]
        answers.append(found)
    return answers[:1]


async def _ask(look: Look, name: str, ask: Ask) -> Evidence:
    if ask.what == "docker_inspect":
        return await look.inspect(name)
    return await (look.measure(name) if ask.what == "docker_stats" else look.logs(name, ask))


async def open_source(settings: Settings, http: httpx.AsyncClient, stack: AsyncExitStack) -> Source | str:
    """The configured engines, or the local one when there is one."""
    try:
        known = await asyncio.to_thread(engines, settings)
    except UnusableDockerHost as error:
        return f"Docker: {error.detail}"
    if not known:
        return "Docker: not configured"
    opened = [
        await open_engine(kind, address, settings, stack, acts=place == 0)
        for place, (kind, address) in enumerate(known)
    ]
    return DockerSource(opened, settings.source_timeout_seconds)
