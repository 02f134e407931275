"""Who is alive: every process overwrites its own row, the System page and /readyz read them."""

import asyncio
from collections.abc import Callable
from datetime import datetime

import structlog
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.deps import Deps
from backend.process import lives, place_name, process_name
from backend.version import VERSION

log = structlog.get_logger(__name__)

BEAT_SECONDS = 5.0
# Three missed beats.
SILENT_SECONDS = 15.0

# What a process says of itself when there is nothing to say, and how it begins when some of what it was given fails.
RUNNING = "running"
TROUBLE = "has trouble with "


async def beat(session: AsyncSession, component: str, message: str, started_at: datetime, now: datetime) -> None:
    """Says that this process is alive, and forgets copies of it that have been silent for a day."""
    await session.execute(
        text(
            "insert into public.system_health (component, instance, alive, message, version, started_at, last_seen)"
            " values (:component, :instance, true, :message, :version, :started_at, :now)"
            " on conflict (component, instance) do update set alive = true, message = excluded.message,"
            " version = excluded.version, started_at = excluded.started_at, last_seen = excluded.last_seen"
        ),
        {
            "component": component,
            "instance": process_name(),
            "message": message,
            "version": VERSION,
            "started_at": started_at,
            "now": now,
        },
    )
    await session.execute(
        text("delete from public.system_health where component = :component and last_seen < :now - interval '1 day'"),
        {"component": component, "now": now},
    )


async def forget_dead(session: AsyncSession) -> None:
    """Forgets the processes of this place that have ended: a killed one cannot do it itself, and would seem alive."""
    rows = await session.execute(
        text("select instance from public.system_health where starts_with(instance, :place)"),
        {"place": f"{place_name()}:"},
    )
    dead = [instance for (instance,) in rows if not lives(instance)]
    await session.execute(text("delete from public.system_health where instance = any(:dead)"), {"dead": dead})


async def keep_beating(deps: Deps, component: str, say: Callable[[], str] = lambda: RUNNING) -> None:
    """Runs for as long as the process does; a database that is away is waited for. `say`: its message, each time."""
    started_at = deps.clock.now()
    while True:
        try:
            async with deps.db.transaction() as session:
                await forget_dead(session)
                await beat(session, component, say(), started_at, deps.clock.now())
        except Exception as error:
            log.warning("heartbeat_failed", component=component, error=str(error))
        await asyncio.sleep(BEAT_SECONDS)
