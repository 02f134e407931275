"""An instance of its own for a benchmark: `nightdesk up` as a child, on a free loopback port and a temporary folder."""

import asyncio
import contextlib
import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from backend.bench.load import Door
from backend.client import Account
from backend.errors import Unavailable

READY_SECONDS = 60.0
STOP_SECONDS = 20.0
# Tight, because the benchmark of the start reads it, too.
LOOK_SECONDS = 0.02
EMAIL = "bench@nightdesk.local"


class BenchFailed(Unavailable):
    """A benchmark could not measure."""

    code = "bench_failed"


@dataclass(frozen=True)
class Running:
    """A ready instance."""

    data_dir: Path
    door: Door
    process: subprocess.Popen[bytes]
    ready_seconds: float

    @property
    def url(self) -> str:
        return f"http://{self.door.host}:{self.door.port}"

    def command(self, *arguments: str, stdin: str = "") -> str:
        """Runs a command of `nightdesk` on this instance and returns what it printed. Raises BenchFailed."""
        line = [*NIGHTDESK, *arguments]
        environment = {**os.environ, "NIGHTDESK_DATA_DIR": str(self.data_dir)}
        done = subprocess.run(line, input=stdin, capture_output=True, text=True, env=environment, timeout=60)
        if done.returncode != 0:
            raise BenchFailed(f"nightdesk {' '.join(arguments)}: {done.stderr.strip()[-500:]}")
        return done.stdout

    def account(self) -> Account:
        """An admin who can sign in."""
        password = secrets.token_urlsafe(18)
        self.command("user", "create", EMAIL, "--role", "admin", "--password-stdin", stdin=password)
        return Account(EMAIL, password)

    def webhook(self) -> str:
        """The path of a fresh Alertmanager integration."""
        made: Any = json.loads(self.command("integration", "create", "alertmanager", "--json"))
        return f"/webhooks/alertmanager/{made['token']}"


NIGHTDESK = (sys.executable, "-m", "backend.cli")


@contextmanager
def folder() -> Generator[Path]:
    """A temporary data directory that the database's unprivileged account can reach."""
    made = Path(tempfile.mkdtemp(prefix="nightdesk-bench-"))
    made.chmod(0o711)
    try:
        yield made / "data"
    finally:
        shutil.rmtree(made, ignore_errors=True)


@contextmanager
def running(data_dir: Path, **environment: str) -> Generator[Running]:
    """Starts an instance, waits until it is ready, and stops it at the end. Its log goes beside the data directory."""
    port = free_port()
    log_file = data_dir.with_name("up.log")
    command = [*NIGHTDESK, "up", "--port", str(port), "--data-dir", str(data_dir)]
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("NIGHTDESK_")}
    with log_file.open("ab") as log:
        started = time.perf_counter()
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env={**inherited, **environment}
        )
    try:
        _wait_until_ready(process, port, log_file)
        yield Running(data_dir, Door("127.0.0.1", port), process, time.perf_counter() - started)
    finally:
        _stop(process)


def _wait_until_ready(process: subprocess.Popen[bytes], port: int, log_file: Path) -> None:
    ends = time.monotonic() + READY_SECONDS
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=5, trust_env=False) as client:
        while time.monotonic() < ends and process.poll() is None:
            with contextlib.suppress(httpx.HTTPError):
                if client.get("/readyz").status_code == 200:
                    return
            time.sleep(LOOK_SECONDS)
    raise BenchFailed(f"`nightdesk up` did not get ready: {log_file.read_text()[-1000:]}")


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGINT)
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


async def quiet(process: subprocess.Popen[bytes], *, seconds: float) -> None:
    """Waits for what a start leaves to do; there is no event that says a process tree is idle."""
    await asyncio.sleep(seconds)
    if process.poll() is not None:
        raise BenchFailed("The instance ended by itself.")
