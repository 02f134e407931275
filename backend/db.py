"""Connections to PostgreSQL: one pool per process, psycopg 3, short transactions that only the edge commits."""

import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import urlsplit, urlunsplit

from psycopg import AsyncConnection
from sqlalchemy import event, text
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase

# `jobs` holds the queue, whose functions name their tables without a schema.
SEARCH_PATH = "public, jobs"


class Base(DeclarativeBase):
    """Parent of all tables. The schema itself is written in supabase/migrations."""


class Claimed(Protocol):
    """Whoever reads under row-level security: the claims of a verified token."""

    @property
    def claims(self) -> dict[str, Any]: ...


def psycopg_url(url: str) -> str:
    """A plain postgresql:// URL as psycopg and its pools take it."""
    parts = urlsplit(url)
    return urlunsplit(("postgresql", *parts[1:]))


def sqlalchemy_url(url: str) -> str:
    """The same URL with the driver SQLAlchemy is to use."""
    parts = urlsplit(url)
    return urlunsplit(("postgresql+psycopg", *parts[1:]))


@dataclass(frozen=True)
class Database:
    """The pool of one process."""

    url: str
    engine: AsyncEngine
    sessions: async_sessionmaker[AsyncSession]

    @asynccontextmanager
    async def transaction(self) -> AsyncGenerator[AsyncSession]:
        """One transaction as the service itself: commits at the end, rolls back on any error."""
        async with self.sessions.begin() as session:
            yield session

    @asynccontextmanager
    async def reading(self, caller: Claimed) -> AsyncGenerator[AsyncSession]:
        """One read-only transaction as the caller: row-level security decides what is there."""
        async with self.sessions.begin() as session:
            await session.execute(
                text(
                    "select set_config('role', 'authenticated', true), set_config('request.jwt.claims', :claims, true),"
                    " set_config('transaction_read_only', 'on', true),"
                    # The time-out that the role would have, had it logged in itself.
                    " set_config('statement_timeout', '8s', true)"
                ),
                {"claims": json.dumps(caller.claims)},
            )
            yield session


def open_database(url: str, *, pool_size: int, application_name: str) -> Database:
    """Makes the pool; nothing is connected until the first transaction."""
    engine = create_async_engine(
        sqlalchemy_url(url),
        pool_size=pool_size,
        max_overflow=pool_size,
        pool_pre_ping=True,
        pool_recycle=300,
        connect_args={"prepare_threshold": None, "application_name": application_name, "connect_timeout": 10},
    )
    event.listen(engine.sync_engine, "connect", _prepare_connection)
    return Database(url, engine, async_sessionmaker(engine, expire_on_commit=False))


def _prepare_connection(connection: Any, _record: object) -> None:
    cursor = connection.cursor()
    cursor.execute(f"set search_path = {SEARCH_PATH}")
    # Somebody's own server may be set to local time; the API speaks UTC.
    cursor.execute("set time zone 'UTC'")
    cursor.close()
    connection.commit()


async def driver_connection(session: AsyncSession) -> AsyncConnection[Any]:
    """The psycopg connection under a session: what is written through it belongs to the same transaction."""
    connection = await session.connection()
    raw = await connection.get_raw_connection()
    driver = raw.driver_connection
    assert isinstance(driver, AsyncConnection)
    return driver
