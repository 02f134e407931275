"""A running agent says what it cannot reach: another shell's settings do not know, and the System page has none."""

import asyncio

import pytest

from backend import doctor
from backend.doctor import Finding
from backend.health import RUNNING, TROUBLE
from backend.reach import said
from backend.settings import Settings
from tests.fakes.prometheus import fake_prometheus

DOCKER = Finding("docker", "ok", "Docker 29 at /var/run/docker.sock")
LOKI = Finding("loki", "unused", "not set")
ODD = Finding("loki", "failed", "http://ops:p@ss@loki:3100/ready: refused")
REFUSED = Finding("prometheus", "failed", "http://ann:secret@prometheus:9090/-/ready: refused")


@pytest.mark.parametrize(
    ("found", "message"),
    [
        ([LOKI], RUNNING),
        ([DOCKER, LOKI], "looks at docker"),
        ([ODD], f"{TROUBLE}loki (http://loki:3100/ready: refused)"),
        ([DOCKER, REFUSED], f"{TROUBLE}prometheus (http://prometheus:9090/-/ready: refused)"),
    ],
)
def test_one_line_for_all_of_them(found: list[Finding], message: str):
    assert said(found) == message


async def test_what_is_set_and_does_not_answer_is_named():
    settings = Settings.model_validate({"prometheus_url": "http://127.0.0.1:1"})
    message = said(await doctor.sources(settings))
    assert message.startswith(TROUBLE)
    assert "prometheus (http://127.0.0.1:1/-/ready: " in message


async def test_where_there_is_no_page_that_says_it_is_ready_it_is_asked_what_investigations_ask():
    with fake_prometheus() as prometheus:
        found = await doctor.sources(Settings.model_validate({"prometheus_url": prometheus.url}))
        asked = [request.path for request in prometheus.requests]
    assert asked == ["/-/ready", "/api/v1/query"]
    assert [one.state for one in found if one.name == "prometheus"] == ["ok"]


async def _lets_in_and_says_nothing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """PostgreSQL's first words, and then none: as behind a pooler whose queue is full."""
    length = int.from_bytes(await reader.readexactly(4))
    code = int.from_bytes((await reader.readexactly(length - 4))[:4])
    if code in (80877103, 80877104):  # SSL or GSS, please: no.
        writer.write(b"N")
        return await _lets_in_and_says_nothing(reader, writer)
    if code != 80877102:  # A request to cancel is heard out.
        writer.write(b"R\x00\x00\x00\x08\x00\x00\x00\x00Z\x00\x00\x00\x05I")
        await reader.read()
    writer.close()
    return None


@pytest.mark.timeout(60)
async def test_a_server_that_falls_silent_is_named_and_holds_up_nobody(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(doctor, "MOST_SECONDS", 0.5)
    async with await asyncio.start_server(_lets_in_and_says_nothing, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        url = f"postgresql://reader@127.0.0.1:{port}/shop"
        found = await doctor.sources(Settings.model_validate({"postgres_targets": {"shop": url}}))
        (shop,) = (one for one in found if one.name == "postgres shop")
    assert (shop.state, shop.detail) == ("failed", "did not answer within 0.5 s")
