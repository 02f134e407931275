"""A process on a database of its own, in real time, and its worker."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import pytest

from actions import worker
from backend.clock import Clock
from backend.deps import Deps, open_deps
from backend.settings import Settings

Working = Callable[[], AbstractAsyncContextManager[None]]


@pytest.fixture
async def live(settings: Settings, database_url: str) -> AsyncGenerator[Deps]:
    """Dependencies with the real clock: the worker waits for time to pass."""
    async with open_deps(settings, database_url=database_url, name="test", clock=Clock()) as deps:
        yield deps


@pytest.fixture
def working(live: Deps) -> Working:
    """`async with working():` runs the actions worker in this process."""

    @asynccontextmanager
    async def run() -> AsyncGenerator[None]:
        stop = asyncio.Event()
        task = asyncio.create_task(worker.run(live, stop))
        try:
            yield
        finally:
            stop.set()
            await asyncio.wait_for(task, 20)

    return run
