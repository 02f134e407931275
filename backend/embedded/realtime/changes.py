"""Row changes for clients that ask for them (postgres_changes), read from a temporary replication slot.

1. The first subscription opens one connection and a slot that PostgreSQL drops with it, so nothing is left behind.
2. Every tick the slot is emptied; each subscriber gets what its bindings match and row-level security lets it see now.
3. When nobody subscribes any more, the connection closes. When it breaks, what was said meanwhile is unknown: its
   subscribers have to join, and so fetch, again.
A deleted row is told to all who ask for deletions, by its key alone: there is no row left that a policy could judge.
"""

import asyncio
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from secrets import token_hex
from typing import Any, Literal

import orjson
import psycopg
import structlog
from psycopg import AsyncConnection

from backend.db import psycopg_url
from backend.embedded.realtime import rows, visible
from backend.embedded.realtime.bindings import BadBinding, Binding, Table, check
from backend.embedded.realtime.catalog import NotOffered, require_replication, tables_sent
from backend.embedded.realtime.hub import Channel, Hub
from backend.embedded.realtime.pgoutput import BadMessage, Change, decode
from backend.embedded.realtime.protocol import Message, Outgoing, Version, reply, system

log = structlog.get_logger("realtime")

NO_TABLE_CHANGES = "Changes of tables are not sent here; listen to the broadcasts of your team's private channel"
SUBSCRIBED = "Subscribed to PostgreSQL"
CANNOT_SUBSCRIBE = "Unable to subscribe to changes with given parameters."
TOO_LATE = "PostgresChangesSubscribeTimeout: The changes of tables could not be followed in time"
TICK_SECONDS = 0.1
RETRY_SECONDS = 1.0
# A query that takes longer is given up. Opening a slot may take longer: it waits for the transactions that run.
QUERY_SECONDS = 20.0
BEGIN_SECONDS = 60.0
CHANGES_AT_ONCE = 500
EMPTY = """
    select data from pg_logical_slot_get_binary_changes(
        %s, null, %s, 'proto_version', '1', 'publication_names', 'supabase_realtime')
"""

Tables = dict[tuple[str, str], Table]
# A change and the bindings of one channel that it matches.
Match = tuple[Change, list[Binding]]


@dataclass(frozen=True)
class Held:
    """The answer to a join that waits, for so long, until the changes it asks for are followed."""

    answer: Message
    seconds: float


