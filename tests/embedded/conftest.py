"""The edge in a process of its own, the people who use it, and the unmodified clients of Supabase."""

import asyncio
import json
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator, Iterator
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import psycopg
import pytest

from supabase import AsyncClient, AsyncClientOptions, acreate_client
from tests.support.people import HASHED, PASSWORD
from tests.support.server import TestServer

ROOT = Path(__file__).parents[2]
JS_CLIENTS = ROOT / "frontend" / "node_modules"
START_SECONDS = 30.0
# One machine plays everybody: what it does wrong on purpose must not add up.
PATIENT = {
    "signin_delay_after_failures": 1000,
    "captcha_after_failures": 1000,
    "signin_block_after_failures": 10_000,
}

PERSON = """
    with team as (
        insert into teams (name, slug) values (%s, %s) on conflict (slug) do update set name = teams.name returning id
    ), person as (
        insert into auth.users (id, aud, role, email, encrypted_password, email_confirmed_at, raw_app_meta_data,
                                raw_user_meta_data, created_at, updated_at)
        values (gen_random_uuid(), 'authenticated', 'authenticated', %s, %s, now(), '{"provider": "email"}', '{}',
                now(), now()) returning id
    ), member as (
        insert into team_members (team_id, user_id, role) select team.id, person.id, 'owner' from team, person
    )
    select person.id, team.id from team, person
"""

Connect = Callable[[], Awaitable[AsyncClient]]


@dataclass(frozen=True)
class Person:
    """Somebody with a password, an owner of a team."""

    id: UUID
    email: str
    team_id: UUID

    @property
    def channel(self) -> str:
        return f"team:{self.team_id}"


@dataclass(frozen=True)
class Edge:
    """A running edge and the way around it, straight into its database."""

    url: str
    key: str
    database_url: str
    pid: int

    def sql(self, statement: str, *args: Any) -> list[tuple[Any, ...]]:
        """One committed statement as the service."""
        with psycopg.connect(self.database_url, autocommit=True) as connection:
            cursor = connection.execute(statement.encode(), args)
            return cursor.fetchall() if cursor.description else []

    def person(self, email: str, team: str = "default") -> Person:
        """A confirmed user who owns the team; the team is made when there is none of that slug."""
        (row,) = self.sql(PERSON, team, team, email, HASHED)
        return Person(row[0], email, row[1])

    def incident(self, person: Person, title: str, severity: str) -> UUID:
        """Commits an incident of a person's team."""
        statement = "insert into incidents (team_id, title, target, severity) values (%s, %s, 'web', %s) returning id"
        return self.sql(statement, person.team_id, title, severity)[0][0]

    def hint(self, person: Person, **payload: Any) -> None:
        """Commits a message to the channel of a person's team, as the triggers do."""
        self.sql("select realtime.send(%s::jsonb, 'change', %s, true)", json.dumps(payload), person.channel)


@contextmanager
def running(database_url: str, access_token_seconds: int = 3600, **settings: Any) -> Iterator[Edge]:
    """Starts the edge on a free port and stops it afterwards. Without `settings` it is patient with wrong passwords."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.embedded.edge_process", str(port), str(access_token_seconds)],
        cwd=ROOT,
        env={
            **os.environ,
            "NIGHTDESK_TEST_EDGE_DATABASE": database_url,
            "NIGHTDESK_TEST_EDGE_SETTINGS": json.dumps({**PATIENT, **settings}),
        },
    )
    try:
        _wait_until_up(url, process)
        with psycopg.connect(database_url) as connection:
            row = connection.execute("select value from auth.edge_secrets where name = 'publishable_key'").fetchone()
        assert row is not None
        yield Edge(url, row[0], database_url, process.pid)
    finally:
        process.terminate()
        process.wait(20)


def _wait_until_up(url: str, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            httpx.get(f"{url}/auth/v1/health").raise_for_status()
            return
        except httpx.TransportError:
            assert process.poll() is None, "the edge did not start"
            assert time.monotonic() < deadline, "the edge did not answer"
            time.sleep(0.05)


@pytest.fixture(scope="module")
def edge(postgres_server: TestServer) -> Generator[Edge]:
    """One edge for the tests of a file; each test makes its own people."""
    with postgres_server.database() as url, running(url) as edge:
        yield edge


@pytest.fixture
async def supabase(edge: Edge) -> AsyncGenerator[Connect]:
    """`await supabase()`: supabase-py, unmodified, with nobody signed in."""
    async with AsyncExitStack() as stack:

        async def connect() -> AsyncClient:
            http = await stack.enter_async_context(httpx.AsyncClient())
            client = await acreate_client(edge.url, edge.key, AsyncClientOptions(httpx_client=http))
            stack.push_async_callback(client.realtime.close)
            return client

        yield connect


@dataclass(frozen=True)
class Story:
    """A script that runs the unmodified supabase-js and prints a JSON value per line."""

    process: asyncio.subprocess.Process

    async def line(self, seconds: float = 80) -> Any:
        """What it says next."""
        assert self.process.stdout is not None
        line = await asyncio.wait_for(self.process.stdout.readline(), seconds)
        assert line, "the script ended early"
        return json.loads(line)


@pytest.fixture
async def supabase_js(edge: Edge) -> AsyncGenerator[Callable[..., Awaitable[Story]]]:
    """`await supabase_js("listen", email=…)`: starts a story of client.cjs; whatever still runs is stopped."""
    program = shutil.which("node")
    if program is None or not (JS_CLIENTS / "@supabase" / "supabase-js").exists():
        missing = "needs Node and frontend/node_modules/@supabase/supabase-js (make install)"
        assert os.environ.get("NIGHTDESK_REQUIRE_REAL") != "1", missing
        pytest.skip(missing)
    started: list[asyncio.subprocess.Process] = []

    async def start(story: str, **given: Any) -> Story:
        settings = json.dumps({"url": edge.url, "key": edge.key, "password": PASSWORD, "story": story, **given})
        process = await asyncio.create_subprocess_exec(
            program,
            # Node 20 has a WebSocket, but only for those who ask.
            "--experimental-websocket",
            str(Path(__file__).with_name("client.cjs")),
            settings,
            stdout=subprocess.PIPE,
            env={**os.environ, "NODE_PATH": str(JS_CLIENTS)},
        )
        started.append(process)
        return Story(process)

    yield start
    for process in started:
        if process.returncode is None:
            process.kill()
        await process.communicate()
