"""The checks process on a real database: due checks made once, outages confirmed fast, nothing lost when killed."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from sqlalchemy import text

from backend.clock import Clock
from backend.deps import Deps
from backend.monitor import service
from backend.monitor.kinds import CONFIGS
from backend.monitor.model import Monitor
from checks import probes, registry, worker
from checks.worker import Checker
from tests.alert.stage import team_of
from tests.checks.targets import Target, http, serving
from tests.monitor.stage import fresh, incidents

HEALTHY = http("200 OK", b"ok")
BROKEN = http("500 Internal Server Error", b"Traceback: boom")


@pytest.fixture
def clock() -> Clock:
    """The worker sleeps in real time."""
    return Clock()


async def watch(deps: Deps, address: str, **values: Any) -> Monitor:
    wanted = {
        "name": address,
        "type": "http",
        "address": address,
        "port": None,
        "interval_seconds": 1,
        "timeout_seconds": 2,
        "config": {},
        "failure_threshold": 2,
        "recovery_threshold": 1,
        "severity": "high",
        "tags": [],
        "notes": None,
    }
    async with deps.db.transaction() as session:
        return await service.create(session, await team_of(session), {**wanted, **values}, deps.clock.now())


@asynccontextmanager
async def working(deps: Deps) -> AsyncGenerator[None]:
    stop = asyncio.Event()
    task = asyncio.create_task(worker.run(deps, stop))
    try:
        yield
    finally:
        stop.set()
        await asyncio.wait_for(task, 10)


async def until(question: Callable[[], Awaitable[bool]], seconds: float = 20) -> None:
    async with asyncio.timeout(seconds):
        while not await question():  # noqa: ASYNC110  (the database is asked as a user would ask the API)
            await asyncio.sleep(0.05)


async def status(deps: Deps, monitor: Monitor) -> str:
    async with deps.db.transaction() as session:
        return (await fresh(session, monitor)).status


async def scalar(deps: Deps, query: str) -> Any:
    async with deps.db.transaction() as session:
        return (await session.execute(text(query))).scalar_one()


async def test_every_type_of_monitor_has_one_probe(deps: Deps):
    files = {name for name in dir(probes) if not name.startswith("_")}
    async with registry.open_probes() as opened:
        assert set(CONFIGS) <= files | set(vars(opened))
        for name in CONFIGS:
            assert getattr(opened, name) is not None


async def test_a_new_monitor_is_checked_at_once_and_an_outage_opens_and_ends_an_incident(deps: Deps):
    async with serving(Target(HEALTHY)) as target, working(deps):
        await asyncio.sleep(0.3)
        monitor = await watch(deps, target.url)
        await until(lambda: _is(deps, monitor, "up"), seconds=3)
        target.answer = BROKEN
        await until(lambda: _is(deps, monitor, "down"), seconds=6)
        async with deps.db.transaction() as session:
            (opened,) = await incidents(session)
            assert opened.title.endswith("is down: HTTP 500, expected 200-299")
        target.answer = HEALTHY
        await until(lambda: _is(deps, monitor, "up"), seconds=6)
        assert await scalar(deps, "select status from incidents") == "resolved"
    details = "select count(*) from monitor_checks where status = 'down' and metadata ->> 'detail' = 'Traceback: boom'"
    assert await scalar(deps, details) >= 2


async def _is(deps: Deps, monitor: Monitor, wanted: str) -> bool:
    return await status(deps, monitor) == wanted


async def test_a_change_is_picked_up_without_waiting_for_the_interval(deps: Deps):
    async with serving(Target(HEALTHY)) as one, serving(Target(BROKEN)) as two, working(deps):
        monitor = await watch(deps, one.url, interval_seconds=86_400, failure_threshold=1)
        await until(lambda: _is(deps, monitor, "up"))
        async with deps.db.transaction() as session:
            locked = await service.lock(session, monitor.team_id, monitor.id)
            await service.change(session, locked, {"address": two.url}, deps.clock.now())
        await until(lambda: _is(deps, monitor, "down"), seconds=4)


async def test_three_workers_check_each_due_monitor_once(deps: Deps):
    async with serving(Target(HEALTHY)) as target:
        for number in range(40):
            await watch(deps, f"{target.url}{number}", interval_seconds=3_600)
        async with working(deps), working(deps), working(deps):
            await until(lambda: _all_up(deps, 40))
        assert len(target.requests) == 40
    assert await scalar(deps, "select count(*) from monitor_checks") == 40
    assert await scalar(deps, "select count(*) from monitors where lease_until is not null") == 0


async def _all_up(deps: Deps, count: int) -> bool:
    return await scalar(deps, "select count(*) from monitors where status = 'up'") == count


async def test_what_a_killed_worker_held_is_checked_by_another(deps: Deps, database_url: str):
    async with serving(Target(HEALTHY, delay_seconds=60)) as slow:
        monitor = await watch(deps, slow.url, timeout_seconds=0.5, interval_seconds=3_600)
        code = (
            "import asyncio, sys; from backend.deps import open_deps; from backend.settings import load_settings; "
            "from checks import worker\n"
            "async def main():\n"
            "    async with open_deps(load_settings(), database_url=sys.argv[1]) as deps:\n"
            "        await worker.run(deps, asyncio.Event())\n"
            "asyncio.run(main())"
        )
        # A time-out as long as the lease: the worker is killed while it probes.
        async with deps.db.transaction() as session:
            await session.execute(text("update monitors set timeout_seconds = 60"))
        process = subprocess.Popen([sys.executable, "-c", code, database_url], cwd=os.getcwd())  # noqa: ASYNC220
        try:
            await until(lambda: _probed(slow), seconds=30)
        finally:
            process.send_signal(signal.SIGKILL)
            process.wait()
    assert await scalar(deps, "select count(*) from monitor_checks") == 0
    assert await scalar(deps, "select count(*) from monitors where lease_until > now()") == 1
    # Its lease runs out.
    async with deps.db.transaction() as session:
        await session.execute(text("update monitors set lease_until = now(), timeout_seconds = 1"))
    async with working(deps):
        await until(lambda: _recorded(deps))
    assert (await status(deps, monitor)) == "pending"
    assert await scalar(deps, "select status from monitor_checks") == "down"


async def _probed(target: Target) -> bool:
    return bool(target.requests)


async def _recorded(deps: Deps) -> bool:
    return await scalar(deps, "select count(*) from monitor_checks") > 0


async def test_stopping_gives_back_what_is_being_probed(deps: Deps):
    async with serving(Target(HEALTHY, delay_seconds=60)) as slow:
        await watch(deps, slow.url, timeout_seconds=60, interval_seconds=3_600)
        async with working(deps):
            await until(lambda: _probed(slow))
    assert await scalar(deps, "select count(*) from monitors where lease_until is null and leased_by is null") == 1
    assert await scalar(deps, "select count(*) from monitor_checks") == 0


async def test_a_worker_outlives_a_database_that_goes_away(deps: Deps):
    async with serving(Target(HEALTHY)) as target, working(deps):
        monitor = await watch(deps, target.url)
        await until(lambda: _is(deps, monitor, "up"))
        await scalar(
            deps,
            "select count(pg_terminate_backend(pid)) from pg_stat_activity"
            " where datname = current_database() and pid <> pg_backend_pid()",
        )
        before = len(target.requests)
        await until(lambda: _more_than(target, before + 1))
    assert await scalar(deps, "select count(*) from incidents") == 0


async def _more_than(target: Target, count: int) -> bool:
    return len(target.requests) > count


async def test_a_check_that_cannot_be_recorded_takes_no_other_along(deps: Deps):
    async with deps.db.transaction() as session:
        await session.execute(
            text("create function refuse() returns trigger language plpgsql as $$ begin raise 'poison'; end $$")
        )
        await session.execute(
            text(
                "create trigger refuse before update on monitors for each row"
                " when (new.name = 'poison' and new.last_checked_at is not null) execute function refuse()"
            )
        )
    async with serving(Target(HEALTHY)) as target:
        for name in ("a", "poison", "b"):
            await watch(deps, target.url, name=name, interval_seconds=3_600)
        async with working(deps):
            await until(lambda: _all_up(deps, 2))


async def test_the_name_of_a_worker_is_its_own(deps: Deps):
    async with registry.open_probes() as opened:
        assert Checker(deps, opened).name != Checker(deps, opened).name
