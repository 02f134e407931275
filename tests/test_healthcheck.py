"""The container health check: the door of this container, or the heartbeat of its own worker and of no other."""

import socket
import subprocess
import sys
from datetime import timedelta

import pytest
from pydantic import SecretStr
from sqlalchemy import text

from backend import healthcheck
from backend.clock import Clock
from backend.deps import Deps
from backend.health import SILENT_SECONDS, beat
from backend.settings import Settings, load_settings
from tests.deploy.neighbours import echo


@pytest.fixture
def settings_of(database_url: str) -> Settings:
    return load_settings(database_url=SecretStr(database_url))


async def test_a_worker_that_was_just_heard_of_is_well(deps: Deps, settings_of: Settings) -> None:
    assert healthcheck.worker_beats(settings_of, "checks") is False
    now = Clock().now()
    async with deps.db.transaction() as session:
        await beat(session, "checks", "running", now, now)
    assert healthcheck.worker_beats(settings_of, "checks") is True
    assert healthcheck.worker_beats(settings_of, "agent") is False


async def test_a_silent_worker_and_one_of_another_container_do_not_count(deps: Deps, settings_of: Settings) -> None:
    now = Clock().now() - timedelta(seconds=60)
    async with deps.db.transaction() as session:
        await beat(session, "checks", "running", now, now)
    assert healthcheck.worker_beats(settings_of, "checks") is False
    async with deps.db.transaction() as session:
        renamed = f"{socket.gethostname()}x:1"
        await session.execute(text("update system_health set instance = :name, last_seen = now()"), {"name": renamed})
    assert healthcheck.worker_beats(settings_of, "checks") is False


def test_it_is_light_and_agrees_with_the_heartbeat() -> None:
    assert healthcheck.SILENT_SECONDS == SILENT_SECONDS
    loaded = "import sys, backend.healthcheck; print(*sys.modules)"
    modules = subprocess.run([sys.executable, "-c", loaded], capture_output=True, text=True, check=True).stdout.split()
    assert not {"sqlalchemy", "httpx", "fastapi", "procrastinate", "structlog"} & set(modules)


def test_a_database_that_is_away_is_not_well() -> None:
    gone = load_settings(database_url=SecretStr("postgresql://u:p@127.0.0.1:1/d"))
    assert healthcheck.worker_beats(gone, "checks") is False


def test_the_door_is_asked_on_its_own_port() -> None:
    with echo("api") as address:
        port = int(address.partition(":")[2])
        assert healthcheck.door_answers(load_settings(port=port)) is True
    assert healthcheck.door_answers(load_settings(port=port)) is False
