"""http: one request, redirects followed, judged by status code and keyword. Internal addresses are what it is for."""

import asyncio
import ssl
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime

import certifi
import httpx

from backend.monitor.kinds import HttpConfig, Result
from backend.version import VERSION
from checks.excerpt import READ_BYTES, decoded, excerpt
from checks.trouble import Trouble, diagnose

MAX_REDIRECTS = 5
KEYWORD_BYTES = 2_000_000
# A time-out that fires this much late says that this process stood still, and nothing about the target.
STALL_SECONDS = 0.5
STALL_SHARE = 0.25


@dataclass(frozen=True)
class HttpClients:
    """Clients that connect anew for each request: a kept connection would hide a dead listener."""

    verified: httpx.AsyncClient
    unverified: httpx.AsyncClient


@asynccontextmanager
async def open_clients() -> AsyncGenerator[HttpClients]:
    """Proxies of the environment are not for probes."""
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=0)
    # What this machine trusts, and what a slim container has not got.
    trusted = ssl.create_default_context()
    trusted.load_verify_locations(cafile=certifi.where())
    headers = {"user-agent": f"Nightdesk/{VERSION} (uptime check)", "accept": "*/*"}

    def client(verify: ssl.SSLContext | bool) -> httpx.AsyncClient:
        return httpx.AsyncClient(
            verify=verify,
            limits=limits,
            headers=headers,
            timeout=None,  # noqa: S113  (the whole probe has one, see below)
            follow_redirects=True,
            max_redirects=MAX_REDIRECTS,
            trust_env=False,
        )

    async with client(trusted) as verified, client(False) as unverified:
        yield HttpClients(verified, unverified)


@dataclass(frozen=True, slots=True)
class HttpTarget:
    """What to ask for and how long it may take."""

    address: str
    timeout_seconds: float
    config: HttpConfig


async def probe(clients: HttpClients, target: HttpTarget, now: datetime) -> tuple[Result, Trouble | None]:
    """Asks once. The trouble, where the connection had one, says whose it is."""
    started = time.perf_counter()
    try:
        async with asyncio.timeout(target.timeout_seconds):
            return await _ask(clients, target, now, started), None
    except TimeoutError:
        trouble = _timed_out(target.timeout_seconds, time.perf_counter() - started)
    except httpx.TooManyRedirects:
        trouble = Trouble("redirects", f"more than {MAX_REDIRECTS} redirects")
    except httpx.UnsupportedProtocol:
        trouble = Trouble("redirects", "redirects to an address that is not http or https")
    except httpx.RemoteProtocolError as error:
        trouble = Trouble("protocol", f"not a proper HTTP answer: {str(error)[:200]}")
    except (httpx.HTTPError, httpx.InvalidURL, OSError, UnicodeError) as error:
        trouble = diagnose(error, _where(error, target.address))
    status = "unknown" if trouble.blame == "ours" else "down"
    return Result(status, now, response_time_ms=_ms(started), error=trouble.text), trouble


async def _ask(clients: HttpClients, target: HttpTarget, now: datetime, started: float) -> Result:
    config = target.config
    client = clients.verified if config.verify_tls else clients.unverified
    content = config.body.encode() if config.body is not None else None
    async with client.stream(config.method, target.address, headers=config.headers, content=content) as response:
        expected = config.expects(response.status_code)
        wanted = KEYWORD_BYTES if expected and config.keyword else 0 if expected else READ_BYTES
        body = await _read(response, wanted) if wanted else b""
    error = None
    if not expected:
        error = f"HTTP {response.status_code}, expected {', '.join(config.expected_status)}"
    elif config.keyword and config.keyword not in decoded(body, response.charset_encoding):
        error = f"the answer does not contain {config.keyword[:100]!r}"
    return Result(
        status="down" if error else "up",
        checked_at=now,
        response_time_ms=_ms(started),
        status_code=response.status_code,
        error=error,
        detail=excerpt(body[:READ_BYTES], response.charset_encoding) if error else None,
    )


async def _read(response: httpx.Response, most: int) -> bytes:
    """The beginning of the body. An unhealthy answer that breaks off is unhealthy all the same."""
    body = bytearray()
    async for chunk in response.aiter_bytes():
        body += chunk
        if len(body) >= most:
            break
    return bytes(body[:most])


def _timed_out(timeout_seconds: float, took: float) -> Trouble:
    late = took - timeout_seconds
    if late > max(STALL_SECONDS, STALL_SHARE * timeout_seconds):
        return Trouble("local", f"this process stood still for {late:.1f} s while it waited for the answer", "ours")
    return Trouble("timeout", f"no answer within {timeout_seconds:g} s")


def _where(error: Exception, address: str) -> str:
    """host:port of the request that failed: after redirects it is not the monitor's own."""
    try:
        url = error.request.url if isinstance(error, httpx.RequestError) else httpx.URL(address)
    except (RuntimeError, httpx.InvalidURL):
        return address
    return f"{url.host}:{url.port or (443 if url.scheme == 'https' else 80)}"


def _ms(started: float) -> int:
    return round((time.perf_counter() - started) * 1000)
