"""Waiting for the moment in which one transaction waits for another."""

import asyncio

from sqlalchemy import text

from backend.deps import Deps

# Of this database: other tests run on the same server. Whoever waits for a row's transaction holds a lock on its table.
_WAITING = text(
    "select count(*) from pg_locks where not granted and pid in (select l.pid from pg_locks l"
    " join pg_database d on d.oid = l.database where d.datname = current_database())"
)


async def until_somebody_waits(deps: Deps) -> None:
    """PostgreSQL tells nobody that a lock is waited for: it has to be asked."""
    async with asyncio.timeout(10), deps.db.sessions() as session:
        while not (await session.execute(_WAITING)).scalar_one():  # noqa: ASYNC110
            await asyncio.sleep(0.02)
