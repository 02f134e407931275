"""The http probe against real servers on loopback, in every way in which a service fails."""

import asyncio
import resource
import socket
import time
from collections.abc import AsyncGenerator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from backend.monitor.kinds import HttpConfig, Result
from checks.probes import http as probe
from checks.probes.http import HttpClients, HttpTarget
from tests.checks.targets import Target, certificate, http, serving

NOW = datetime(2026, 11, 21, 3, tzinfo=UTC)


@pytest.fixture
async def clients() -> AsyncGenerator[HttpClients]:
    async with probe.open_clients() as clients:
        yield clients


async def look(clients: HttpClients, address: str, *, timeout: float = 5, **config: object) -> Result:  # noqa: ASYNC109
    wanted = HttpConfig.model_validate(config)
    result, _ = await probe.probe(clients, HttpTarget(address, timeout, wanted), NOW)
    return result


async def answered(clients: HttpClients, answer: bytes, **config: object) -> Result:
    async with serving(Target(answer)) as target:
        return await look(clients, target.url, **config)


async def test_healthy(clients: HttpClients):
    seen = await answered(clients, http("204 No Content"))
    assert (seen.status, seen.status_code, seen.error, seen.detail, seen.checked_at) == ("up", 204, None, None, NOW)
    assert seen.response_time_ms is not None
    assert 0 <= seen.response_time_ms < 2_000


async def test_an_unhealthy_answer_is_kept_as_evidence_without_its_secrets(clients: HttpClients):
    page = b"pool exhausted\npassword=hunter2 postgres://app:hunter3@db/x\n\x1b[31m" + b"trace " * 2_000
    seen = await answered(clients, http("503 Service Unavailable", page, "content-type: text/plain; charset=bogus"))
    assert (seen.status, seen.status_code, seen.error) == ("down", 503, "HTTP 503, expected 200-299")
    assert seen.detail is not None
    assert seen.detail.startswith("pool exhausted\npassword=[redacted] postgres://app:[redacted]@db/x\ntrace")
    assert len(seen.detail) == 2_000


async def test_method_headers_and_body_are_sent(clients: HttpClients):
    async with serving(Target(http("202 Accepted"))) as target:
        seen = await look(clients, target.url, method="POST", headers={"x-probe": "yes"}, body="ping")
        (request,) = target.requests
    assert seen.status == "up"
    assert request.startswith(b"POST / HTTP/1.1\r\n")
    assert b"x-probe: yes\r\n" in request
    assert b"content-length: 4\r\n" in request.lower()
    assert b"nightdesk/" in request.lower()


async def test_each_probe_connects_anew(clients: HttpClients):
    async with serving(Target()) as target:
        for _ in range(3):
            assert (await look(clients, target.url)).status == "up"
        assert len(target.requests) == 3


@pytest.mark.parametrize(
    ("page", "status"), [(b"all systems go", "up"), (b"maintenance", "down"), (b"x" * 3_000_000 + b"go", "down")]
)
async def test_keyword(clients: HttpClients, page: bytes, status: str):
    seen = await answered(clients, http("200 OK", page), keyword="go")
    assert seen.status == status
    assert (seen.error is None) == (status == "up")


async def test_a_keyword_in_a_bogus_charset(clients: HttpClients):
    seen = await answered(
        clients, http("200 OK", b"ready", "content-type: text/html; charset=martian"), keyword="ready"
    )
    assert seen.status == "up"


async def test_redirects_are_followed_but_not_forever_and_not_elsewhere(clients: HttpClients):
    async with serving(Target()) as home:
        moved = http("302 Found", b"", f"location: {home.url}")
        assert (await answered(clients, moved)).status == "up"
        assert (await answered(clients, moved, expected_status=["302"])).error == "HTTP 200, expected 302"
    circle = await answered(clients, http("302 Found", b"", "location: /again"))
    assert (circle.status, circle.error) == ("down", "more than 5 redirects")
    for elsewhere in ("file:///etc/passwd", "ftp://127.0.0.1/", "gopher://127.0.0.1:1/"):
        seen = await answered(clients, http("302 Found", b"", f"location: {elsewhere}"))
        assert (seen.status, seen.error) == ("down", "redirects to an address that is not http or https")


