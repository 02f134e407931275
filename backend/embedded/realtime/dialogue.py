"""What a client may say on a socket, and what it is answered: join, leave, token, broadcast, presence, heartbeat."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast
from uuid import uuid4

import structlog
from sqlalchemy.exc import SQLAlchemyError

from backend.embedded.realtime.bindings import MOST_BINDINGS, numbered
from backend.embedded.realtime.changes import Changes, Held
from backend.embedded.realtime.hub import PREFIX, Channel, Hub, Socket
from backend.embedded.realtime.limits import Limits
from backend.embedded.realtime.policy import Access, Identity, Policies, SessionOver
from backend.embedded.realtime.protocol import Message, broadcast, closed, reply
from backend.errors import NightdeskError
from backend.tokens import BadSignature, MalformedToken, TokenRefused, TokenVerifier, UnknownSigningKey

log = structlog.get_logger("realtime")

MOST_NAME_CHARS = 255
# As Supabase has it for postgres_changes_options.
WAIT_SECONDS = 15.0
MOST_WAIT_SECONDS = 20.0


@dataclass(frozen=True)
class Realtime:
    """What the realtime edge works with, made once at start."""

    hub: Hub
    changes: Changes
    policies: Policies
    verifier: TokenVerifier
    limits: Limits


class JoinRefused(Exception):
    """A join cannot be granted; the message is "<Code>: <sentence>", as clients show it."""


async def handle(edge: Realtime, socket: Socket, message: Message, size: int, now: datetime) -> None:
    """Answers one message. Trouble with the database is the channel's, not the socket's."""
    channel = socket.channels.get(message.topic)
    match message.event:
        case "heartbeat" if message.topic == "phoenix":
            socket.send(reply(message, "ok"))
        case "phx_join":
            await _join(edge, socket, message, now)
        case "phx_leave":
            _leave(edge, socket, channel, message)
        case _ if channel is None:
            socket.send(reply(message, "error", {"reason": "unmatched topic"}))
        case "access_token":
            await _new_token(edge, channel, message, now)
        case "broadcast":
            _broadcast(edge, channel, message, size)
        case "presence":
            _presence(edge, channel, message, size)
        case _:
            socket.send(reply(message, "error", {"reason": "unknown event"}))


async def recheck(edge: Realtime, channel: Channel, now: datetime) -> None:
    """Asks again whether a channel may stay: its token, its session, its policies."""
    claims = channel.identity.claims
    if claims is not None and claims.expires_at <= now:
        late = int((now - claims.expires_at).total_seconds())
        return edge.hub.end(channel, f"Token has expired {late} seconds ago")
    await _settle(edge, channel, channel.identity, now)


async def _join(edge: Realtime, socket: Socket, message: Message, now: datetime) -> None:
    try:
        channel = await _admit(edge, socket, message, now)
    except JoinRefused as refused:
        return _refuse(socket, message, str(refused))
    answer = reply(message, "ok", {"postgres_changes": list(channel.wants)})
    seconds = _wait_seconds(message.payload) if channel.wants else None
    if seconds is None:
        socket.send(answer)
    edge.hub.enter(channel)
    edge.changes.subscribe(channel, None if seconds is None else Held(answer, seconds))
    if channel.presence_enabled and channel.access.presence_read:
        edge.hub.show_presence(channel)


def _refuse(socket: Socket, message: Message, reason: str) -> None:
    """Says why. In the log once per socket and kind of refusal, however often a client tries."""
    code = reason.partition(":")[0]
    if code not in socket.logged:
        socket.logged.add(code)
        log.info("realtime_join_refused", reason=reason)
    socket.send(reply(message, "error", {"reason": reason}))


async def _admit(edge: Realtime, socket: Socket, message: Message, now: datetime) -> Channel:
    """The channel a join asks for. Raises JoinRefused."""
    name = _name(message.topic)
    if len(socket.channels) >= edge.limits.channels_per_socket and message.topic not in socket.channels:
        raise JoinRefused("ChannelRateLimitReached: Too many channels")
    if not socket.joins.take(socket.heard_at):
        raise JoinRefused("ClientJoinRateLimitReached: Too many joins per second")
    config = _section(message.payload, "config")
    wants = numbered(config.get("postgres_changes"))
    if len(wants) > MOST_BINDINGS:
        raise JoinRefused(f"ChannelRateLimitReached: More than {MOST_BINDINGS} postgres_changes in one channel")
    private = config.get("private") is True
    identity = await _identity(edge, socket, message.payload, now)
    access = await _access(edge, identity, name, now, private=private)
    if not access.reads:
        raise JoinRefused(f"Unauthorized: You do not have permissions to read from this Channel topic: {name}")
    # After the last await: from here to the room nothing can come between.
    if not edge.hub.feed_is_live:
        raise JoinRefused("RealtimeRestarting: Realtime is restarting, please standby")
    wanted, presence = _section(config, "broadcast"), _section(config, "presence")
    return Channel(
        socket,
        name,
        private,
        message.join_ref or message.ref,
        identity,
        access,
        _next_check(edge, identity, now),
        echo=wanted.get("self") is True,
        acknowledge=wanted.get("ack") is True,
        presence_key=str(presence.get("key") or uuid4()),
        presence_enabled=presence.get("enabled") is not False and bool(presence),
        wants=tuple(wants),
    )


async def _identity(edge: Realtime, socket: Socket, payload: dict[str, Any], now: datetime) -> Identity:
    """Whom the join speaks for: its own token, or the socket's when it brings none or an API key."""
    token = payload.get("access_token") or payload.get("user_token")
    if not isinstance(token, str) or token.startswith("sb_"):
        return socket.identity
    try:
        return Identity("authenticated", await edge.verifier.verify(token, now))
    except TokenRefused as refused:
        raise JoinRefused(token_reason(refused)) from None
    except (NightdeskError, SQLAlchemyError, OSError) as error:
        raise _no_database(error) from error


