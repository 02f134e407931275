"""Realtime's doors: the WebSocket, and the broadcast requests of clients that have not joined."""

import asyncio
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from typing import Annotated, Any

import orjson
import structlog
from fastapi import APIRouter, Depends, Request, Response, WebSocket
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field
from starlette.datastructures import Headers, QueryParams
from starlette.websockets import WebSocketDisconnect

from backend.deps import Deps
from backend.embedded import cors
from backend.embedded.auth.service import Auth
from backend.embedded.auth.wire import kind_of_key
from backend.embedded.realtime import sweep
from backend.embedded.realtime.changes import Changes
from backend.embedded.realtime.dialogue import Realtime, handle, token_reason
from backend.embedded.realtime.feed import Feed
from backend.embedded.realtime.hub import PREFIX, Hub, Socket
from backend.embedded.realtime.limits import Limits
from backend.embedded.realtime.policy import Identity, Policies, SessionOver
from backend.embedded.realtime.protocol import BadFrame, Message, Version, broadcast, decode_binary, decode_text
from backend.errors import NotFound
from backend.tokens import TokenRefused

log = structlog.get_logger("realtime")
router = APIRouter(tags=["realtime"])

NOT_A_FRAME = 1007
TOO_MUCH = 1008
SERVER_ERROR = 1011
# The server has hung up on what is no WebSocket message: broken framing, no UTF-8, too large.
BROKEN = (1002, 1007, 1009)
GOODBYE_SECONDS = 1.0


class Handshake(Exception):
    """A connection or request without a usable key: (status, sentence)."""


class Broadcast(BaseModel):
    """One message of POST /api/broadcast."""

    model_config = ConfigDict(frozen=True, extra="ignore")
    topic: str = Field(min_length=1, max_length=255)
    event: str = Field(max_length=255)
    payload: Any = None
    private: bool = False


class Broadcasts(BaseModel):
    """Body of POST /api/broadcast."""

    model_config = ConfigDict(frozen=True, extra="ignore")
    messages: list[Broadcast] = Field(max_length=100)


@asynccontextmanager
async def open_realtime(deps: Deps, auth: Auth) -> AsyncGenerator[Realtime]:
    """The hub with its feed, its table changes and its sweeper running."""
    limits = Limits(sockets=deps.settings.realtime_max_sockets)
    hub = Hub()
    changes = Changes(deps.db.url, hub)
    edge = Realtime(hub, changes, Policies(deps.db, limits.authorizations), auth.verifier, limits)
    tasks = [
        asyncio.create_task(Feed(deps.db.url, hub).run()),
        asyncio.create_task(changes.run()),
        asyncio.create_task(sweep.run(edge, deps.db, deps.clock)),
    ]
    try:
        yield edge
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


@router.websocket("/realtime/v1/websocket")
@router.websocket("/socket/websocket")
async def connect(websocket: WebSocket) -> None:
    """One connection, from handshake to goodbye."""
    edge: Realtime | None = websocket.app.state.realtime
    try:
        if edge is None:
            raise Handshake(404, "Realtime is served by Supabase")
        if len(edge.hub.sockets) >= edge.limits.sockets:
            raise Handshake(429, "Too many connected users")
        identity = await _key_holder(websocket)
    except Handshake as refused:
        status, sentence = refused.args
        log.info("realtime_socket_refused", status=status, reason=sentence)
        return await websocket.send_denial_response(JSONResponse({"error": sentence}, status))
    await websocket.accept()
    version: Version = "2.0.0" if websocket.query_params.get("vsn", "").startswith("2.") else "1.0.0"
    socket = Socket(version, identity, edge.limits, time.monotonic())
    edge.hub.sockets.add(socket)
    try:
        await _serve(websocket, edge, socket)
    finally:
        socket.done.set()
        edge.hub.remove(socket)


async def _serve(websocket: WebSocket, edge: Realtime, socket: Socket) -> None:
    """Reads and writes until either side is done; a client that does not read cannot hold this up."""
    tasks = [
        asyncio.create_task(_read(websocket, edge, socket)),
        asyncio.create_task(_write(websocket, socket)),
    ]
    for task in tasks:
        task.add_done_callback(lambda _: socket.done.set())
    await socket.done.wait()
    for task in tasks:
        task.cancel()
    for outcome in await asyncio.gather(*tasks, return_exceptions=True):
        if isinstance(outcome, Exception) and not isinstance(outcome, WebSocketDisconnect | OSError):
            log.error("realtime_socket_failed", exc_info=outcome)
            socket.close_code = SERVER_ERROR
    if socket.close_code is not None:
        with suppress(Exception):
            async with asyncio.timeout(GOODBYE_SECONDS):
                await websocket.close(socket.close_code, socket.close_reason)


