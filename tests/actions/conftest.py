"""A process on a database of its own, in real time, and its worker."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Generator
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import pytest

from actions import worker
from actions.engine import DockerEngine, open_client
from backend.clock import Clock
from backend.connection.docker import docker_engine as docker_engine_address
from backend.deps import Deps, open_deps
from backend.settings import Settings, load_settings
from tests.actions.containers import Containers, containers
from tests.real import docker_engine

Working = Callable[[], AbstractAsyncContextManager[None]]


@pytest.fixture
async def live(settings: Settings, database_url: str) -> AsyncGenerator[Deps]:
    """Dependencies with the real clock: the worker waits for time to pass. No engine: this machine may have one."""
    settings = settings.model_copy(update={"docker_host": f"unix://{settings.data_dir}/no.sock"})
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


@pytest.fixture(scope="session")
def docker_host() -> Generator[str]:
    """DOCKER_HOST of a real engine."""
    with docker_engine() as host:
        yield host


@pytest.fixture
def docker_containers(docker_host: str) -> Generator[Containers]:
    with containers(docker_host) as made:
        yield made


@pytest.fixture
async def engine(docker_host: str) -> AsyncGenerator[DockerEngine]:
    """The engine as runners see it."""
    address = docker_engine_address(load_settings(docker_host=docker_host))
    async with open_client(address) as client:
        yield DockerEngine(address, client)