async def _access(edge: Realtime, identity: Identity, name: str, now: datetime, *, private: bool) -> Access:
    try:
        return await edge.policies.access(identity, name, now, private=private)
    except SessionOver:
        raise JoinRefused("InvalidJWTToken: The session has ended") from None
    except (SQLAlchemyError, OSError) as error:
        raise _no_database(error) from error


async def _new_token(edge: Realtime, channel: Channel, message: Message, now: datetime) -> None:
    """A refreshed token: everything is asked again. No answer when all is well."""
    token = message.payload.get("access_token")
    if not isinstance(token, str) or token.startswith("sb_"):
        return
    try:
        claims = await edge.verifier.verify(token, now)
    except TokenRefused as refused:
        return edge.hub.end(channel, token_reason(refused))
    except (NightdeskError, SQLAlchemyError, OSError) as error:
        # The earlier token still stands, until it expires.
        return log.warning("realtime_token_not_checked", error=str(error))
    await _settle(edge, channel, Identity("authenticated", claims), now)


async def _settle(edge: Realtime, channel: Channel, identity: Identity, now: datetime) -> None:
    """Lets a channel stay under this identity, or ends it."""
    try:
        access = await edge.policies.access(identity, channel.name, now, private=channel.private)
    except SessionOver:
        return edge.hub.end(channel, "InvalidJWTToken: The session has ended")
    except (SQLAlchemyError, OSError) as error:
        # Nobody is shut out because the database is away for a moment; asked again at the next sweep.
        return log.warning("realtime_recheck_failed", error=str(error).splitlines()[0])
    if not access.reads:
        return edge.hub.end(
            channel, f"Unauthorized: You do not have permissions to read from this Channel topic: {channel.name}"
        )
    channel.identity, channel.access = identity, access
    channel.check_at = _next_check(edge, identity, now)


def _leave(edge: Realtime, socket: Socket, channel: Channel | None, message: Message) -> None:
    if channel is not None:
        edge.hub.leave(channel)
    socket.send(reply(message, "ok"))
    socket.send(closed(message.topic, message.join_ref))


def _broadcast(edge: Realtime, channel: Channel, message: Message, size: int) -> None:
    """To the room, when the policies let this client write; silently nothing when they do not, as Supabase does."""
    if size > edge.limits.payload_bytes:
        return channel.socket.send(reply(message, "error", {"error": "payload_size_exceeded"}))
    if not channel.access.broadcast_write:
        return
    event = str(message.payload.get("event") or "")
    if message.raw is not None:
        out = Message(channel.topic, "broadcast", {"event": event}, raw=message.raw)
    else:
        out = broadcast(channel.topic, event, message.payload.get("payload"))
    edge.hub.publish(channel.name, channel.private, out, channel)
    if channel.acknowledge:
        channel.socket.send(reply(message, "ok"))


def _presence(edge: Realtime, channel: Channel, message: Message, size: int) -> None:
    if size > edge.limits.payload_bytes:
        return channel.socket.send(reply(message, "error", {"error": "payload_size_exceeded"}))
    if not channel.access.presence_write:
        return channel.socket.send(reply(message, "error", {"reason": "Unauthorized"}))
    if str(message.payload.get("event")).lower() == "track":
        edge.hub.track(channel, {**_section(message.payload, "payload"), "phx_ref": uuid4().hex[:12]})
    else:
        edge.hub.untrack(channel)
    channel.socket.send(reply(message, "ok"))


def _name(topic: str) -> str:
    name = topic.removeprefix(PREFIX)
    if name == topic:
        raise JoinRefused("unmatched topic")
    if not name or len(name) > MOST_NAME_CHARS or "\x00" in name:
        raise JoinRefused("TopicNameRequired: You must provide a topic name")
    return name


def _next_check(edge: Realtime, identity: Identity, now: datetime) -> datetime:
    soon = now + timedelta(seconds=edge.limits.recheck_seconds)
    return min(soon, identity.claims.expires_at) if identity.claims else soon


def token_reason(refused: TokenRefused) -> str:
    """The refusal as Realtime's clients know it."""
    match refused:
        case MalformedToken():
            return "MalformedJWT: The token provided is not a valid JWT"
        case BadSignature() | UnknownSigningKey():
            return "JwtSignatureError: Failed to validate JWT signature"
        case _:
            return f"InvalidJWTToken: {refused.detail}"


def _no_database(error: Exception) -> JoinRefused:
    log.warning("realtime_join_failed", error=str(error).splitlines()[0] if str(error) else type(error).__name__)
    return JoinRefused("UnableToConnectToProject: The database does not answer; try again")


def _wait_seconds(payload: dict[str, Any]) -> float | None:
    """How long the answer may wait for table changes to be followed; None: the client does not ask for that."""
    options = _section(_section(payload, "config"), "postgres_changes_options")
    if options.get("wait") is not True:
        return None
    asked = options.get("timeout")
    if not isinstance(asked, int | float) or asked <= 0:
        return WAIT_SECONDS
    return min(asked / 1000, MOST_WAIT_SECONDS)


def _section(payload: dict[str, Any], name: str) -> dict[str, Any]:
    value = payload.get(name)
    return cast(dict[str, Any], value) if isinstance(value, dict) else {}