class Changes:
    """Runs for as long as the process does, and does nothing until somebody subscribes."""

    def __init__(self, url: str, hub: Hub) -> None:
        self._url = psycopg_url(url)
        self._hub = hub
        self._asked = asyncio.Event()

    def subscribe(self, channel: Channel, held: Held | None = None) -> None:
        """Notes that a joined channel with `wants` waits for a "system" message, and maybe for its join's answer."""
        if held is not None:
            channel.held = held.answer
            asyncio.get_running_loop().call_later(held.seconds, self._give_up, channel, held.answer)
        if channel.wants:
            self._asked.set()

    def _give_up(self, channel: Channel, answer: Message) -> None:
        if channel.held is answer and channel.socket.channels.get(channel.topic) is channel:
            self._refuse_join(channel, answer, TOO_LATE)

    def _refuse_join(self, channel: Channel, answer: Message, reason: str) -> None:
        channel.socket.send(reply(answer, "error", {"reason": reason}))
        self._hub.leave(channel)

    def _tell(self, channel: Channel, status: Literal["ok", "error"], sentence: str) -> None:
        """What became of a subscription: first the answer that was held, if any; without it no channel is joined."""
        held, channel.held = channel.held, None
        if held is not None and status == "error":
            return self._refuse_join(channel, held, sentence)
        if held is not None:
            channel.socket.send(held)
        channel.socket.send(system(channel.topic, channel.join_ref, status, "postgres_changes", sentence))

    async def run(self) -> None:
        """Follows the database whenever somebody wants to hear of it."""
        while True:
            await self._asked.wait()
            self._asked.clear()
            try:
                async with await self._connect() as connection:
                    await self._follow(connection)
            except NotOffered as refused:
                log.info("realtime_changes_not_offered", reason=str(refused))
                self._refuse()
            except (psycopg.Error, OSError, TimeoutError, BadMessage) as error:
                log.warning("realtime_changes_lost", error=str(error).strip() or type(error).__name__)
                for channel in self._subscribers():
                    self._hub.crash(channel)
                await asyncio.sleep(RETRY_SECONDS)

    def _subscribers(self) -> list[Channel]:
        return [channel for channel in self._hub.channels() if channel.wants]

    async def _connect(self) -> AsyncConnection[Any]:
        return await AsyncConnection.connect(
            self._url, autocommit=True, prepare_threshold=None, connect_timeout=5, application_name="nightdesk-changes"
        )

    async def _follow(self, connection: AsyncConnection[Any]) -> None:
        """Until nobody subscribes. Raises NotOffered before the first tick, and what the connection raises."""
        async with asyncio.timeout(BEGIN_SECONDS):
            await connection.execute(
                "select set_config('timezone', 'UTC', false), set_config('datestyle', 'ISO', false)"
            )
            await require_replication(connection)
            tables = await tables_sent(connection)
            slot = f"nightdesk_realtime_{token_hex(8)}"
            await connection.execute("select pg_create_logical_replication_slot(%s, 'pgoutput', true)", (slot,))
        log.info("realtime_changes_follow", slot=slot)
        while self._subscribers():
            self._answer_new(tables)
            started = time.monotonic()
            async with asyncio.timeout(QUERY_SECONDS):
                cursor = await connection.execute(EMPTY, (slot, CHANGES_AT_ONCE), binary=True)
                found = decode([row[0] for row in await cursor.fetchall()])
            await self._deliver(connection, [one for one in found if (one.schema, one.table) in tables], tables)
            # Never more than half of the time, however much there is to read.
            with suppress(TimeoutError):
                async with asyncio.timeout(max(TICK_SECONDS, time.monotonic() - started)):
                    await self._asked.wait()
            self._asked.clear()

    def _answer_new(self, tables: Tables) -> None:
        """From here on the slot keeps what happens: whoever is told so misses nothing."""
        for channel in self._subscribers():
            if channel.bindings:
                continue
            try:
                channel.bindings = tuple(check(wanted, tables) for wanted in channel.wants)
            except BadBinding as bad:
                channel.wants = ()
                self._tell(channel, "error", f"{CANNOT_SUBSCRIBE} {bad}")
            else:
                self._tell(channel, "ok", SUBSCRIBED)

    def _refuse(self) -> None:
        for channel in self._subscribers():
            channel.wants = ()
            self._tell(channel, "error", NO_TABLE_CHANGES)

    async def _deliver(self, connection: AsyncConnection[Any], found: Sequence[Change], tables: Tables) -> None:
        """Asks once per sign-in and batch what it may see, then tells its channels."""
        sending = _Sending(tables)
        for channels in _by_identity(self._subscribers() if found else [], found):
            identity = next(iter(channels)).identity
            wanted = {one for some in channels.values() for change, _ in some if (one := visible.row(change))}
            try:
                async with asyncio.timeout(QUERY_SECONDS):
                    seen = await visible.visible(connection, identity, wanted)
            except psycopg.Error as error:
                if connection.broken or connection.closed:
                    raise
                log.warning("realtime_changes_not_authorized", error=str(error).strip())
                for channel in channels:
                    self._hub.crash(channel)
                continue
            for channel, some in channels.items():
                sending.send(channel, [one for one in some if one[0].kind == "DELETE" or visible.row(one[0]) in seen])
                # Readers and writers get their turn between two subscribers.
                await asyncio.sleep(0)


def _by_identity(channels: Sequence[Channel], found: Sequence[Change]) -> list[dict[Channel, list[Match]]]:
    """What every channel's bindings match, the channels of one sign-in together. Most clients ask for the same."""
    alike: dict[tuple[Binding, ...], list[Match]] = {}
    identities: dict[str, dict[Channel, list[Match]]] = {}
    for channel in channels:
        if channel.bindings not in alike:
            alike[channel.bindings] = _matches(channel.bindings, found)
        if some := alike[channel.bindings]:
            identities.setdefault(visible.key(channel.identity), {})[channel] = some
    return list(identities.values())


def _matches(bindings: Sequence[Binding], found: Sequence[Change]) -> list[Match]:
    pairs = ((change, [binding for binding in bindings if binding.matches(change)]) for change in found)
    return [(change, some) for change, some in pairs if some]


class _Sending:
    """One batch on its way: what many clients get alike is encoded once."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables
        self._data: dict[tuple[int, frozenset[str]], bytes] = {}
        self._outgoing: dict[tuple[int, str, frozenset[str], tuple[int, ...]], Outgoing] = {}

    def send(self, channel: Channel, matches: Sequence[Match]) -> None:
        """To a channel that may be gone by now: then its socket drops what nobody waits for."""
        if channel.socket.channels.get(channel.topic) is not channel:
            return
        for change, bindings in matches:
            by_select: dict[frozenset[str], list[int]] = {}
            for binding in bindings:
                by_select.setdefault(binding.select, []).append(binding.id)
            for select, ids in by_select.items():
                channel.socket.offer(self._frame(channel.topic, channel.socket.version, change, select, tuple(ids)))

    def _frame(
        self, topic: str, version: Version, change: Change, select: frozenset[str], ids: tuple[int, ...]
    ) -> str | bytes | None:
        # A change lives as long as its batch, so its id() stands for it.
        key = (id(change), topic, select, ids)
        if key not in self._outgoing:
            if (key[0], select) not in self._data:
                table = self._tables[(change.schema, change.table)]
                self._data[(key[0], select)] = rows.payload(change, table, select)
            data = orjson.Fragment(self._data[(key[0], select)])
            self._outgoing[key] = Outgoing(Message(topic, "postgres_changes", {"ids": list(ids), "data": data}))
        return self._outgoing[key].for_version(version)
