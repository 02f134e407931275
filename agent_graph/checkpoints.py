"""Where runs are remembered: LangGraph's Postgres saver in a schema of its own, on a pool of its own.

Our own pool, because the saver's from_conn_string hardcodes prepare_threshold=0, which fails behind poolers.
"""

import asyncio
import os
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

# Read when langgraph is imported: a checkpoint is data, never code.
os.environ["LANGGRAPH_STRICT_MSGPACK"] = "true"

from langgraph.checkpoint.postgres.aio import AsyncPostgresSaver
from psycopg import AsyncConnection
from psycopg.rows import DictRow, dict_row
from psycopg_pool import AsyncConnectionPool

from backend.db import psycopg_url

SCHEMA = "langgraph"
# One at a time may create tables; the number is arbitrary but must stay.
_SETUP_LOCK = 7_305_190_001
_TURN_SECONDS = 120.0
_ASK_SECONDS = 0.05

Pool = AsyncConnectionPool[AsyncConnection[DictRow]]


async def _configure(connection: AsyncConnection[DictRow]) -> None:
    await connection.execute(f"set search_path = {SCHEMA}".encode())


@asynccontextmanager
async def open_checkpoints(database_url: str, *, size: int) -> AsyncGenerator[Pool]:
    """The pool, with the tables made. setup() needs autocommit: it builds indexes concurrently."""
    kwargs: dict[str, Any] = {"autocommit": True, "prepare_threshold": None, "row_factory": dict_row}
    pool: Pool = AsyncConnectionPool(
        psycopg_url(database_url),
        connection_class=AsyncConnection[DictRow],
        kwargs=kwargs,
        min_size=1,
        max_size=size,
        configure=_configure,
        name="checkpoints",
        open=False,
    )
    async with pool:
        async with pool.connection() as connection:
            await _our_turn(connection)
            try:
                await _create_schema(connection)
                await AsyncPostgresSaver(connection).setup()
            finally:
                await connection.execute("select pg_advisory_unlock(%s)", (_SETUP_LOCK,))
        yield pool


async def _our_turn(connection: AsyncConnection[DictRow]) -> None:
    """Until this process may create tables. Raises TimeoutError.

    It asks again and again: a wait inside PostgreSQL holds a snapshot, for whose end the index of the process that has
    the lock, built concurrently, would wait in turn.
    """
    async with asyncio.timeout(_TURN_SECONDS):
        while True:
            cursor = await connection.execute("select pg_try_advisory_lock(%s) as ours", (_SETUP_LOCK,))
            row = await cursor.fetchone()
            if row is not None and row["ours"]:
                return
            await asyncio.sleep(_ASK_SECONDS)


async def _create_schema(connection: AsyncConnection[DictRow]) -> None:
    await connection.execute(f"create schema if not exists {SCHEMA}".encode())
    for role in ("public", "anon", "authenticated"):
        await connection.execute(f"revoke all on schema {SCHEMA} from {role}".encode())


def saver(pool: Pool) -> AsyncPostgresSaver:
    """A saver for one run. It locks itself for every statement, so parallel runs each have their own."""
    return AsyncPostgresSaver(pool)
