"""The HTTP door, assembled: which routers there are, how errors look, what every answer carries."""

from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.exceptions import HTTPException

import backend.abuse.api
import backend.action.api
import backend.alert.api
import backend.apikey.api
import backend.audit.api
import backend.change.api
import backend.correlation.api
import backend.handbook.api
import backend.incident.api
import backend.investigation.api
import backend.invitation.api
import backend.memory.api
import backend.monitor.api
import backend.page.api
import backend.platform.api
import backend.platform.impersonation_api
import backend.postmortem.api
import backend.profile.api
import backend.runbook.api
import backend.scenario.api
import backend.secretpattern.api
import backend.session.api
import backend.system.api
import backend.team.api
import backend.team.members_api
import backend.usage.api
from backend.deps import Deps
from backend.embedded import edge
from backend.errors import Invalid, NightdeskError, NotFound, Unavailable
from backend.http import PROBLEM, BodyLimit, RequestLog, SecurityHeaders
from backend.location import open_places
from backend.refusals import describe_shared_refusals
from backend.system.site import mount_site
from backend.tokens import TokenVerifier
from backend.version import VERSION

log = structlog.get_logger(__name__)

ROUTERS = (
    backend.alert.api.hook,
    backend.system.api.router,
    backend.team.api.router,
    backend.team.members_api.router,
    backend.invitation.api.router,
    backend.profile.api.router,
    backend.session.api.router,
    backend.apikey.api.router,
    backend.platform.api.router,
    backend.platform.impersonation_api.router,
    backend.abuse.api.router,
    backend.audit.api.router,
    backend.incident.api.router,
    backend.page.api.router,
    backend.correlation.api.router,
    backend.investigation.api.router,
    backend.action.api.router,
    backend.postmortem.api.router,
    backend.scenario.api.router,
    backend.usage.api.router,
    backend.secretpattern.api.router,
    backend.monitor.api.router,
    backend.change.api.router,
    backend.memory.api.router,
    backend.handbook.api.router,
    backend.runbook.api.router,
    backend.alert.api.router,
)


def create_app(open_process: Callable[[], AbstractAsyncContextManager[tuple[Deps, TokenVerifier]]]) -> FastAPI:
    """The application. `open_process` opens what it needs when the server starts and closes it when it stops."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncGenerator[None]:
        async with AsyncExitStack() as stack:
            deps, verifier = await stack.enter_async_context(open_process())
            app.state.deps, app.state.verifier = deps, verifier
            app.state.started_at = deps.clock.now()
            app.state.was_ready = None
            app.state.places = stack.enter_context(open_places(deps.settings.geoip_path))
            await stack.enter_async_context(edge.lifespan(app, deps))
            await stack.enter_async_context(backend.alert.api.lifespan(app, deps))
            yield

    app = FastAPI(
        title="Nightdesk",
        version=VERSION,
        description="AI-assisted incident response. Errors are RFC 9457 problem documents with a stable `code`.",
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        openapi_url="/api/openapi.json",
    )
    for router in ROUTERS:
        app.include_router(router)
    for router in edge.routers():
        app.include_router(router, include_in_schema=False)
    describe_shared_refusals(app)
    mount_site(app)
    _answer_errors(app)
    app.add_middleware(SecurityHeaders)
    app.add_middleware(BodyLimit)
    app.add_middleware(RequestLog)
    return app


def problem(error: NightdeskError, headers: dict[str, str] | None = None) -> JSONResponse:
    """The RFC 9457 answer to an error."""
    return JSONResponse(error.problem(), status_code=error.status, media_type=PROBLEM, headers=headers)


def _answer_errors(app: FastAPI) -> None:
    async def refused(_: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, NightdeskError)
        headers = {"WWW-Authenticate": "Bearer"} if error.status == 401 else None
        return problem(error, headers)

    async def not_understood(_: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, RequestValidationError)
        where = [{"where": ".".join(str(p) for p in e["loc"]), "what": e["msg"]} for e in error.errors()[:20]]
        first = where[0] if where else {"where": "body", "what": "invalid"}
        return problem(Invalid(f"{first['where']}: {first['what']}", errors=where))

    async def http_error(_: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, HTTPException)
        if error.status_code == 404:
            return problem(NotFound())
        if error.status_code == 400:
            return problem(Invalid("The body could not be read: it has to be JSON in UTF-8."))
        return JSONResponse(_plain_problem(error), error.status_code, error.headers, PROBLEM)

    async def no_database(_: Request, error: Exception) -> JSONResponse:
        log.warning("database_unavailable", error=str(error).splitlines()[0])
        return problem(Unavailable("The database does not answer; try again."), {"Retry-After": "2"})

    async def bad_value(_: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, DBAPIError)
        if "\\u0000" in str(error.orig) or "0x00" in str(error.orig):
            return problem(Invalid("Text must not contain NUL characters."))
        return await crashed(_, error)

    async def crashed(_: Request, error: Exception) -> JSONResponse:
        log.error("request_failed", exc_info=error)
        failure = NightdeskError("Something went wrong on our side. It has been logged.")
        body = {**failure.problem(), "status": 500, "code": "internal", "title": "Internal error"}
        return JSONResponse(body, 500, media_type=PROBLEM)

    app.add_exception_handler(NightdeskError, refused)
    app.add_exception_handler(RequestValidationError, not_understood)
    app.add_exception_handler(HTTPException, http_error)
    for kind in (OperationalError, InterfaceError, PoolTimeout, ConnectionError):
        app.add_exception_handler(kind, no_database)
    app.add_exception_handler(DBAPIError, bad_value)
    app.add_exception_handler(Exception, crashed)


def _plain_problem(error: HTTPException) -> dict[str, Any]:
    code = str(error.detail).lower().replace(" ", "_")
    return {
        "type": "about:blank",
        "title": str(error.detail),
        "status": error.status_code,
        "detail": str(error.detail),
        "code": code,
    }
