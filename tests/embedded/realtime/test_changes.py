"""Table changes on the bare socket: deletions, breaks, nothing left behind, databases that do not offer them."""

import asyncio
import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from secrets import token_hex
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest
from websockets.asyncio.client import ClientConnection, connect

from backend.embedded.realtime.changes import NO_TABLE_CHANGES, Changes, Held
from backend.embedded.realtime.hub import Channel, Hub, Socket
from backend.embedded.realtime.limits import Limits
from backend.embedded.realtime.policy import EVERYTHING, Identity
from backend.embedded.realtime.protocol import Message
from tests.embedded.conftest import Edge, Person
from tests.embedded.realtime.test_socket import SOON, address, hear, token_of
from tests.support.server import TestServer

SLOTS = "select count(*) from pg_replication_slots where slot_name like 'nightdesk_realtime_%%'"


async def join(connection: ClientConnection, edge: Edge, person: Person, **binding: Any) -> dict[str, Any]:
    """Joins a channel that wants one kind of table change; returns what the server says of it."""
    wanted = {"event": "*", "schema": "public", "table": "incidents", **binding}
    payload = {"config": {"postgres_changes": [wanted]}, "access_token": token_of(edge, person)}
    await connection.send(json.dumps(["1", "1", "realtime:tables", "phx_join", payload]))
    answer = (await hear(connection, "phx_reply"))[4]
    assert [{**one, "id": 0} for one in answer["response"]["postgres_changes"]] == [{**wanted, "id": 0}]
    return (await hear(connection, "system"))[4]


@asynccontextmanager
async def following(edge: Edge, person: Person, **binding: Any) -> AsyncGenerator[ClientConnection]:
    async with connect(address(edge)) as connection:
        said = await join(connection, edge, person, **binding)
        assert (said["status"], said["message"]) == ("ok", "Subscribed to PostgreSQL")
        yield connection


async def slots(edge: Edge, expected: int) -> None:
    """Waits until there are so many slots of ours."""
    async with asyncio.timeout(SOON):
        while (await asyncio.to_thread(edge.sql, SLOTS))[0][0] != expected:  # noqa: ASYNC110 - another process's
            await asyncio.sleep(0.05)


async def test_a_deletion_tells_its_key_and_nothing_else(edge: Edge) -> None:
    owner, stranger = edge.person("owner@example.org"), edge.person("stranger@example.org", "strangers")
    incident = edge.incident(owner, "secret", "low")
    async with following(edge, owner) as mine, following(edge, stranger) as theirs:
        edge.sql("delete from incidents where id = %s", incident)
        for connection in (mine, theirs):
            data = (await hear(connection, "postgres_changes"))[4]["data"]
            assert (data["type"], data["old_record"]) == ("DELETE", {"id": str(incident)})
            assert "secret" not in json.dumps(data)


async def test_the_timeline_comes_with_the_columns_that_were_asked_for(edge: Edge) -> None:
    person = edge.person("reader@example.org")
    incident = edge.incident(person, "it was DNS", "low")
    async with following(edge, person, event="INSERT", table="incident_events", select=["verb"]) as connection:
        statement = "insert into incident_events (incident_id, team_id, status, verb) values (%s, %s, 'detected', %s)"
        edge.sql(statement, incident, person.team_id, "note")
        data = (await hear(connection, "postgres_changes"))[4]["data"]
        assert data["columns"] == [{"name": "id", "type": "uuid"}, {"name": "verb", "type": "text"}]
        assert data["record"]["verb"] == "note"


async def test_whoever_loses_the_team_hears_nothing_more(edge: Edge) -> None:
    stays, goes = edge.person("stays@example.org"), edge.person("goes@example.org")
    async with following(edge, stays) as kept, following(edge, goes) as lost:
        edge.sql("delete from team_members where user_id = %s", goes.id)
        edge.incident(stays, "after", "low")
        assert (await hear(kept, "postgres_changes"))[4]["data"]["record"]["title"] == "after"
        await lost.send(json.dumps([None, "beat", "phoenix", "heartbeat", {}]))
        assert json.loads(await asyncio.wait_for(lost.recv(), SOON))[3] == "phx_reply"


@pytest.mark.parametrize("table", ["team_members", "jobs"])
async def test_other_tables_are_refused_and_the_channel_stays(edge: Edge, table: str) -> None:
    person = edge.person(f"{token_hex(4)}@example.org")
    async with connect(address(edge)) as connection:
        said = await join(connection, edge, person, table=table)
        assert (said["extension"], said["status"]) == ("postgres_changes", "error")
        assert said["message"].startswith("Unable to subscribe to changes with given parameters.")


