"""`nightdesk up` as a story has it: a process with an owner, and commands beside it."""

import asyncio
import json
import subprocess
import sys
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from backend.client import Account, Bell, Client, listening, signed_in
from tests.support.product import Product, free_port, product

T = TypeVar("T")

NIGHTDESK = (sys.executable, "-m", "backend.cli")
# What should take a second takes longer while other tests start their servers.
PATIENCE = 120.0
OWNER = Account("olivia@example.org", "correct horse battery staple")


@dataclass(frozen=True)
class Instance:
    """A ready instance with an owner."""

    up: Product

    @property
    def url(self) -> str:
        return self.up.url

    def command(self, *arguments: str, stdin: str | None = None) -> subprocess.CompletedProcess[str]:
        """A command of `nightdesk` on this instance, to its end."""
        command = [*NIGHTDESK, *arguments, "--data-dir", str(self.up.data_dir)]
        return subprocess.run(command, input=stdin, capture_output=True, text=True, timeout=110, check=False)

    def webhook(self) -> str:
        """A fresh Alertmanager address."""
        made = self.command("integration", "create", "alertmanager", "--json")
        return json.loads(made.stdout)["url"]

    @asynccontextmanager
    async def owner(self) -> AsyncGenerator["Watcher"]:
        """The owner, signed in and told of every change."""
        bell = Bell()
        async with signed_in(self.url, OWNER) as client, listening(client, bell):
            yield Watcher(client, bell, self.up)


@dataclass(frozen=True)
class Watcher:
    """Somebody at the API who waits for things to become true."""

    client: Client
    bell: Bell
    up: Product

    async def until(self, look: Callable[[], Awaitable[T]], what: str, seconds: float = PATIENCE) -> T:
        """What `look` finds, once it finds something. Asked again after every hint, and twice a second."""
        loop = asyncio.get_running_loop()
        ends = loop.time() + seconds
        while not (found := await look()):
            assert loop.time() < ends, f"{what}: not within {seconds:g} s\n{self.up.output()[-6000:]}"
            await self.bell.wait(0.5)
        return found


@contextmanager
def instance(data_dir: Path, **environment: str) -> Generator[Instance]:
    """Starts `nightdesk up` and makes the owner; nothing is left at the end."""
    port = free_port()
    command = [*NIGHTDESK, "up", "--port", str(port), "--data-dir", str(data_dir)]
    with product(command, data_dir, port, **environment) as up:
        up.wait_ready()
        made = Instance(up)
        created = made.command(
            "user", "create", OWNER.email, "--role", "owner", "--password-stdin", stdin=OWNER.password
        )
        assert created.returncode == 0, created.stderr
        yield made
