"""Who listens to what: sockets, channels and rooms of one process. Nothing here awaits, so nothing is half done.

A channel is entered only while the database feed is live. When the feed was away, every channel is told to join again,
so nobody believes to be up to date who is not.
"""

import asyncio
from collections import deque
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
import structlog

from backend.embedded.realtime.bindings import Binding
from backend.embedded.realtime.limits import Limits, Rate
from backend.embedded.realtime.policy import Access, Identity
from backend.embedded.realtime.presence import Presence
from backend.embedded.realtime.protocol import Message, Outgoing, Version, broadcast, closed, crashed, encode, system

log = structlog.get_logger("realtime")

TOO_SLOW = 1013
PREFIX = "realtime:"


class Socket:
    """One connection: what waits to be sent, and the channels it has joined."""

    def __init__(self, version: Version, identity: Identity, limits: Limits, now: float) -> None:
        self.version: Version = version
        self.identity = identity
        self.limits = limits
        self.heard_at = now
        self.joins = Rate(limits.joins_per_second, limits.joins_burst)
        self.messages = Rate(limits.messages_per_second, limits.messages_burst)
        self.channels: dict[str, Channel] = {}
        # Refusals that are in the log already, by their code.
        self.logged: set[str] = set()
        self.done = asyncio.Event()
        self.close_code: int | None = None
        self.close_reason = ""
        self.waiting: deque[str | bytes] = deque()
        self.wakeup = asyncio.Event()
        self._waiting_bytes = 0

    def send(self, message: Message) -> None:
        """Queues a message for this client alone."""
        self.offer(encode(message, self.version))

    def offer(self, frame: str | bytes | None) -> None:
        """Queues an encoded frame. A client that does not read is dropped; nobody waits for it."""
        if frame is None or self.done.is_set():
            return
        self.waiting.append(frame)
        self._waiting_bytes += len(frame)
        if len(self.waiting) > self.limits.queued_messages or self._waiting_bytes > self.limits.queued_bytes:
            self.close(TOO_SLOW, "the client does not read what it is sent")
            return
        self.wakeup.set()

    def take(self) -> str | bytes:
        """The next frame to write."""
        frame = self.waiting.popleft()
        self._waiting_bytes -= len(frame)
        return frame

    def close(self, code: int, reason: str) -> None:
        """Asks for the end of the connection; the first reason stands."""
        if self.close_code is None and not self.done.is_set():
            self.close_code, self.close_reason = code, reason
            log.info("realtime_socket_closed", code=code, reason=reason)
        self.done.set()


@dataclass(eq=False)
class Channel:
    """A joined channel of one socket. `name`: the topic without "realtime:"; `check_at`: when to ask again."""

    socket: Socket
    name: str
    private: bool
    join_ref: str | None
    identity: Identity
    access: Access
    check_at: datetime
    echo: bool = False
    acknowledge: bool = False
    presence_key: str = ""
    presence_enabled: bool = False
    # Table changes as the join asked for them, each with its id, and once they are followed, checked.
    wants: tuple[dict[str, Any], ...] = ()
    bindings: tuple[Binding, ...] = ()
    # The answer to a join that waits until its table changes are followed.
    held: Message | None = None

    @property
    def topic(self) -> str:
        return PREFIX + self.name

    @property
    def session_id(self) -> UUID | None:
        return self.identity.claims.session_id if self.identity.claims else None


@dataclass
class Room:
    """The channels of one name. Private and public rooms of a name never meet."""

    channels: dict[Channel, None] = field(default_factory=dict[Channel, None])
    presence: Presence = field(default_factory=Presence)


