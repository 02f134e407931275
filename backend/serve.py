"""The API process: serves HTTP on a socket that somebody else may have opened, until it is told to stop."""

import asyncio
import socket
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import uvicorn
import uvloop

from backend.deps import Deps, open_deps
from backend.embedded import edge
from backend.main import create_app
from backend.settings import Settings
from backend.tokens import TokenVerifier, open_verifier
from backend.work import beating, stop_on_signals

# Longer than clients (5 s) and proxies (60 s) keep an idle connection: were it ours to close, a request that is on its
# way at that moment would be lost, and a POST is not sent again by itself.
KEEP_ALIVE_SECONDS = 75


def run_api(settings: Settings, database_url: str, door: socket.socket) -> None:
    """Serves HTTP on `door` until SIGTERM or SIGINT."""
    uvloop.run(_serve(settings, database_url, door))


class _Server(uvicorn.Server):
    """Leaves signals to us: one way to stop for every process."""

    @contextmanager
    def capture_signals(self) -> Generator[None]:
        yield


async def _serve(settings: Settings, database_url: str, door: socket.socket) -> None:
    stop = stop_on_signals()

    @asynccontextmanager
    async def opened() -> AsyncGenerator[tuple[Deps, TokenVerifier]]:
        async with open_deps(settings, database_url=database_url, name="nightdesk-api") as deps, beating(deps, "api"):
            yield deps, open_verifier(deps.settings, deps.db, deps.http)

    options: dict[str, Any] = {"log_config": None, "access_log": False, "server_header": False, "loop": "none"}
    options["timeout_keep_alive"] = KEEP_ALIVE_SECONDS
    options |= edge.UVICORN
    config = uvicorn.Config(create_app(opened), http="httptools", lifespan="on", **options)
    server = _Server(config)
    serving = asyncio.create_task(server.serve(sockets=[door]))
    stopping = asyncio.create_task(stop.wait())
    await asyncio.wait({serving, stopping}, return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()
    server.should_exit = True
    await serving
    if not server.started:
        raise SystemExit(1)
