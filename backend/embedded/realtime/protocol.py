"""Realtime's frames, both protocol versions: bytes and text in, messages out, and back. No state, no I/O.

1.0.0 text: {"topic","event","payload","ref","join_ref"}
2.0.0 text: [join_ref, ref, topic, event, payload], and binary:
kind 3 (client's broadcast) 03 | len(join_ref) len(ref) len(topic) len(event) len(meta) encoding | the five | payload
kind 4 (server's broadcast) 04 | len(topic) len(event) len(meta) encoding | the three | payload
Lengths are one byte each; encoding is 0 for bytes and 1 for JSON.
https://supabase.com/docs/guides/realtime/protocol
"""

from dataclasses import dataclass, field
from typing import Any, Literal, cast

import orjson

Version = Literal["1.0.0", "2.0.0"]

BROADCAST_PUSH = 3
BROADCAST = 4
BINARY = 0
JSON = 1
MOST_REF_CHARS = 255


class BadFrame(Exception):
    """What arrived is no frame of the protocol."""


@dataclass(frozen=True)
class Message:
    """A decoded frame. `raw` holds the payload of a binary broadcast that is not JSON."""

    topic: str
    event: str
    payload: dict[str, Any] = field(default_factory=dict[str, Any])
    ref: str | None = None
    join_ref: str | None = None
    raw: bytes | None = None


def decode_text(data: str, version: Version) -> Message:
    """A text frame. Raises BadFrame."""
    try:
        frame: Any = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        raise BadFrame("not JSON") from error
    if version == "2.0.0":
        if not isinstance(frame, list) or len(cast(list[Any], frame)) != 5:
            raise BadFrame("not an array of five")
        join_ref, ref, topic, event, payload = cast(list[Any], frame)
    else:
        if not isinstance(frame, dict):
            raise BadFrame("not an object")
        members = cast(dict[str, Any], frame)
        join_ref, ref, topic, event, payload = (
            members.get(n) for n in ("join_ref", "ref", "topic", "event", "payload")
        )
    if not isinstance(topic, str) or not isinstance(event, str):
        raise BadFrame("topic and event must be text")
    content = cast(dict[str, Any], payload) if isinstance(payload, dict) else {}
    return Message(topic, event, content, _ref(ref), _ref(join_ref))


def decode_binary(data: bytes) -> Message:
    """A binary frame: a client's broadcast, nothing else. Raises BadFrame."""
    if len(data) < 7 or data[0] != BROADCAST_PUSH:
        raise BadFrame("not a broadcast")
    sizes, encoding = data[1:6], data[6]
    end = 7 + sum(sizes)
    if len(data) < end or encoding not in (BINARY, JSON):
        raise BadFrame("cut short")
    parts: list[str] = []
    at = 7
    try:
        for size in sizes:
            parts.append(data[at : at + size].decode())
            at += size
        content: Any = orjson.loads(data[end:]) if encoding == JSON else None
    except ValueError as error:
        raise BadFrame("not UTF-8 or not JSON") from error
    join_ref, ref, topic, event, _meta = parts
    payload: dict[str, Any] = {"type": "broadcast", "event": event}
    if encoding == JSON:
        payload["payload"] = content
    raw = data[end:] if encoding == BINARY else None
    return Message(topic, "broadcast", payload, ref or None, join_ref or None, raw)


def encode(message: Message, version: Version) -> str:
    """A text frame. Every member is there, also when null: realtime-py insists."""
    if version == "2.0.0":
        frame: Any = [message.join_ref, message.ref, message.topic, message.event, message.payload]
    else:
        frame = {
            "topic": message.topic,
            "event": message.event,
            "payload": message.payload,
            "ref": message.ref,
            "join_ref": message.join_ref,
        }
    return orjson.dumps(frame).decode()


def encode_broadcast(topic: str, event: str, content: bytes) -> bytes:
    """A binary broadcast of plain bytes, for clients of version 2.0.0. Raises BadFrame when a name is too long."""
    names = [topic.encode(), event.encode()]
    if any(len(name) > 255 for name in names):
        raise BadFrame("name too long")
    return bytes((BROADCAST, len(names[0]), len(names[1]), 0, BINARY)) + names[0] + names[1] + content


class Outgoing:
    """One message for many: encoded once per protocol version, however many clients there are."""

    def __init__(self, message: Message) -> None:
        self._message = message
        self._encoded: dict[Version, str | bytes | None] = {}

    def for_version(self, version: Version) -> str | bytes | None:
        """The frame; None when this version has no form for it."""
        if version not in self._encoded:
            self._encoded[version] = self._encode(version)
        return self._encoded[version]

    def _encode(self, version: Version) -> str | bytes | None:
        if self._message.raw is None:
            return encode(self._message, version)
        if version == "1.0.0":
            return None
        return encode_broadcast(self._message.topic, str(self._message.payload.get("event")), self._message.raw)


def reply(to: Message, status: Literal["ok", "error"], response: dict[str, Any] | None = None) -> Message:
    """The answer to a push."""
    return Message(to.topic, "phx_reply", {"status": status, "response": response or {}}, to.ref, to.join_ref)


def broadcast(topic: str, event: str, payload: Any, message_id: str | None = None) -> Message:
    """A broadcast as subscribers receive it. `payload`: anything orjson writes, also an orjson.Fragment."""
    body: dict[str, Any] = {"type": "broadcast", "event": event, "payload": payload}
    if message_id is not None:
        body["meta"] = {"id": message_id}
    return Message(topic, "broadcast", body)


def system(topic: str, join_ref: str | None, status: Literal["ok", "error"], extension: str, text: str) -> Message:
    """What the server has to say about a channel."""
    channel = topic.removeprefix("realtime:")
    body = {"extension": extension, "status": status, "message": text, "channel": channel}
    return Message(topic, "system", body, None, join_ref)


def closed(topic: str, join_ref: str | None) -> Message:
    """The channel is over for good: the client does not come back by itself."""
    return Message(topic, "phx_close", {}, join_ref, join_ref)


def crashed(topic: str, join_ref: str | None) -> Message:
    """The channel is lost: the client joins again and fetches what it missed."""
    return Message(topic, "phx_error", {}, join_ref, join_ref)


def _ref(value: object) -> str | None:
    if value is None:
        return None
    if not isinstance(value, str | int) or len(str(value)) > MOST_REF_CHARS:
        raise BadFrame("refs must be short text")
    return str(value)