class Hub:
    """All of them."""

    def __init__(self) -> None:
        self.sockets: set[Socket] = set()
        self.feed_is_live = False
        self._rooms: dict[tuple[str, bool], Room] = {}

    def enter(self, channel: Channel) -> None:
        """Puts a channel into its room; an earlier one of that topic on the same socket gives way."""
        earlier = channel.socket.channels.get(channel.topic)
        if earlier is not None:
            self.leave(earlier)
        channel.socket.channels[channel.topic] = channel
        self._rooms.setdefault((channel.name, channel.private), Room()).channels[channel] = None

    def leave(self, channel: Channel) -> None:
        """Takes a channel out, and tells the others when it was present."""
        if channel.socket.channels.get(channel.topic) is channel:
            del channel.socket.channels[channel.topic]
        room = self._rooms.get((channel.name, channel.private))
        if room is None or channel not in room.channels:
            return
        del room.channels[channel]
        self.untrack(channel)
        if not room.channels:
            del self._rooms[(channel.name, channel.private)]

    def remove(self, socket: Socket) -> None:
        """Forgets a connection that is gone."""
        self.sockets.discard(socket)
        for channel in list(socket.channels.values()):
            self.leave(channel)

    def end(self, channel: Channel, reason: str) -> None:
        """Closes a channel for good and says why."""
        channel.socket.send(system(channel.topic, channel.join_ref, "error", "system", reason))
        channel.socket.send(closed(channel.topic, channel.join_ref))
        self.leave(channel)

    def crash(self, channel: Channel) -> None:
        """Makes a client that may have missed something join again."""
        channel.socket.send(crashed(channel.topic, channel.join_ref))
        self.leave(channel)

    def end_session(self, session_id: UUID) -> None:
        """Closes every channel of a sign-in that is over."""
        for channel in self.channels():
            if channel.session_id == session_id:
                self.end(channel, "The session has ended")

    def channels(self) -> list[Channel]:
        """All joined channels."""
        return [channel for socket in self.sockets for channel in socket.channels.values()]

    def deliver(self, name: str, private: bool, event: str, payload: str, message_id: str) -> None:
        """A broadcast from the database; `payload` is JSON text and passes through unread."""
        room = self._rooms.get((name, private))
        if room is not None:
            self._tell(room, Outgoing(broadcast(PREFIX + name, event, orjson.Fragment(payload), message_id)))

    def publish(self, name: str, private: bool, message: Message, sender: Channel | None = None) -> None:
        """A broadcast from a client, to everybody else in the room; to itself only when it asked for that."""
        room = self._rooms.get((name, private))
        if room is not None:
            skipped = sender if sender is not None and not sender.echo else None
            self._tell(room, Outgoing(message), skipped)

    def _tell(self, room: Room, outgoing: Outgoing, skipped: Channel | None = None) -> None:
        for channel in room.channels:
            if channel is not skipped and channel.access.broadcast_read:
                channel.socket.offer(outgoing.for_version(channel.socket.version))

    def track(self, channel: Channel, meta: dict[str, Any]) -> None:
        """Notes what a channel says about itself and tells the room."""
        room = self._rooms[(channel.name, channel.private)]
        self._tell_presence(room, channel, room.presence.track(id(channel), channel.presence_key, meta))

    def untrack(self, channel: Channel) -> None:
        """Takes a channel's presence back and tells the room."""
        room = self._rooms.get((channel.name, channel.private))
        change = room.presence.untrack(id(channel)) if room else None
        if room is not None and change is not None:
            self._tell_presence(room, channel, change)

    def show_presence(self, channel: Channel) -> None:
        """Tells a newcomer who is here."""
        state = self._rooms[(channel.name, channel.private)].presence.state()
        channel.socket.send(Message(channel.topic, "presence_state", state, None, channel.join_ref))

    def _tell_presence(self, room: Room, channel: Channel, change: dict[str, Any]) -> None:
        outgoing = Outgoing(Message(channel.topic, "presence_diff", change))
        for other in room.channels:
            if other.presence_enabled and other.access.presence_read:
                other.socket.offer(outgoing.for_version(other.socket.version))

    def feed_lost(self) -> None:
        """The database cannot be heard: nobody may join until it can."""
        self.feed_is_live = False

    def feed_found(self) -> None:
        """The database is heard (again): whoever was joined meanwhile may have missed something and must rejoin."""
        for channel in self.channels():
            self.crash(channel)
        self.feed_is_live = True
