"""A supervisor in a process of its own, seen from outside: its output, its instance.json, its children."""

import json
import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

# A start takes seconds, and most of a minute beside other tests that start things, too.
PATIENCE = 90.0


@dataclass
class Product:
    """A running supervisor."""

    process: "subprocess.Popen[bytes]"
    data_dir: Path
    url: str
    log: Path

    def instance(self) -> dict[str, Any]:
        try:
            return json.loads((self.data_dir / "instance.json").read_text())
        except FileNotFoundError:
            return {}

    def pids(self) -> dict[str, int]:
        return self.instance().get("processes", {})

    def output(self) -> str:
        return self.log.read_text()

    def wait_ready(self) -> None:
        wait_until(lambda: self.instance().get("ready") or self.process.poll() is not None, self.output)
        assert self.process.poll() is None, self.output()

    def wait_restarted(self, name: str, old_pid: int) -> int:
        wait_until(lambda: self.pids().get(name, old_pid) != old_pid, self.output)
        return self.pids()[name]

    def answers(self, path: str = "/readyz") -> bool:
        try:
            return httpx.get(self.url + path, timeout=10).status_code == 200
        except httpx.TransportError:
            return False

    def stop(self, how: signal.Signals = signal.SIGTERM) -> int:
        self.process.send_signal(how)
        return self.process.wait(PATIENCE)


@contextmanager
def product(command: list[str], data_dir: Path, port: int, **environment: str) -> Generator[Product]:
    """Runs the command; whatever the test did to it, nothing of it is left afterwards."""
    log = data_dir.with_suffix(".log")
    with log.open("ab") as output:
        process = subprocess.Popen(command, stdout=output, stderr=output, env={**os.environ, **environment})
    running = Product(process, data_dir, f"http://127.0.0.1:{port}", log)
    try:
        yield running
    finally:
        if process.poll() is None:
            process.terminate()
            try:
                process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return taken.getsockname()[1]


def gone(pid: int) -> bool:
    """Whether a process has ended; one that nobody has buried yet counts as ended."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2][0]
    except (FileNotFoundError, ProcessLookupError):
        return True
    return state == "Z"


def wait_until(condition: Callable[[], Any], said: Callable[[], str] = str, seconds: float = PATIENCE) -> None:
    ends = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < ends, said()
        time.sleep(0.02)
