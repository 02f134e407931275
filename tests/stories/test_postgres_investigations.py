"""Investigations on a real PostgreSQL 15: the blocker is named, the leak is seen, the runaway statement is found."""

import asyncio
import time
from collections.abc import AsyncGenerator, Generator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest
from psycopg import AsyncConnection
from pydantic import SecretStr

from agent_graph.worker import Parts, investigate
from backend.connection.postgres import Look, NotAnswered, PostgresTarget, dial_target
from backend.deps import Deps
from backend.doctor import examine as doctor
from backend.embedded import cluster, install, postgres
from backend.incident.model import Incident
from tests.agent_graph import stage
from tests.support.clock import MovableClock
from tests.support.server import DEBIAN_15, FAST, needs_debian_15, short_folder

pytestmark = needs_debian_15

PASSWORD = "only-looks-4711"
ROLE = """
create role nightdesk_reader login password 'only-looks-4711';
grant pg_monitor to nightdesk_reader;
create role shop login password 'shop-4712';
"""
SLOTS = 20


@dataclass(frozen=True)
class Town:
    """URLs of the server: its owner's, the agent's, and those of the application that uses it."""

    owner: str
    reader: str
    shop: str

    def execute(self, *statements: str) -> list[Any]:
        with psycopg.connect(self.owner, autocommit=True) as connection:
            for statement in statements:
                cursor = connection.execute(statement.encode())
            return cursor.fetchall() if cursor.description else []

    async def until(self, condition: str, wanted: int) -> None:
        """Waits until there are so many sessions of that kind, and no more."""
        ends = time.monotonic() + 30
        while True:
            query = f"select count(*) from pg_stat_activity where {condition}"
            ((found,),) = await asyncio.to_thread(self.execute, query)
            if found == wanted:
                return
            assert time.monotonic() < ends, f"{found} of {wanted} sessions: {condition}"
            await asyncio.sleep(0.05)


@pytest.fixture(scope="module")
def town() -> Generator[Town]:
    """A server with few slots, a table of orders, and the role of docs/postgres.md."""
    settings = {**FAST, "max_connections": str(SLOTS), "shared_preload_libraries": "pg_stat_statements"}
    with short_folder() as folder:
        place = cluster.prepare(folder, installs=[install.install_at(DEBIAN_15)], sync=False)
        with postgres.running(place, settings=settings):
            owner = place.url(cluster.ADMIN)
            login = owner.split("//")[1].split("@")[0]
            town = Town(
                owner, owner.replace(login, f"nightdesk_reader:{PASSWORD}"), owner.replace(login, "shop:shop-4712")
            )
            town.execute(
                ROLE,
                "create extension pg_stat_statements",
                "create table orders (id int primary key, total int); insert into orders values (1, 10), (2, 20)",
                "grant select, update on orders to shop",
                "create sequence bills",
            )
            yield town


@pytest.fixture
def clock() -> MovableClock:
    """The server's clock is the real one; the incident is looked at when its sessions have lasted for minutes."""
    return MovableClock(datetime.now(UTC) + timedelta(minutes=5))


@pytest.fixture
async def agent(deps: Deps, town: Town) -> AsyncGenerator[tuple[Deps, Parts]]:
    targets = {"orders-db": SecretStr(town.reader)}
    ((began,),) = await asyncio.to_thread(town.execute, "select clock_timestamp()::text")
    async with stage.agent(deps, docker_host="unix:///nowhere", postgres_targets=targets) as opened:
        # Its own connection is there before the trouble begins.
        await town.until(f"application_name = 'nightdesk' and backend_start > '{began}'", 1)
        yield opened


