"""Waiting for the moment in which one transaction waits for another."""

import asyncio

from sqlalchemy import text

from backend.deps import Deps


async def until_somebody_waits(deps: Deps) -> None:
    """PostgreSQL tells nobody that a lock is waited for: it has to be asked."""
    waiting = text("select count(*) from pg_locks where not granted")
    async with asyncio.timeout(10), deps.db.sessions() as session:
        while not (await session.execute(waiting)).scalar_one():  # noqa: ASYNC110
            await asyncio.sleep(0.02)
