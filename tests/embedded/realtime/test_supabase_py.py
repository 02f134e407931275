"""The unmodified realtime-py joins private channels, hears what is committed, and is kept out of other teams'."""

import asyncio
from typing import Any

from realtime import RealtimePostgresChangesListenEvent, RealtimeSubscribeStates

from supabase import AsyncClient
from tests.embedded.conftest import PASSWORD, Connect, Edge, Person

SOON = 80.0


async def signed_in(supabase: Connect, person: Person) -> AsyncClient:
    client = await supabase()
    await client.auth.sign_in_with_password({"email": person.email, "password": PASSWORD})
    await client.realtime.set_auth((await client.auth.get_session()).access_token)  # type: ignore[union-attr]
    return client


async def test_a_committed_change_reaches_the_members_of_its_team(edge: Edge, supabase: Connect) -> None:
    alice = edge.person("alice@example.org")
    client = await signed_in(supabase, alice)
    heard: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
    channel = client.channel(alice.channel, {"config": {"private": True}})  # type: ignore[typeddict-item]
    channel.on_broadcast("change", heard.put_nowait)
    await channel.subscribe()
    edge.hint(alice, table="incidents", op="UPDATE", id="42")
    message = await asyncio.wait_for(heard.get(), SOON)
    assert message["payload"] == {"table": "incidents", "op": "UPDATE", "id": "42"}


async def test_the_channel_of_another_team_is_refused(edge: Edge, supabase: Connect) -> None:
    bob, mallory = edge.person("bob@example.org"), edge.person("mallory@example.org", "others")
    client = await signed_in(supabase, mallory)
    answers: asyncio.Queue[tuple[RealtimeSubscribeStates, Exception | None]] = asyncio.Queue()
    channel = client.channel(bob.channel, {"config": {"private": True}})  # type: ignore[typeddict-item]
    await channel.subscribe(lambda state, error: answers.put_nowait((state, error)))
    state, error = await asyncio.wait_for(answers.get(), SOON)
    assert state == RealtimeSubscribeStates.CHANNEL_ERROR
    assert "Unauthorized: You do not have permissions to read from this Channel topic" in str(error)
    await channel.unsubscribe()


async def test_signed_in_people_broadcast_to_each_other_and_see_who_is_here(edge: Edge, supabase: Connect) -> None:
    people = [edge.person("carol@example.org"), edge.person("dave@example.org")]
    carol, dave = [(await signed_in(supabase, person)).channel("room") for person in people]
    heard: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
    joined: asyncio.Queue[str] = asyncio.Queue()
    dave.on_broadcast("wave", heard.put_nowait).on_presence_join(lambda key, _, __: joined.put_nowait(key))
    for channel in (carol, dave):
        await channel.subscribe()
    await carol.send_broadcast("wave", {"from": "carol"})
    assert (await asyncio.wait_for(heard.get(), SOON))["payload"] == {"from": "carol"}
    await carol.track({"name": "Carol"})
    assert await asyncio.wait_for(joined.get(), SOON)


async def test_rows_reach_members_and_no_strangers(edge: Edge, supabase: Connect) -> None:
    erin, mallory = edge.person("erin@example.org"), edge.person("mallory2@example.org", "strangers")
    heard: dict[str, asyncio.Queue[Any]] = {person.email: asyncio.Queue() for person in (erin, mallory)}
    for person in (erin, mallory):
        client, told = await signed_in(supabase, person), asyncio.Event()
        channel = client.channel("tables")
        every = RealtimePostgresChangesListenEvent.All
        channel.on_postgres_changes(every, heard[person.email].put_nowait, table="incidents", schema="public")
        channel.on_system(lambda _, told=told: told.set())
        await channel.subscribe()
        await asyncio.wait_for(told.wait(), SOON)
    incident, theirs = edge.incident(erin, "ours", "low"), edge.incident(mallory, "theirs", "low")
    edge.sql("update incidents set title = title || '!' where id = any(%s)", [incident, theirs])
    for person, row, title in ((erin, incident, "ours"), (mallory, theirs, "theirs")):
        changes = [(await asyncio.wait_for(heard[person.email].get(), SOON))["data"] for _ in range(2)]
        assert [change["type"] for change in changes] == ["INSERT", "UPDATE"]
        assert [change["record"]["title"] for change in changes] == [title, f"{title}!"]
        assert changes[1]["old_record"] == {"id": str(row)}
        assert {"name": "labels", "type": "jsonb"} in changes[0]["columns"]
        assert heard[person.email].empty()