async def _read(websocket: WebSocket, edge: Realtime, socket: Socket) -> None:
    clock = websocket.app.state.deps.clock
    while True:
        event = await websocket.receive()
        if event["type"] != "websocket.receive":
            if event.get("code") in BROKEN:
                log.info("realtime_socket_closed", code=event["code"], reason=event.get("reason"))
            return
        socket.heard_at = time.monotonic()
        if not socket.messages.take(socket.heard_at):
            return socket.close(TOO_MUCH, "too many messages per second")
        data: str | bytes = event.get("text") or event.get("bytes") or ""
        try:
            message = decode_text(data, socket.version) if isinstance(data, str) else decode_binary(data)
        except BadFrame as bad:
            return socket.close(NOT_A_FRAME, f"not a frame of protocol {socket.version}: {bad}")
        await handle(edge, socket, message, len(data), clock.now())


async def _write(websocket: WebSocket, socket: Socket) -> None:
    while True:
        await socket.wakeup.wait()
        socket.wakeup.clear()
        while socket.waiting:
            frame = socket.take()
            if isinstance(frame, str):
                await websocket.send_text(frame)
            else:
                await websocket.send_bytes(frame)


async def _key_holder(connection: WebSocket | Request) -> Identity:
    """Whom the key or token of a handshake or request stands for. Raises Handshake."""
    token = _presented(connection.headers, connection.query_params)
    if not token:
        raise Handshake(401, "API key is missing")
    auth: Auth = connection.app.state.auth
    match await kind_of_key(auth, token):
        case "publishable":
            return Identity("anon")
        case "secret":
            return Identity("service_role")
        case None:
            pass
    try:
        return Identity("authenticated", await auth.verifier.verify(token, connection.app.state.deps.clock.now()))
    except TokenRefused as refused:
        raise Handshake(401, token_reason(refused).partition(": ")[2]) from None


def _presented(headers: Headers, query: QueryParams) -> str:
    """The most telling of what came along: a person's token before the key of the page."""
    scheme, _, bearer = headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer" and not bearer.startswith("sb_publishable_"):
        return bearer.strip()
    return headers.get("x-api-key") or headers.get("apikey") or query.get("apikey") or ""


def edge_of(request: Request) -> Realtime:
    """The realtime edge. Raises NotFound where a Supabase project serves it instead."""
    edge: Realtime | None = request.app.state.realtime
    if edge is None:
        raise NotFound("Realtime is served by Supabase; read its address from /api/config.")
    return edge


EdgeDep = Annotated[Realtime, Depends(edge_of)]


@router.options("/realtime/v1/api/{path:path}")
async def allow_origin(path: str) -> Response:
    """CORS preflight."""
    return Response(status_code=204, headers=cors.PREFLIGHT)


@router.post("/realtime/v1/api/broadcast")
async def broadcast_many(request: Request, edge: EdgeDep, body: Broadcasts) -> Response:
    """Sends for a client that has not joined; what it may not write is dropped silently, as on a channel."""
    messages = [
        (item.topic, item.private, broadcast(PREFIX + item.topic, item.event, item.payload)) for item in body.messages
    ]
    return await _send(request, edge, messages)


@router.post("/realtime/v1/api/broadcast/{topic}/events/{event}")
async def broadcast_one(request: Request, edge: EdgeDep, topic: str, event: str, private: bool = False) -> Response:
    """One message: its body is the payload, JSON or bytes."""
    content = await request.body()
    if "json" in request.headers.get("content-type", "json"):
        try:
            message = broadcast(PREFIX + topic, event, orjson.loads(content or b"{}"))
        except orjson.JSONDecodeError:
            return _answer(422, "The body is not JSON")
    else:
        message = Message(PREFIX + topic, "broadcast", {"event": event}, raw=content)
    return await _send(request, edge, [(topic, private, message)])


async def _send(request: Request, edge: Realtime, messages: list[tuple[str, bool, Message]]) -> Response:
    now = request.app.state.deps.clock.now()
    try:
        identity = await _key_holder(request)
        for topic, private, message in messages:
            access = await edge.policies.access(identity, topic, now, private=private)
            if access.broadcast_write:
                edge.hub.publish(topic, private, message)
    except Handshake as refused:
        return _answer(*refused.args)
    except SessionOver:
        return _answer(401, "The session has ended")
    return Response(status_code=202, headers=cors.ANSWER)


def _answer(status: int, sentence: str) -> Response:
    return JSONResponse({"error": sentence}, status, cors.ANSWER)
