"""Supabase's two services on this machine: sign-in and realtime, as one thing the HTTP door includes."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from fastapi import APIRouter, FastAPI

from backend.deps import Deps
from backend.embedded.auth import admin_api, email_api, mfa_api
from backend.embedded.auth import api as auth_api
from backend.embedded.auth.mail import Mailer
from backend.embedded.realtime import api as realtime_api
from backend.tokens import open_verifier

# For uvicorn.run(**…): frames of Realtime's size, no compression per client (one encoded frame serves all), and a
# shutdown that does not wait for clients that no longer read.
UVICORN = {
    "ws": "websockets-sansio",
    "ws_max_size": 1_000_000,
    "ws_per_message_deflate": False,
    "timeout_graceful_shutdown": 5,
}


def routers() -> tuple[APIRouter, ...]:
    """What the HTTP door includes, in this order."""
    return (
        auth_api.preflight,
        mfa_api.router,
        email_api.router,
        admin_api.router,
        auth_api.router,
        realtime_api.router,
    )


@asynccontextmanager
async def lifespan(app: FastAPI, deps: Deps, mailer: Mailer | None = None) -> AsyncGenerator[None]:
    """Starts both services and puts them on the app; on a Supabase project the routes stay and say where to go."""
    app.state.auth = app.state.realtime = None
    if deps.settings.mode == "supabase":
        yield
        return
    async with auth_api.open_auth(deps, open_verifier(deps.settings, deps.db, deps.http), mailer) as auth:
        app.state.auth = auth
        async with realtime_api.open_realtime(deps, auth) as realtime:
            app.state.realtime = realtime
            yield
