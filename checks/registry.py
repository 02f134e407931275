"""Which probe looks for which type of monitor."""

import time
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from ipaddress import ip_address
from urllib.parse import urlsplit

from backend.monitor.checking import Claim
from backend.monitor.kinds import HttpConfig, Result
from checks.probes import http
from checks.probes.http import HttpClients, HttpTarget
from checks.trouble import Trouble

# How long an answer from another machine proves that our own network works.
PROOF_SECONDS = 300.0


@dataclass
class Network:
    """What this process knows about its own network."""

    clock: Callable[[], float] = time.monotonic
    _proven_at: float = field(default=float("-inf"), init=False)

    def answered(self, address: str) -> None:
        """Something answered at this address. The machine itself proves nothing."""
        if not _is_local(address):
            self._proven_at = self.clock()

    @property
    def works(self) -> bool:
        return self.clock() - self._proven_at < PROOF_SECONDS


def _is_local(address: str) -> bool:
    host = urlsplit(address).hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


@dataclass(frozen=True)
class Probes:
    """The clients of all probes, opened once per process."""

    http: HttpClients
    network: Network

    async def look(self, claim: Claim, now: datetime) -> Result:
        """Probes what was claimed. Never raises for what the target does."""
        if not isinstance(claim.config, HttpConfig):
            return Result("unknown", now, error=f"this version cannot check monitors of type {claim.type!r}")
        target = HttpTarget(claim.address, claim.timeout_seconds, claim.config)
        result, trouble = await http.probe(self.http, target, now)
        return self._judged(claim.address, result, trouble)

    def _judged(self, address: str, result: Result, trouble: Trouble | None) -> Result:
        """Our own network's trouble is not the target's: what could be either needs proof that ours works."""
        if trouble is None or trouble.kind in ("refused", "certificate", "tls", "protocol", "redirects"):
            self.network.answered(address)
        elif trouble.blame == "unclear" and not self.network.works:
            return replace(result, status="unknown")
        return result


@asynccontextmanager
async def open_probes() -> AsyncGenerator[Probes]:
    """Opens the clients of all probes."""
    async with http.open_clients() as clients:
        yield Probes(clients, Network())
