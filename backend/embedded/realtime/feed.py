"""From the database to the hub: one LISTEN connection per process, and the rows behind its notifications.

A notification carries an id only. When the connection breaks, what was said meanwhile is unknown: the hub makes every
client join, and so fetch, again.
"""

import asyncio
from collections.abc import Sequence
from typing import Any
from uuid import UUID

import psycopg
import structlog
from psycopg import AsyncConnection

from backend.db import psycopg_url
from backend.embedded.realtime.hub import Hub

log = structlog.get_logger("realtime")

MESSAGES = "rt"
SESSION_ENDS = "rt_session_end"
# How often a silent connection is asked whether it is still there.
QUIET_SECONDS = 15.0
ANSWER_SECONDS = 5.0
BACKOFF_SECONDS = (0.1, 0.2, 0.5, 1.0, 2.0)
ROWS_AT_ONCE = 200


class Feed:
    """Runs for as long as the process does."""

    def __init__(self, url: str, hub: Hub) -> None:
        self._url = psycopg_url(url)
        self._hub = hub

    async def run(self) -> None:
        """Listens; after a failure again, soon at first, then every two seconds."""
        failures = 0
        while True:
            try:
                async with await self._connect() as connection:
                    for channel in (MESSAGES, SESSION_ENDS):
                        await connection.execute(f"listen {channel}".encode())
                    failures = 0
                    self._hub.feed_found()
                    log.info("realtime_feed_listens")
                    await self._listen(connection)
            except (psycopg.Error, OSError, TimeoutError) as error:
                log.warning("realtime_feed_lost", error=str(error).strip())
            finally:
                self._hub.feed_lost()
            await asyncio.sleep(BACKOFF_SECONDS[min(failures, len(BACKOFF_SECONDS) - 1)])
            failures += 1

    async def _connect(self) -> AsyncConnection[Any]:
        return await AsyncConnection.connect(
            self._url, autocommit=True, prepare_threshold=None, connect_timeout=5, application_name="nightdesk-realtime"
        )

    async def _listen(self, connection: AsyncConnection[Any]) -> None:
        while True:
            heard = [n async for n in connection.notifies(timeout=QUIET_SECONDS, stop_after=1)]
            if not heard:
                async with asyncio.timeout(ANSWER_SECONDS):
                    await connection.execute("select 1")
            for notification in heard:
                if notification.channel == SESSION_ENDS:
                    self._hub.end_session(UUID(notification.payload))
            await self._deliver(connection, [n.payload for n in heard if n.channel == MESSAGES])

    async def _deliver(self, connection: AsyncConnection[Any], ids: Sequence[str]) -> None:
        for start in range(0, len(ids), ROWS_AT_ONCE):
            some = ids[start : start + ROWS_AT_ONCE]
            cursor = await connection.execute(
                "select id::text, topic, private, event, payload::text from realtime.messages"
                " where id = any(%s::uuid[])",
                (some,),
            )
            rows = {row[0]: row for row in await cursor.fetchall()}
            for message_id in some:
                if message_id in rows:
                    _, topic, private, event, payload = rows[message_id]
                    self._hub.deliver(topic, bool(private), event or "", payload, message_id)
                    # Writers and requests get their turn between two messages of a burst.
                    await asyncio.sleep(0)
