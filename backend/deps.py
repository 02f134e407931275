"""What a process needs to work: made once at start, handed down, closed at the end."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import httpx

from backend.clock import Clock
from backend.db import Database, open_database
from backend.settings import Settings


@dataclass(frozen=True)
class Deps:
    """Settings, time, database and the HTTP client of one process."""

    settings: Settings
    clock: Clock
    db: Database
    http: httpx.AsyncClient


@asynccontextmanager
async def open_deps(
    settings: Settings, *, database_url: str, name: str = "nightdesk", clock: Clock | None = None
) -> AsyncGenerator[Deps]:
    """Opens the clients of a process called `name`; `database_url`: the embedded server or the configured one."""
    database = open_database(database_url, pool_size=settings.db_pool_size, application_name=name)
    async with httpx.AsyncClient(timeout=httpx.Timeout(10), follow_redirects=False) as http:
        try:
            yield Deps(settings, clock or Clock(), database, http)
        finally:
            await database.engine.dispose()
