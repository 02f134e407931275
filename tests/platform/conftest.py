"""The cast of the tests about the installation."""

import httpx
import pytest

from backend.deps import Deps
from tests.platform.stage import SignIn, Stage, set_up


@pytest.fixture
async def stage(api: httpx.AsyncClient, deps: Deps, sign_in: SignIn) -> Stage:
    return await set_up(api, deps, sign_in)
