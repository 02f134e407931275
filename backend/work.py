"""A worker process: opens what it needs, says that it is alive, works until it is told to stop."""

import asyncio
import importlib
import signal
from collections.abc import AsyncGenerator, Callable, Coroutine
from contextlib import asynccontextmanager, suppress
from typing import Any, Protocol, cast

import structlog
import uvloop

from backend.deps import Deps, open_deps
from backend.health import RUNNING, keep_beating
from backend.reach import Reach
from backend.settings import Settings

log = structlog.get_logger("process")

# Loaded by name and only in their own process: none pays for another's libraries, and none sees another's code.
WORKERS = {
    "checks": "checks.worker",
    "agent": "agent_graph.worker",
    "actions": "actions.worker",
    "notify": "backend.notification.worker",
}
# Running jobs may finish; the supervisor waits a little longer than this.
FINISH_SECONDS = 10.0


class WorkerModule(Protocol):
    """What the modules named in WORKERS offer."""

    def run(self, deps: Deps, stop: asyncio.Event) -> Coroutine[Any, Any, None]:
        """Works until `stop` is set, then finishes what is running and returns."""
        ...


def run_worker(name: str, settings: Settings, database_url: str) -> None:
    """Runs one of WORKERS until SIGTERM or SIGINT."""
    module = cast(WorkerModule, importlib.import_module(WORKERS[name]))
    uvloop.run(_work(name, module, settings, database_url))


async def _work(name: str, module: WorkerModule, settings: Settings, database_url: str) -> None:
    stop = stop_on_signals()
    async with open_deps(settings, database_url=database_url, name=f"nightdesk-{name}") as deps, present(deps, name):
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
async def beating(deps: Deps, component: str, say: Callable[[], str] = lambda: RUNNING) -> AsyncGenerator[None]:
    """Says in the database that this process is alive, until the end."""
    async with meanwhile(keep_beating(deps, component, say)):
        yield


@asynccontextmanager
async def meanwhile(work: Coroutine[Any, Any, None]) -> AsyncGenerator[None]:
    """Work that goes on beside everything else and is let go of at the end."""
    task = asyncio.create_task(work)
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


@asynccontextmanager
async def present(deps: Deps, name: str) -> AsyncGenerator[None]:
    """A worker's sign of life. The agent's says what it cannot reach, too."""
    if name != "agent":
        async with beating(deps, name):
            yield
        return
    reach = Reach()
    async with meanwhile(reach.keep_looking(deps.settings)), beating(deps, name, lambda: reach.message):
        yield


def stop_on_signals() -> asyncio.Event:
    """An event that SIGTERM and SIGINT set."""
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    return stop
