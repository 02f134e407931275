"""Approved actions on real containers: once, on the one that was approved, and only "recovered" if it stays up."""

import asyncio
import time
import uuid
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from actions import worker
from backend.action import decision
from backend.action.kinds import Proposal
from backend.clock import Clock
from backend.deps import Deps, open_deps
from backend.settings import load_settings
from tests.action import stage
from tests.actions import until
from tests.actions.containers import FOREVER, Containers
from tests.real import needs_docker

pytestmark = needs_docker


@pytest.fixture
async def live(docker_host: str, database_url: str, tmp_path: Path) -> AsyncGenerator[Deps]:
    settings = load_settings(data_dir=tmp_path, docker_host=docker_host)
    async with open_deps(settings, database_url=database_url, name="test", clock=Clock()) as deps:
        yield deps


@asynccontextmanager
async def working(live: Deps) -> AsyncGenerator[None]:
    stop = asyncio.Event()
    task = asyncio.create_task(worker.run(live, stop))
    try:
        yield
    finally:
        stop.set()
        await asyncio.wait_for(task, 20)


async def propose(live: Deps, kind: str, container: str, **params: Any) -> tuple[uuid.UUID, uuid.UUID]:
    """A draft about a container, which a short settle window is to follow."""
    wanted = Proposal(kind=kind, params={"container": container, **params}, target=container, rationale="", evidence=[])
    async with live.db.transaction() as session:
        now = live.clock.now()
        incident = await stage.analyzed(session, now, target=container, source_type="container")
        action_id = await stage.drafted(session, incident, now, wanted)
        await session.execute(text("update public.actions set settle_seconds = 2 where id = :id"), {"id": action_id})
        return incident.id, action_id


async def approve(live: Deps, action_id: uuid.UUID) -> None:
    async with live.db.transaction() as session:
        alice = await stage.person(session, "alice@example.org")
        shown = stage.digest(await stage.action_of(session, action_id))
        await decision.approve(session, action_id, alice, shown, "", live.clock.now())


async def test_a_dead_container_is_started_once_and_recovery_is_verified(live: Deps, docker_containers: Containers):
    began, web = time.time(), docker_containers.run(f"test -e /tmp/x && {{ {FOREVER}; }}; echo > /tmp/x; exit 1")
    docker_containers.wait_for(web, "exited")
    incident_id, action_id = await propose(live, "docker.start_container", str(web.name))
    async with working(live):
        await until.action_is(live, action_id, "proposed")
        await approve(live, action_id)
        await until.incident_is(live, incident_id, "resolved")
    web.reload()
    assert web.status == "running"
    assert docker_containers.happened(web, began).count("start") == 2
    async with live.db.transaction() as session:
        action = await stage.action_of(session, action_id)
    assert action.verification == "recovered"
    assert action.verified_at is not None
    assert action.finished_at is not None
    assert (action.verified_at - action.finished_at).total_seconds() >= 2


async def test_a_container_replaced_after_the_approval_is_left_alone(live: Deps, docker_containers: Containers):
    web = docker_containers.run()
    incident_id, action_id = await propose(live, "docker.restart_container", str(web.name), stop_timeout_seconds=1)
    async with working(live):
        await until.action_is(live, action_id, "proposed")
    await approve(live, action_id)
    began = time.time()
    fresh = docker_containers.replace(web)
    async with working(live):
        await until.action_is(live, action_id, "stale")
    await until.incident_is(live, incident_id, "investigating")
    assert "restart" not in docker_containers.happened(fresh, began)
    async with live.db.transaction() as session:
        assert "container id" in (await stage.action_of(session, action_id)).status_reason


async def test_a_container_that_falls_again_did_not_recover(live: Deps, docker_containers: Containers):
    web = docker_containers.run("sleep 1; exit 7")
    docker_containers.wait_for(web, "exited")
    incident_id, action_id = await propose(live, "docker.start_container", str(web.name))
    async with live.db.transaction() as session:
        await session.execute(text("update public.actions set settle_seconds = 60 where id = :id"), {"id": action_id})
    async with working(live):
        await until.action_is(live, action_id, "proposed")
        await approve(live, action_id)
        # Long before the end of the window.
        await until.incident_is(live, incident_id, "investigating", seconds=15)
    async with live.db.transaction() as session:
        action = await stage.action_of(session, action_id)
    assert action.verification == "not_recovered"
    assert "exit code 7" in str(action.verification_detail)


async def test_what_is_not_there_is_advice(live: Deps, docker_containers: Containers):
    incident_id, action_id = await propose(live, "docker.restart_container", "nobody-made-this")
    async with working(live):
        await until.action_is(live, action_id, "advice")
    await until.incident_is(live, incident_id, "analyzed")
