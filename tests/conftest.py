"""Fixtures every test may use: databases cloned from a migrated template, the process's dependencies, the API, people.

database_url   a database of its own, with real commits
session        one transaction on a shared database, rolled back at the end: for services
deps, clock    a process on `database_url`, and the clock it reads
api, sign_in   the HTTP door in this process; `await sign_in("alice@example.org", "responder")`
data_dir       a folder for `nightdesk up --data-dir`
"""

import asyncio
import gc
import os
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy.ext.asyncio import AsyncSession

from backend.access import Role
from backend.db import open_database
from backend.deps import Deps, open_deps
from backend.settings import Settings, load_settings
from backend.tokens import TokenVerifier, open_verifier
from tests.support import people
from tests.support.clock import MovableClock
from tests.support.people import SignedIn
from tests.support.server import TestServer, serve, short_folder

# How the controller of a parallel run tells its workers where the server is.
SERVER_VARIABLE = "NIGHTDESK_TEST_SERVER"
SERVER = pytest.StashKey[AsyncExitStack]()
# A thousand folders of recorded incidents, and no test in them.
collect_ignore = ["scenarios"]


def pytest_configure(config: pytest.Config) -> None:
    """A parallel run shares one server, which belongs to the controller: workers come and go."""
    # Settings of the person who runs the tests must not leak into them.
    for name in [n for n in os.environ if n.startswith("NIGHTDESK_") and not n.startswith("NIGHTDESK_TEST_")]:
        if name != "NIGHTDESK_REQUIRE_REAL":
            del os.environ[name]
    # Nor may the cluster that this run takes place in.
    for name in ("KUBECONFIG", "KUBERNETES_SERVICE_HOST"):
        os.environ.pop(name, None)
    if config.getoption("numprocesses", None) and "PYTEST_XDIST_WORKER" not in os.environ:
        stack = AsyncExitStack()
        server = stack.enter_context(serve())
        os.environ[SERVER_VARIABLE] = f"{server.admin_url}\n{server.service_url}"
        config.stash[SERVER] = stack


def pytest_collection_finish() -> None:
    """All that is loaded stays to the end: it need not be searched for garbage again and again."""
    gc.collect()
    gc.freeze()


def pytest_unconfigure(config: pytest.Config) -> None:
    if SERVER in config.stash:
        asyncio.run(config.stash[SERVER].aclose())


@pytest.fixture(scope="session")
def postgres_server() -> Generator[TestServer]:
    """The server of this run."""
    if SERVER_VARIABLE in os.environ:
        yield TestServer(*os.environ[SERVER_VARIABLE].split("\n"))
    else:
        with serve() as server:
            yield server


@pytest.fixture(scope="session")
def shared_database_url(postgres_server: TestServer) -> Generator[str]:
    """A database that stays as the migrations left it: only for transactions that are rolled back."""
    with postgres_server.database() as url:
        yield url


@pytest.fixture
def database_url(postgres_server: TestServer) -> Generator[str]:
    with postgres_server.database() as url:
        yield url


@pytest.fixture
async def session(shared_database_url: str) -> AsyncGenerator[AsyncSession]:
    database = open_database(shared_database_url, pool_size=2, application_name="test")
    async with database.sessions() as session, session.begin() as transaction:
        yield session
        await transaction.rollback()
    await database.engine.dispose()


@pytest.fixture
def clock() -> MovableClock:
    return MovableClock()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings of a test process; nothing of this machine is in them."""
    return load_settings(data_dir=tmp_path / "data", public_url="http://nightdesk.test", db_pool_size=4)


@pytest.fixture
async def deps(settings: Settings, database_url: str, clock: MovableClock) -> AsyncGenerator[Deps]:
    async with open_deps(settings, database_url=database_url, name="test", clock=clock) as deps:
        yield deps


@dataclass
class Door:
    """The application of a process: FastAPI works its routes out at their first use, and once is enough."""

    app: FastAPI
    deps: Deps | None = None


@pytest.fixture(scope="session")
def door() -> Door:
    # Only tests of the API pay for assembling it.
    from backend.main import create_app

    @asynccontextmanager
    async def opened() -> AsyncGenerator[tuple[Deps, TokenVerifier]]:
        assert door.deps is not None
        yield door.deps, open_verifier(door.deps.settings, door.deps.db, door.deps.http)

    door = Door(create_app(opened))
    return door


@pytest.fixture
async def api(deps: Deps, door: Door) -> AsyncGenerator[httpx.AsyncClient]:
    """A client of the API, which runs in this process on `deps`."""
    app, door.deps = door.app, deps
    ready, done = asyncio.Event(), asyncio.Event()

    async def live() -> None:
        # In a task of its own: what the lifespan opens must be closed by the task that opened it.
        async with app.router.lifespan_context(app):
            ready.set()
            await done.wait()

    running = asyncio.create_task(live())
    started = asyncio.create_task(ready.wait())
    await asyncio.wait({running, started}, return_when=asyncio.FIRST_COMPLETED)
    started.cancel()
    if running.done():
        await running
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url=deps.settings.url) as client:
        yield client
    done.set()
    await running


@pytest.fixture
def sign_in(api: httpx.AsyncClient, deps: Deps) -> Callable[..., Awaitable[SignedIn]]:
    """Makes a person with a role in a team and signs them in; their `headers` go with requests to `api`."""

    async def make(email: str = "olivia@example.org", role: Role = "owner", team: str = "default") -> SignedIn:
        user_id = await people.join(deps, email, role, team)
        return await people.sign_in(api, user_id, email)

    return make


@pytest.fixture
def data_dir() -> Generator[Path]:
    with short_folder() as folder:
        yield folder / "data"
