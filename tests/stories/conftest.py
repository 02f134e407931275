"""What the stories share: a folder for instances, and the world outside."""

from collections.abc import Generator
from pathlib import Path

import pytest

from tests.stories.outside import Outside, outside
from tests.support.server import short_folder


@pytest.fixture(scope="module")
def folder() -> Generator[Path]:
    """A place that the embedded database's account can reach."""
    with short_folder() as folder:
        yield folder


@pytest.fixture(scope="module")
def world(folder: Path) -> Generator[Outside]:
    with outside(folder / "logs") as world:
        yield world
