"""What has to happen without anybody asking: silent sockets close, tokens are asked again, old messages go."""

import asyncio
import time
from datetime import timedelta

import structlog
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from backend.clock import Clock
from backend.db import Database
from backend.embedded.realtime.dialogue import Realtime, recheck
from backend.embedded.realtime.hub import Hub
from backend.embedded.realtime.limits import Limits

log = structlog.get_logger("realtime")

SWEEP_SECONDS = 1.0
PURGE_SECONDS = 300.0
# Nobody is told again what is this old; the rows are kept for people who look into the database.
KEPT = timedelta(hours=1)
GOING_AWAY = 1001


async def run(edge: Realtime, db: Database, clock: Clock) -> None:
    """Runs for as long as the process does."""
    purged_at = time.monotonic()
    while True:
        await asyncio.sleep(SWEEP_SECONDS)
        close_silent(edge.hub, edge.limits, time.monotonic())
        await _recheck_due(edge, clock)
        if time.monotonic() - purged_at >= PURGE_SECONDS:
            purged_at = time.monotonic()
            await _purge(db, clock)


def close_silent(hub: Hub, limits: Limits, now: float) -> None:
    """Ends connections that have not sent a whole message for too long; a half one does not count."""
    for socket in list(hub.sockets):
        if now - socket.heard_at > limits.silence_seconds:
            socket.close(GOING_AWAY, "no heartbeat")


async def _recheck_due(edge: Realtime, clock: Clock) -> None:
    now = clock.now()
    for channel in edge.hub.channels():
        if channel.check_at <= now and channel.socket.channels.get(channel.topic) is channel:
            await recheck(edge, channel, now)


async def _purge(db: Database, clock: Clock) -> None:
    try:
        async with db.transaction() as session:
            await session.execute(
                text(
                    "delete from realtime.messages where inserted_at < cast(:before as timestamptz) at time zone 'utc'"
                ),
                {"before": clock.now() - KEPT},
            )
    except (SQLAlchemyError, OSError) as error:
        log.warning("realtime_purge_failed", error=str(error).splitlines()[0])
