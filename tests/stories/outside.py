"""The world around Nightdesk in a story: services that break, the operator behind their hooks, a Loki that can be slow.

Everything is real HTTP on loopback. What a service is called is all that tells it apart: /<name>/health,
/hooks/<name>, and {service="<name>"} in Loki.
"""

import contextlib
import threading
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.fakes.loki import Loki
from tests.fakes.server import Fake, Request, serve

# Longer than anybody is held on purpose, however busy the machine is.
PATIENCE = 120.0
CRASH = """Traceback (most recent call last):
  File "/srv/orders.py", line 88, in book
    segment.verify()
RuntimeError: ledger checksum mismatch in segment 17
"""


@dataclass
class Gate:
    """Closed, it keeps whoever comes until it is opened, and counts them."""

    open: threading.Event = field(default_factory=threading.Event)
    waiting: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))

    def pass_through(self) -> None:
        self.waiting.release()
        self.open.wait(PATIENCE)

    def wait_until_somebody_waits(self) -> None:
        assert self.waiting.acquire(timeout=PATIENCE), "nobody came"


@dataclass
class Services(Fake):
    """Services, each up or down, and the hooks that bring them back."""

    logs: Path = Path()
    down: set[str] = field(default_factory=set)
    gates: dict[str, Gate] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)

    def log_file(self, name: str) -> Path:
        return self.logs / f"{name}.log"

    def start(self, name: str) -> str:
        """Starts a service; returns the address of its health check."""
        self.log_file(name).write_text(f"{datetime.now(UTC).isoformat()} INFO {name} started\n")
        return f"{self.url}/{name}/health"

    def break_it(self, name: str) -> None:
        with self.log_file(name).open("a") as log:
            log.write(f"{datetime.now(UTC).isoformat()} ERROR {name} dies\n{CRASH}")
        self.down.add(name)

    def hold_hook(self, name: str) -> Gate:
        """From now on the hook of that service answers only when the gate is opened."""
        return self.gates.setdefault(name, Gate())

    def answer(self, request: Request) -> tuple[int, Any]:
        first, _, second = request.path.strip("/").partition("/")
        if first != "hooks":
            return (503, {"error": "down"}) if first in self.down else (200, {"status": "ok"})
        self.calls.append(second)
        if second in self.gates:
            self.gates[second].pass_through()
        self.down.discard(second)
        return 200, {"restarted": second}


@dataclass
class SlowLoki(Loki):
    """Knows no lines; a query about a service whose gate is closed waits."""

    gates: dict[str, Gate] = field(default_factory=dict)

    def hold(self, name: str) -> Gate:
        return self.gates.setdefault(name, Gate())

    def answer(self, request: Request) -> tuple[int, Any]:
        for name, gate in self.gates.items():
            if f'"{name}"' in request.query.get("query", ""):
                gate.pass_through()
        return super().answer(request)


@dataclass(frozen=True)
class Outside:
    """All of it."""

    services: Services
    loki: SlowLoki

    def open_all(self) -> None:
        """Nobody waits any longer."""
        for gate in [*self.services.gates.values(), *self.loki.gates.values()]:
            gate.open.set()


@contextmanager
def outside(logs: Path) -> Generator[Outside]:
    logs.mkdir(exist_ok=True)
    with contextlib.ExitStack() as stack:
        services = stack.enter_context(serve(Services(logs=logs)))
        loki = stack.enter_context(serve(SlowLoki()))
        world = Outside(services, loki)
        stack.callback(world.open_all)
        yield world