async def waiting(connection: ClientConnection, edge: Edge, person: Person, table: str) -> list[Any]:
    """The first thing said to a join that waits until its changes are followed."""
    asked = [{"event": "*", "schema": "public", "table": table}]
    config = {"postgres_changes": asked, "postgres_changes_options": {"wait": True, "timeout": 15000}}
    payload = {"config": config, "access_token": token_of(edge, person)}
    await connection.send(json.dumps(["1", "1", "realtime:tables", "phx_join", payload]))
    return json.loads(await asyncio.wait_for(connection.recv(), SOON))


async def test_a_join_that_waits_is_answered_once_its_changes_are_followed(edge: Edge) -> None:
    person = edge.person("patient@example.org")
    async with connect(address(edge)) as connection:
        answer = await waiting(connection, edge, person, "incidents")
        assert (answer[3], answer[4]["status"]) == ("phx_reply", "ok")
        edge.incident(person, "at once", "low")
        assert edge.sql(SLOTS) == [(1,)]
        assert (await hear(connection, "system"))[4]["message"] == "Subscribed to PostgreSQL"
        assert (await hear(connection, "postgres_changes"))[4]["data"]["record"]["title"] == "at once"


async def test_a_join_that_waits_for_what_is_not_sent_is_refused(edge: Edge) -> None:
    person = edge.person("refused@example.org")
    async with connect(address(edge)) as connection:
        answer = await waiting(connection, edge, person, "team_members")
        assert (answer[3], answer[4]["status"]) == ("phx_reply", "error")
        assert answer[4]["response"]["reason"].startswith("Unable to subscribe to changes with given parameters.")
        assert (await waiting(connection, edge, person, "incidents"))[4]["status"] == "ok"


async def test_the_slot_is_there_for_as_long_as_somebody_subscribes(edge: Edge) -> None:
    person = edge.person("slots@example.org")
    async with following(edge, person):
        await slots(edge, 1)
    await slots(edge, 0)


async def test_a_broken_connection_makes_subscribers_join_again(edge: Edge) -> None:
    person = edge.person("rejoiner@example.org")
    async with following(edge, person) as connection:
        edge.sql("select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'nightdesk-changes'")
        assert (await hear(connection, "phx_error"))[2] == "realtime:tables"
        assert (await join(connection, edge, person))["status"] == "ok"
        edge.incident(person, "after", "low")
        assert (await hear(connection, "postgres_changes"))[4]["data"]["record"]["title"] == "after"


def wanting(hub: Hub) -> tuple[Socket, Channel]:
    """A channel that wants to hear of incidents, without a network."""
    socket = Socket("2.0.0", Identity("anon"), Limits(), 0)
    hub.sockets.add(socket)
    wants = ({"event": "*", "table": "incidents", "id": 1},)
    channel = Channel(
        socket, "x", False, "1", socket.identity, EVERYTHING, datetime(2026, 11, 20, tzinfo=UTC), wants=wants
    )
    hub.enter(channel)
    return socket, channel


async def test_a_join_that_waits_too_long_is_refused() -> None:
    hub = Hub()
    socket, channel = wanting(hub)
    answer = Message(channel.topic, "phx_reply", {"status": "ok", "response": {}}, "7", "1")
    # Nobody follows anything here.
    Changes("postgresql://nowhere", hub).subscribe(channel, Held(answer, 0.01))
    await asyncio.wait_for(socket.wakeup.wait(), SOON)
    frame = json.loads(socket.take())
    assert (frame[1], frame[4]["status"]) == ("7", "error")
    assert frame[4]["response"]["reason"].startswith("PostgresChangesSubscribeTimeout: ")
    assert hub.channels() == []


async def test_a_login_without_replication_gets_a_sentence(postgres_server: TestServer, database_url: str) -> None:
    login = f"plain_{token_hex(4)}"
    with psycopg.connect(postgres_server.admin_url, autocommit=True) as connection:
        connection.execute(f"create role {login} login password 'plain'".encode())
    parts = urlsplit(database_url)
    hub = Hub()
    changes = Changes(urlunsplit(parts._replace(netloc=f"{login}:plain@{parts.netloc.rpartition('@')[2]}")), hub)
    socket, channel = wanting(hub)
    changes.subscribe(channel)
    running = asyncio.create_task(changes.run())
    await asyncio.wait_for(socket.wakeup.wait(), SOON)
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running
    told = json.loads(socket.take())[4]
    assert (told["extension"], told["status"], told["message"]) == ("postgres_changes", "error", NO_TABLE_CHANGES)
