"""The database session of a command."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from sqlalchemy.ext.asyncio import AsyncSession

from backend.deps import Deps, open_deps
from backend.embedded.connect import serving
from backend.settings import Settings


@asynccontextmanager
async def session_on(settings: Settings) -> AsyncGenerator[tuple[Deps, AsyncSession]]:
    """One transaction on the database of this installation, started for the command when nothing runs."""
    with serving(settings) as url:
        async with open_deps(settings, database_url=url, name="nightdesk-cli") as deps:
            async with deps.db.transaction() as session:
                yield deps, session
