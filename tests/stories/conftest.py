"""What the stories share: one instance, the world around it, and Olivia, who owns it."""

from collections.abc import AsyncGenerator, Generator
from pathlib import Path

import pytest

from tests.stories.outside import Outside, outside
from tests.stories.product import Instance, Watcher, instance
from tests.support.server import short_folder


@pytest.fixture(scope="session")
def folder() -> Generator[Path]:
    """A place that the embedded database's account can reach."""
    with short_folder() as folder:
        yield folder


@pytest.fixture(scope="session")
def world(folder: Path) -> Generator[Outside]:
    with outside(folder / "logs") as world:
        yield world


@pytest.fixture(scope="session")
def running(folder: Path, world: Outside) -> Generator[Instance]:
    """Stories share it: each uses services, hooks and targets of names of its own."""
    settings = {
        "LOKI_URL": world.loki.url,
        "NIGHTDESK_LOG_ROOTS": str(world.services.logs),
        # A source that is held by a story is slow, not gone.
        "NIGHTDESK_SOURCE_TIMEOUT_SECONDS": "50",
    }
    with instance(folder / "data", **settings) as running:
        yield running


@pytest.fixture
async def olivia(running: Instance, world: Outside) -> AsyncGenerator[Watcher]:
    """Signed in; what she registered is gone after the story, and nobody is held any longer."""
    async with running.owner() as olivia:
        yield olivia
        world.open_all()
        for path in ("/api/monitors", "/api/runbook-hooks"):
            for made in await olivia.client.items(path):
                await olivia.client.call("DELETE", f"{path}/{made['id']}")
