"""What every request passes through: a size limit, a log line without secrets, and safe response headers."""

import time
import uuid
from collections.abc import Callable, Coroutine
from typing import Any

import structlog
from fastapi import Request, Response
from fastapi.routing import APIRoute
from prometheus_client import Counter, Histogram
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from backend.errors import TooLarge

log = structlog.get_logger("http")

MAX_BODY_BYTES = 1_000_000
PROBLEM = "application/problem+json"

REQUESTS = Counter("nightdesk_http_requests_total", "Requests answered", ["method", "route", "status"])
DURATION = Histogram(
    "nightdesk_http_request_duration_seconds",
    "Time to answer a request",
    ["route"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5),
)

# Scripts and styles only from ourselves; what a script sets through the DOM is not inline.
CONTENT_SECURITY_POLICY = (
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src {connect}; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
HEADERS = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"same-origin"),
    (b"x-frame-options", b"DENY"),
    (b"cross-origin-opener-policy", b"same-origin"),
)


class DirectRoute(APIRoute):
    """Hands its endpoint the parameters of the path, as text, and the request; the endpoint answers with a response.

    It is documented like any other. What FastAPI does for others (dependencies, validation, the shape of the answer)
    would cost more here than all that is done with an alert before it is stored.
    """

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        async def handle(request: Request) -> Response:
            return await self.endpoint(**request.path_params, request=request)

        return handle


class RequestLog:
    """Counts and logs each request by its route, so that no token in a path is ever written down."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        started = time.perf_counter()
        status = 500

        async def watch(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        with structlog.contextvars.bound_contextvars(request_id=uuid.uuid4().hex[:12]):
            try:
                await self.app(scope, receive, watch)
            finally:
                self._record(scope, status, time.perf_counter() - started)

    def _record(self, scope: Scope, status: int, seconds: float) -> None:
        route: Any = scope.get("route")
        path = getattr(route, "path", "(no route)")
        REQUESTS.labels(scope["method"], path, status).inc()
        DURATION.labels(path).observe(seconds)
        if path not in ("/healthz", "/readyz", "/metrics"):
            level = log.warning if status >= 500 else log.debug
            level("request", method=scope["method"], route=path, status=status, ms=round(seconds * 1000, 1))


class BodyLimit:
    """Refuses bodies over 1 MB while they arrive. Webhooks read their own, with their own limit."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"].startswith("/webhooks/"):
            return await self.app(scope, receive, send)
        declared = dict(scope["headers"]).get(b"content-length", b"0")
        if declared.isdigit() and int(declared) > MAX_BODY_BYTES:
            return await _too_large(scope, receive, send)
        seen, answered = 0, False

        async def limited() -> Message:
            nonlocal seen
            message = await receive()
            seen += len(message.get("body", b""))
            # The application sees a client that went away; the client gets the reason.
            return {"type": "http.disconnect"} if seen > MAX_BODY_BYTES else message

        async def replace(message: Message) -> None:
            nonlocal answered
            if seen <= MAX_BODY_BYTES:
                await send(message)
            elif not answered:
                answered = True
                await _too_large(scope, receive, send)

        await self.app(scope, limited, replace)


async def _too_large(scope: Scope, receive: Receive, send: Send) -> None:
    error = TooLarge(f"The body is larger than {MAX_BODY_BYTES} bytes.")
    await JSONResponse(error.problem(), error.status, media_type=PROBLEM)(scope, receive, send)


class SecurityHeaders:
    """Adds the headers that make a browser distrust everything that is not ours."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self.app(scope, receive, send)

        async def add(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], *HEADERS, (b"content-security-policy", self._policy(scope))]
            await send(message)

        await self.app(scope, receive, add)

    def _policy(self, scope: Scope) -> bytes:
        deps = getattr(scope["app"].state, "deps", None)
        supabase = deps.settings.supabase_url if deps else None
        extra = f" {supabase} {supabase.replace('http', 'ws', 1)}" if supabase else ""
        return CONTENT_SECURITY_POLICY.format(connect=f"'self'{extra}").encode()
