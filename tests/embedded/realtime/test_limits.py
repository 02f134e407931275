"""What one client may cost, and that a refusal is in the log once, however often it is given."""

import asyncio
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from structlog.testing import capture_logs
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from backend.embedded.realtime.dialogue import Realtime, handle
from backend.embedded.realtime.hub import Hub, Socket
from backend.embedded.realtime.limits import Limits
from backend.embedded.realtime.policy import Identity
from backend.embedded.realtime.protocol import Message
from backend.embedded.realtime.sweep import GOING_AWAY, close_silent
from tests.embedded.auth.calls import secret_key
from tests.embedded.conftest import Edge, running
from tests.embedded.realtime.test_socket import SOON, address, ending, hear, joined, token_of
from tests.support.server import TestServer

NOW = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)
BEAT = json.dumps([None, "beat", "phoenix", "heartbeat", {}])


def test_who_never_sends_a_heartbeat_is_hung_up_on_and_nobody_else() -> None:
    hub, limits = Hub(), Limits()
    silent, alive = [Socket("2.0.0", Identity("anon"), limits, now) for now in (0.0, 1.0)]
    hub.sockets |= {silent, alive}
    close_silent(hub, limits, limits.silence_seconds + 0.5)
    assert (silent.close_code, silent.close_reason) == (GOING_AWAY, "no heartbeat")
    assert not alive.done.is_set()


async def test_a_thousand_refusals_are_one_line_in_the_log() -> None:
    socket = Socket("2.0.0", Identity("anon"), Limits(queued_messages=2000), 0)
    edge: Any = Realtime(Hub(), *[None] * 3, Limits())  # type: ignore[arg-type]
    with capture_logs() as logged:
        for number in range(1000):
            await handle(edge, socket, Message("realtime:", "phx_join", {}, str(number)), 2, NOW)
        for _ in range(3):
            socket.close(1008, "too many messages per second")
    assert len(socket.waiting) == 1000
    assert [(line["event"], line["reason"].partition(":")[0]) for line in logged] == [
        ("realtime_join_refused", "TopicNameRequired"),
        ("realtime_socket_closed", "too many messages per second"),
    ]


async def test_half_a_frame_disturbs_nobody(edge: Edge) -> None:
    person = edge.person("half@example.org")
    async with joined(edge, person) as other, connect(address(edge)) as unfinished, connect(address(edge)) as broken:
        # A frame that announces 100 bytes and ends after three; then one with an opcode that does not exist.
        unfinished.transport.write(b"\x81\xe4\x00\x00\x00\x00abc")
        broken.transport.write(b"\x83\x80\x00\x00\x00\x00")
        assert await ending(broken) == 1002
        edge.hint(person, id="still here")
        assert (await hear(other, "broadcast"))[4]["payload"] == {"id": "still here"}
        unfinished.transport.abort()
        await other.send(BEAT)
        assert (await hear(other, "phx_reply"))[1] == "beat"


async def test_a_message_over_the_limit_is_refused_and_the_channel_stays(edge: Edge) -> None:
    person = edge.person("large@example.org")
    async with connect(address(edge)) as connection:
        payload = {"config": {"broadcast": {"self": True}}, "access_token": token_of(edge, person)}
        await connection.send(json.dumps(["1", "1", "realtime:room", "phx_join", payload]))
        assert (await hear(connection, "phx_reply"))[4]["status"] == "ok"
        for ref, filler in (("2", "x" * 300_000), ("3", "x")):
            body = {"type": "broadcast", "event": "note", "payload": {"filler": filler}}
            await connection.send(json.dumps(["1", ref, "realtime:room", "broadcast", body]))
        refused = await hear(connection, "phx_reply")
        assert (refused[1], refused[4]["response"]) == ("2", {"error": "payload_size_exceeded"})
        assert (await hear(connection, "broadcast"))[4]["payload"] == {"filler": "x"}


async def test_one_socket_too_many_is_refused_until_another_leaves(postgres_server: TestServer) -> None:
    with postgres_server.database() as url, running(url, realtime_max_sockets=2) as edge:
        async with connect(address(edge)) as first:
            async with connect(address(edge)):
                with pytest.raises(InvalidStatus) as refused:
                    async with connect(address(edge)):
                        pass
                assert refused.value.response.status_code == 429
                assert json.loads(refused.value.response.body or b"") == {"error": "Too many connected users"}
                await first.send(BEAT)
                assert (await hear(first, "phx_reply"))[1] == "beat"
            async with asyncio.timeout(SOON):
                while True:
                    try:
                        async with connect(address(edge)):
                            break
                    except InvalidStatus:
                        await asyncio.sleep(0.05)


async def test_a_replaced_secret_key_opens_no_socket(edge: Edge) -> None:
    old = secret_key(edge)
    async with connect(address(edge, key=old)):
        pass
    new = secret_key(edge)
    async with connect(address(edge, key=new)):
        pass
    with pytest.raises(InvalidStatus) as refused:
        async with connect(address(edge, key=old)):
            pass
    assert refused.value.response.status_code == 401
