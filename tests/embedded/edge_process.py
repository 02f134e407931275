"""The embedded edge alone, as a real server process: python -m tests.embedded.edge_process PORT ACCESS_TOKEN_SECONDS.

The database's URL comes in NIGHTDESK_TEST_EDGE_DATABASE, where `ps` does not show it;
further settings as JSON in NIGHTDESK_TEST_EDGE_SETTINGS.
"""

import json
import os
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import datetime

import uvicorn
from fastapi import FastAPI
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.deps import open_deps
from backend.embedded import edge
from backend.embedded.auth.mail import Letter
from backend.location import Places
from backend.settings import Settings, load_settings

LETTERS = "create table if not exists public.letters (id serial, recipient text, template text, body text)"


async def into_the_database(session: AsyncSession, letter: Letter, now: datetime) -> None:
    """Stands for the post: what would be sent can be read in a table, once it is committed."""
    await session.execute(text(LETTERS))
    await session.execute(
        text("insert into public.letters (recipient, template, body) values (:to, :template, :body)"),
        {"to": letter.to, "template": letter.template, "body": letter.text},
    )


def create_app(settings: Settings, database_url: str) -> FastAPI:
    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncGenerator[None]:
        async with open_deps(settings, database_url=database_url) as deps:
            app.state.deps, app.state.places = deps, Places(None)
            async with edge.lifespan(app, deps, into_the_database):
                yield

    app = FastAPI(lifespan=lifespan)
    for router in edge.routers():
        app.include_router(router)
    return app


if __name__ == "__main__":
    port, seconds = int(sys.argv[1]), int(sys.argv[2])
    more = json.loads(os.environ.get("NIGHTDESK_TEST_EDGE_SETTINGS", "{}"))
    settings = load_settings(port=port, access_token_seconds=seconds, **more)
    app = create_app(settings, os.environ["NIGHTDESK_TEST_EDGE_DATABASE"])
    uvicorn.run(app, host="127.0.0.1", port=port, log_level="warning", **edge.UVICORN)
