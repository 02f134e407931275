"""Who is alive: a killed process is forgotten by those who can know, and by nobody else."""

import asyncio
import os
import shutil
import socket
import subprocess
import sys

import pytest
from sqlalchemy import text

from backend.deps import Deps
from backend.health import beat, forget_dead
from backend.process import lives, place_name, process_name

# As it runs in a container of its own that shares the host's name: `docker run --network host`.
ELSEWHERE = ("unshare", "--pid", "--fork", "--mount-proc", sys.executable, "-c")
FORGETS = """
import asyncio, sys
from backend.db import open_database
from backend.health import forget_dead
from backend.process import process_name

async def main():
    database = open_database(sys.argv[1], pool_size=1, application_name="elsewhere")
    async with database.sessions() as session, session.begin():
        await forget_dead(session)
    await database.engine.dispose()

asyncio.run(main())
print(process_name())
"""


def may_unshare() -> bool:
    unshare = shutil.which("unshare")
    return bool(unshare) and subprocess.run([*ELSEWHERE, ""], capture_output=True).returncode == 0


def ended_process() -> str:
    """The name of a process of this place that has ended."""
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        pass
    return f"{place_name()}:{process.pid}"


async def known(deps: Deps) -> set[str]:
    async with deps.db.transaction() as session:
        return set((await session.execute(text("select instance from system_health"))).scalars())


async def heard_of(deps: Deps, name: str) -> None:
    async with deps.db.transaction() as session:
        await beat(session, "checks", "running", deps.clock.now(), deps.clock.now())
        await session.execute(
            text("update system_health set instance = :name where instance = :ours"),
            {"name": name, "ours": process_name()},
        )


async def test_the_dead_of_this_place_are_forgotten_and_nobody_else(deps: Deps):
    ours, dead = process_name(), ended_process()
    foreign = [f"{socket.gethostname()}x/0:{os.getpid()}", f"{socket.gethostname()}/0:999999999"]
    for name in (*foreign, dead, ours):
        await heard_of(deps, name)
    async with deps.db.transaction() as session:
        await forget_dead(session)
    assert await known(deps) == {ours, *foreign}


def test_a_process_lives_until_it_ends():
    assert lives(process_name())
    assert not lives(ended_process())
    assert lives(f"{place_name()}x:1")


@pytest.mark.skipif(not may_unshare(), reason="needs root and util-linux: a pid namespace of its own")
async def test_containers_that_share_a_host_s_name_leave_each_other_s_processes_alone(deps: Deps, database_url: str):
    """There is no process of our number there: to those who only compare numbers, we would be dead."""
    await heard_of(deps, process_name())
    run = await asyncio.create_subprocess_exec(*ELSEWHERE, FORGETS, database_url, stdout=asyncio.subprocess.PIPE)
    output, _ = await run.communicate()
    assert run.returncode == 0
    host, _, elsewhere = output.decode().strip().partition("/")
    assert host == socket.gethostname()
    assert not elsewhere.startswith(place_name().partition("/")[2])
    assert await known(deps) == {process_name()}
