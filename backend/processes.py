"""What each process runs, from start to clean stop; started by the supervisor, or alone in a container."""

import asyncio
import importlib
import signal
import socket
from collections.abc import AsyncGenerator, Coroutine, Generator
from contextlib import asynccontextmanager, contextmanager, suppress
from typing import Any, Protocol, cast

import structlog
import uvicorn
import uvloop

from backend.deps import Deps, open_deps
from backend.health import keep_beating
from backend.main import create_app
from backend.settings import Settings
from backend.tokens import TokenVerifier, open_verifier

log = structlog.get_logger("process")

# Loaded by name and only in their own process: none pays for another's libraries, and none sees another's code.
WORKERS = {"checks": "checks.worker", "agent": "agent_graph.worker", "actions": "actions.worker"}
# Running jobs may finish; the supervisor waits a little longer than this.
FINISH_SECONDS = 10.0


class WorkerModule(Protocol):
    """What checks.worker, agent_graph.worker and actions.worker offer."""

    def run(self, deps: Deps, stop: asyncio.Event) -> Coroutine[Any, Any, None]:
        """Works until `stop` is set, then finishes what is running and returns."""
        ...


def run_api(settings: Settings, database_url: str, door: socket.socket) -> None:
    """Serves HTTP on `door` until SIGTERM or SIGINT."""
    uvloop.run(_serve(settings, database_url, door))


def run_worker(name: str, settings: Settings, database_url: str) -> None:
    """Runs one of WORKERS until SIGTERM or SIGINT."""
    module = cast(WorkerModule, importlib.import_module(WORKERS[name]))
    uvloop.run(_work(name, module, settings, database_url))


class _Server(uvicorn.Server):
    """Leaves signals to us: one way to stop for every process."""

    @contextmanager
    def capture_signals(self) -> Generator[None]:
        yield


async def _serve(settings: Settings, database_url: str, door: socket.socket) -> None:
    stop = _stop_on_signals()

    @asynccontextmanager
    async def opened() -> AsyncGenerator[tuple[Deps, TokenVerifier]]:
        async with open_deps(settings, database_url=database_url, name="nightdesk-api") as deps, _beating(deps, "api"):
            yield deps, open_verifier(deps.settings, deps.db, deps.http)

    config = uvicorn.Config(
        create_app(opened),
        log_config=None,
        access_log=False,
        server_header=False,
        loop="none",
        http="httptools",
        ws="websockets-sansio",
        ws_max_size=5_000_000,
        lifespan="on",
        timeout_graceful_shutdown=3,
    )
    server = _Server(config)
    serving = asyncio.create_task(server.serve(sockets=[door]))
    stopping = asyncio.create_task(stop.wait())
    await asyncio.wait({serving, stopping}, return_when=asyncio.FIRST_COMPLETED)
    server.should_exit = True
    await serving
    if not server.started:
        raise SystemExit(1)


async def _work(name: str, module: WorkerModule, settings: Settings, database_url: str) -> None:
    stop = _stop_on_signals()
    async with open_deps(settings, database_url=database_url, name=f"nightdesk-{name}") as deps, _beating(deps, name):
        log.debug("worker_started", worker=name)
        work = asyncio.create_task(module.run(deps, stop))
        stopping = asyncio.create_task(stop.wait())
        await asyncio.wait({work, stopping}, return_when=asyncio.FIRST_COMPLETED)
        stopping.cancel()
        try:
            await asyncio.wait_for(work, FINISH_SECONDS if stop.is_set() else None)
        except TimeoutError:
            log.warning("worker_cut_off", worker=name, after_seconds=FINISH_SECONDS)


@asynccontextmanager
async def _beating(deps: Deps, component: str) -> AsyncGenerator[None]:
    beating = asyncio.create_task(keep_beating(deps, component))
    try:
        yield
    finally:
        beating.cancel()
        with suppress(asyncio.CancelledError):
            await beating


def _stop_on_signals() -> asyncio.Event:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    return stop