@pytest.fixture
async def sessions(town: Town) -> AsyncGenerator[Any]:
    """Opens sessions of an application; they are gone after the test, whatever they wait for."""
    running: list[asyncio.Task[Any]] = []
    async with AsyncExitStack() as stack:

        async def opened(*statements: str, application: str = "checkout", waits: bool = False) -> AsyncConnection[Any]:
            connection = await AsyncConnection.connect(town.shop, application_name=application)
            stack.push_async_callback(connection.close)
            *first, last = [statement.encode() for statement in statements]
            for statement in first:
                await connection.execute(statement)
            if waits:
                running.append(asyncio.create_task(connection.execute(last)))  # pyright: ignore[reportArgumentType]
            else:
                await connection.execute(last)
            return connection

        yield opened
        theirs = "backend_type = 'client backend' and application_name <> 'nightdesk' and pid <> pg_backend_pid()"
        await asyncio.to_thread(town.execute, f"select pg_terminate_backend(pid) from pg_stat_activity where {theirs}")
        await asyncio.gather(*running, return_exceptions=True)
        # The next test needs every slot.
        await town.until(theirs, 0)


async def fill(sessions: Any, application: str, statement: str) -> None:
    """Opens sessions until the server refuses one; each stays in its transaction."""
    with pytest.raises(psycopg.OperationalError, match=r"slots are reserved|too many clients"):  # noqa: PT012
        while True:
            await sessions(statement, application=application)


async def examine(agent: tuple[Deps, Parts], **incident: Any) -> tuple[Incident, list[Any]]:
    deps, parts = agent
    about = {"source_type": "database", "container_runtime": None, "title": "Checkout is slow", **incident}
    incident_id = await stage.open_incident(deps, "orders-db", **about)
    await investigate(deps, incident_id=str(incident_id), parts=parts)
    return await stage.incident(deps, incident_id), await stage.rows(deps, "select kind, target, params from actions")


async def evidence(agent: tuple[Deps, Parts]) -> list[Any]:
    return await stage.rows(agent[0], "select title, query, content, error from evidence where source = 'postgres'")


async def test_a_lock_pile_up_names_the_blocker_and_its_statement(agent: tuple[Deps, Parts], town: Town, sessions: Any):
    held = await sessions("update orders set total = 11 where id = 1", application="nightly-report")
    for number in range(3):
        await sessions(f"update orders set total = {number} where id = 1", waits=True)
    await town.until("wait_event_type = 'Lock'", 3)
    incident, actions = await examine(agent)
    assert (incident.verdict, incident.incident_type, incident.confidence) == (
        "incident",
        "lock_contention",
        "confirmed",
    )
    blocker = held.info.backend_pid
    assert f"pid {blocker}" in (incident.root_cause or "")
    assert "update orders set total = 11 where id = 1" in (incident.root_cause or "")
    assert [(a.kind, a.params) for a in actions][:1] == [
        ("postgres.terminate_backend", {"pid": blocker})
    ] or not actions
    (state,) = [e for e in await evidence(agent) if "sessions and statistics" in e.title]
    assert f"3 sessions wait for pid {blocker}" in state.content
    assert "nightly-report" in state.content
    assert "pg_blocking_pids" in state.query


async def test_a_leak_of_idle_transactions_that_fills_the_server(agent: tuple[Deps, Parts], town: Town, sessions: Any):
    await fill(sessions, "leaky-cart", "select total from orders where id = 2")
    incident, actions = await examine(agent, title="remaining connection slots are reserved")
    assert (incident.verdict, incident.incident_type, incident.confidence) == (
        "incident",
        "connection_exhaustion",
        "confirmed",
    )
    assert "leaky-cart" in (incident.root_cause or "")
    assert "idle in transaction" in (incident.root_cause or "")
    assert [a.kind for a in actions] == ["postgres.terminate_idle_in_transaction"]


async def test_a_full_server_that_lets_nobody_in_is_evidence_too(deps: Deps, town: Town, sessions: Any):
    await fill(sessions, "crowd", "select 1")
    targets = {"orders-db": SecretStr(town.reader)}
    async with stage.agent(deps, docker_host="unix:///nowhere", postgres_targets=targets) as late:
        incident, actions = await examine(late)
        (state,) = await evidence(late)
    assert (incident.verdict, incident.incident_type) == ("incident", "connection_exhaustion")
    assert "refuses connections" in state.content
    assert state.error is None
    assert not actions