async def test_refused(clients: HttpClients, unused_port: int):
    seen = await look(clients, f"http://127.0.0.1:{unused_port}/")
    assert (seen.status, seen.error) == ("down", f"connection refused (127.0.0.1:{unused_port})")


async def test_no_answer_in_time(clients: HttpClients):
    async with serving(Target(delay_seconds=3)) as target:
        seen = await look(clients, target.url, timeout=0.2)
    assert (seen.status, seen.error) == ("down", "no answer within 0.2 s")
    assert seen.response_time_ms is not None
    assert seen.response_time_ms >= 200


async def test_a_body_that_never_ends_is_no_answer_in_time(clients: HttpClients):
    cut = b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\nsome"
    async with serving(Target(cut)) as target:
        target.delay_seconds = 0
        assert (await look(clients, target.url, timeout=0.5)).status == "up", "the head says it is healthy"
        assert (await look(clients, target.url, timeout=0.5, keyword="thing")).status == "down"


@pytest.mark.parametrize("garbage", [b"SSH-2.0-OpenSSH_9.2\r\n\r\n", b"", b"HTTP/1.1 banana\r\n\r\n"])
async def test_what_is_not_http(clients: HttpClients, garbage: bytes):
    seen = await answered(clients, garbage)
    assert seen.status == "down"
    assert seen.error is not None
    assert "not a proper HTTP answer" in seen.error


async def test_a_name_that_does_not_resolve(clients: HttpClients):
    _, trouble = await probe.probe(clients, HttpTarget("http://no-such-host.invalid/", 5, HttpConfig()), NOW)
    assert trouble is not None
    assert trouble.kind == "dns"
    assert "no-such-host.invalid:80" in trouble.text


@pytest.mark.parametrize(
    ("days", "host", "says"),
    [
        (1, "localhost", "self-signed certificate"),
        (-1, "localhost", "certificate"),
    ],
)
async def test_a_bad_certificate_is_named(clients: HttpClients, tmp_path: Path, days: int, host: str, says: str):
    async with serving(Target(), certificate(tmp_path, days=days, host=host)) as target:
        url = f"https://localhost:{target.port}/"
        seen = await look(clients, url)
        assert seen.status == "down"
        assert seen.error is not None
        assert seen.error.startswith(f"TLS certificate of localhost:{target.port}: ")
        assert says in seen.error
        assert (await look(clients, url, verify_tls=False)).status == "up"


async def test_plain_http_on_a_tls_port_and_the_other_way_round(clients: HttpClients, tmp_path: Path):
    async with serving(Target()) as target:
        seen = await look(clients, f"https://127.0.0.1:{target.port}/")
    assert seen.status == "down"
    assert seen.error is not None
    assert seen.error.startswith("TLS handshake")
    async with serving(Target(), certificate(tmp_path)) as target:
        assert (await look(clients, f"http://127.0.0.1:{target.port}/")).status == "down"


async def test_running_out_of_file_descriptors_is_our_trouble(clients: HttpClients):
    async with serving(Target()) as target:
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        hogs: list[socket.socket] = []
        resource.setrlimit(resource.RLIMIT_NOFILE, (64, hard))
        try:
            while True:
                hogs.append(socket.socket())
        except OSError:
            seen = await look(clients, target.url)
        finally:
            resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
            for hog in hogs:
                hog.close()
    assert seen.status == "unknown"
    assert seen.error is not None
    assert "no file descriptors left" in seen.error


async def test_standing_still_ourselves_is_our_trouble(clients: HttpClients):
    async with serving(Target(delay_seconds=30)) as target:
        looking = asyncio.create_task(look(clients, target.url, timeout=0.3))
        await asyncio.sleep(0.1)
        time.sleep(1.2)  # noqa: ASYNC251  (this is what it is about)
        seen = await looking
    assert seen.status == "unknown"
    assert seen.error is not None
    assert "stood still" in seen.error


async def test_hundreds_at_once(clients: HttpClients):
    async with serving(Target()) as target:
        seen = await asyncio.gather(*(look(clients, target.url, timeout=20) for _ in range(300)))
    assert {one.status for one in seen} == {"up"}
