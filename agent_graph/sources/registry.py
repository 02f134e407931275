"""Which sources there are and which of them this installation has."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

import httpx

from agent_graph.deps import Source
from agent_graph.sources import alert, changes, log_file, loki, monitor_history, prometheus
from agent_graph.sources.docker import live as docker
from agent_graph.sources.kubernetes import live as kubernetes
from agent_graph.sources.postgres import live as postgres
from backend.settings import Settings

# A source, or the sentence that says why it is not there.
Opener = Callable[[Settings, httpx.AsyncClient, AsyncExitStack], Awaitable[Source | str]]

OPENERS: dict[str, Opener] = {
    "alert": alert.open_source,
    "monitor_history": monitor_history.open_source,
    "log_file": log_file.open_source,
    "changes": changes.open_source,
    "docker": docker.open_source,
    "kubernetes": kubernetes.open_source,
    "prometheus": prometheus.open_source,
    "loki": loki.open_source,
    "postgres": postgres.open_source,
}


@dataclass(frozen=True)
class Sources:
    """The sources that can be asked, and a sentence for each that cannot."""

    present: dict[str, Source]
    absent: list[str]


@asynccontextmanager
async def open_sources(settings: Settings, http: httpx.AsyncClient) -> AsyncGenerator[Sources]:
    """Opens every configured source; they are closed at the end."""
    present: dict[str, Source] = {}
    absent: list[str] = []
    async with AsyncExitStack() as stack:
        for name, opener in OPENERS.items():
            found = await opener(settings, http, stack)
            if isinstance(found, str):
                absent.append(found)
            else:
                present[name] = found
        yield Sources(present, absent)