async def test_a_runaway_statement(agent: tuple[Deps, Parts], town: Town, sessions: Any):
    runaway = "select count(*) from generate_series(1, 1000000000) a, generate_series(1, 1000) b"
    busy = await sessions(runaway, application="reports", waits=True)
    await town.until("application_name = 'reports' and state = 'active'", 1)
    incident, actions = await examine(agent)
    assert (incident.verdict, incident.incident_type) == ("incident", "slow_query")
    assert incident.confidence in ("likely", "confirmed")
    assert f"pid {busy.info.backend_pid}" in (incident.root_cause or "")
    assert runaway[:60] in (incident.root_cause or "")
    assert [(a.kind, a.params) for a in actions] == [("postgres.cancel_query", {"pid": busy.info.backend_pid})]


async def test_a_server_with_room_that_nobody_waits_for_is_no_incident(
    agent: tuple[Deps, Parts], town: Town, sessions: Any
):
    await sessions("select total from orders", "commit")
    incident, actions = await examine(agent)
    assert (incident.verdict, incident.incident_type) == ("not_an_incident", "healthy")
    assert not actions
    found = {e.title.removeprefix("PostgreSQL orders-db: "): e for e in await evidence(agent)}
    assert set(found) == {"sessions and statistics", "heaviest statements since its statistics began"}
    assert not [e.error for e in found.values() if e.error]
    assert "database postgres: " in found["sessions and statistics"].content


async def test_a_superuser_is_refused_and_no_password_is_ever_shown(deps: Deps, town: Town):
    targets = {"orders-db": SecretStr(town.owner), "gone": SecretStr(f"postgresql://x:{PASSWORD}@127.0.0.1:9/gone")}
    async with stage.agent(deps, docker_host="unix:///nowhere", postgres_targets=targets) as opened:
        await examine(opened, labels={"also": "gone"})
        found = await stage.rows(opened[0], "select title, query, content, summary, error, data::text from evidence")
    errors = {row.title: row.error for row in found if row.error}
    assert "is a superuser" in errors["PostgreSQL orders-db: sessions and statistics"]
    assert "cannot be reached" in errors["PostgreSQL gone: sessions and statistics"]
    secret = town.owner.split(":")[2].split("@")[0]
    assert not any(word in str(row) for row in found for word in (PASSWORD, secret))


async def test_a_role_without_pg_monitor_says_what_it_could_not_see(deps: Deps, town: Town, sessions: Any):
    await sessions("select total from orders")
    targets = {"orders-db": SecretStr(town.shop)}
    async with stage.agent(deps, docker_host="unix:///nowhere", postgres_targets=targets) as opened:
        await examine(opened)
        errors = [e.error for e in await evidence(opened) if e.error]
    assert any("shop is no member of pg_monitor" in error for error in errors)


async def test_doctor_says_whether_the_role_is_the_right_one(deps: Deps, town: Town):
    roles = {"a": town.reader, "b": town.owner, "c": town.shop, "d": f"postgresql://x:{PASSWORD}@127.0.0.1:9/x"}
    settings = deps.settings.model_copy(update={"postgres_targets": {n: SecretStr(u) for n, u in roles.items()}})
    found = {f.name: f for f in await doctor(settings) if f.name.startswith("postgres ")}
    assert (found["postgres a"].state, found["postgres b"].state) == ("ok", "failed")
    assert "superuser" in found["postgres b"].detail
    assert "may write to tables" in found["postgres c"].detail
    assert found["postgres d"].state == "failed"
    assert PASSWORD not in str(found)


async def test_nothing_can_be_changed_through_the_connection(town: Town):
    target = PostgresTarget("orders-db", "", 5432, "postgres", town.owner)
    async with await dial_target(target) as connection:
        with pytest.raises(NotAnswered, match="read-only transaction"):
            await Look(connection).rows("select nextval('bills')", 5)
        with pytest.raises(NotAnswered, match="statement timeout"):
            await Look(connection).rows("select pg_sleep(60)", 0.1)
