"""Frames: tables of what is decoded, what is refused, and what is written, for both protocol versions."""

import json
from typing import Any

import orjson
import pytest

from backend.embedded.realtime.protocol import (
    BadFrame,
    Message,
    Outgoing,
    Version,
    broadcast,
    decode_binary,
    decode_text,
    encode,
    reply,
)

JOIN = Message("realtime:room", "phx_join", {"config": {}}, "6", "6")


def push(
    *names: str, content: bytes = b"{}", encoding: int = 1, kind: int = 3, sizes: tuple[int, ...] | None = None
) -> bytes:
    """A kind 3 frame: join_ref, ref, topic, event, metadata."""
    parts = [name.encode() for name in names]
    return bytes((kind, *(sizes or map(len, parts)), encoding)) + b"".join(parts) + content


@pytest.mark.parametrize(
    ("text", "version", "message"),
    [
        ('["6","6","realtime:room","phx_join",{"config":{}}]', "2.0.0", JOIN),
        (
            '{"topic":"realtime:room","event":"phx_join","payload":{"config":{}},"ref":"6","join_ref":"6"}',
            "1.0.0",
            JOIN,
        ),
        ('[null,"1","phoenix","heartbeat",{}]', "2.0.0", Message("phoenix", "heartbeat", {}, "1")),
        ('{"topic":"phoenix","event":"heartbeat"}', "1.0.0", Message("phoenix", "heartbeat")),
        ('[null,7,"t","e",null]', "2.0.0", Message("t", "e", {}, "7")),
    ],
)
def test_text_frames_are_decoded(text: str, version: Version, message: Message) -> None:
    assert decode_text(text, version) == message


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ("", "2.0.0"),
        ("{", "1.0.0"),
        ("[]", "1.0.0"),
        ("{}", "1.0.0"),
        ("{}", "2.0.0"),
        ('["1","1","t","e"]', "2.0.0"),
        ('["1","1",null,"e",{}]', "2.0.0"),
        ('["1","1","t",5,{}]', "2.0.0"),
        ('[{},"1","t","e",{}]', "2.0.0"),
        (json.dumps(["x" * 300, "1", "t", "e", {}]), "2.0.0"),
        ("[" * 5000, "2.0.0"),
    ],
)
def test_other_text_is_no_frame(text: str, version: Version) -> None:
    with pytest.raises(BadFrame):
        decode_text(text, version)


def test_a_binary_broadcast_of_json_is_decoded() -> None:
    frame = push("6", "9", "realtime:röom", "wave", '{"persist":true}', content=b'{"a":[1]}')
    payload = {"type": "broadcast", "event": "wave", "payload": {"a": [1]}}
    assert decode_binary(frame) == Message("realtime:röom", "broadcast", payload, "9", "6")


def test_a_binary_broadcast_of_bytes_goes_out_as_bytes_to_those_who_can_read_it() -> None:
    frame = push("", "", "realtime:room", "raw", "", content=b"\x00\xff", encoding=0)
    message = decode_binary(frame)
    assert (message.ref, message.join_ref, message.raw) == (None, None, b"\x00\xff")
    out = Outgoing(message)
    assert out.for_version("1.0.0") is None
    assert out.for_version("2.0.0") == b"\x04\x0d\x03\x00\x00realtime:roomraw\x00\xff"


@pytest.mark.parametrize(
    "frame",
    [
        b"",
        b"\x03",
        push("1", "1", "t", "e", "", kind=4),
        push("1", "1", "t", "e", "", encoding=2),
        push("1", "1", "t", "e", "", content=b"", sizes=(255, 255, 255, 255, 255)),
        push("1", "1", "t", "e", "", content=b"{"),
        bytes((3, 1, 0, 0, 0, 0, 1)) + b"\xff{}",
    ],
)
def test_other_bytes_are_no_frame(frame: bytes) -> None:
    with pytest.raises(BadFrame):
        decode_binary(frame)


@pytest.mark.parametrize("version", ["1.0.0", "2.0.0"])
def test_what_is_encoded_is_decoded_again(version: Version) -> None:
    for message in (JOIN, reply(JOIN, "ok"), broadcast("realtime:room", "change", {"id": "1"}, "m")):
        assert decode_text(encode(message, version), version) == message


def test_every_member_is_written_also_when_it_is_null() -> None:
    frame: Any = json.loads(encode(broadcast("realtime:room", "change", None), "1.0.0"))
    assert {"topic", "event", "payload", "ref", "join_ref"} == set(frame)
    assert frame["ref"] is None


def test_a_message_for_many_is_encoded_once_and_its_json_passes_through() -> None:
    out = Outgoing(broadcast("realtime:room", "change", orjson.Fragment('{"big": 12345678901234567890123}'), "m"))
    frame = out.for_version("2.0.0")
    assert frame is out.for_version("2.0.0")
    assert '"payload":{"big": 12345678901234567890123}' in str(frame)
