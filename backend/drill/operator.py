"""The drill's operator: runs the service, breaks it with real requests, and serves the runbook hooks that repair it."""

import contextlib
import json
import secrets
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Generator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx

from backend.drill import disk
from backend.drill.kinds import HOOKS, Kind, Remedy
from backend.errors import Unavailable

GOOD_CONFIG = {"pool_size": 4, "pool_timeout_seconds": 0.4}
BAD_CONFIG = {"pool_size": "four", "pool_timeout_seconds": 0.4}
STOP_SECONDS = 3.0


class DrillFailed(Unavailable):
    """The drill could not go on."""

    code = "drill_failed"


def free_port() -> int:
    """A loopback port that nobody listens on at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Operator:
    """One service in one folder. Hooks come from another process at any time, so one thing happens at a time."""

    def __init__(self, home: Path, log_file: Path) -> None:
        self.home = home
        self.data = home / "data"
        self.log_file = log_file
        self.port = free_port()
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process and self._process.poll() is None else None

    def deploy(self, config: dict[str, Any]) -> None:
        """Writes the configuration, keeps the one before, and restarts the service."""
        with self._lock:
            current = self.home / "config.json"
            if current.exists():
                current.rename(self.home / "config.previous.json")
            current.write_text(json.dumps(config, indent=2))
            self._restart()

    def repair(self, remedy: Remedy) -> dict[str, Any]:
        """What a hook does. Returns what it tells its caller."""
        with self._lock:
            if remedy == "restart-service":
                self._restart()
                return {"restarted": True, "pid": self.pid}
            if remedy == "free-disk-space":
                return {"deleted_files": disk.free(self.data)}
            (self.home / "config.previous.json").replace(self.home / "config.json")
            self._restart()
            return {"rolled_back": True, "pid": self.pid}

    def break_it(self, kind: Kind) -> None:
        """Breaks the service for real. Raises DrillFailed when it stays whole."""
        with httpx.Client(base_url=self.url, timeout=10, trust_env=False) as client:
            if kind == "crash":
                with contextlib.suppress(httpx.HTTPError):  # it may die before it has answered
                    client.post("/orders", json={"item": "lamp", "quantity": 0, "price": 12.5})
                self._wait_until_dead()
            elif kind == "pool":
                self._until_503(lambda: client.get("/report", params={"month": "Smarch"}))
            elif kind == "disk":
                if self.data.is_mount():
                    self._until_503(lambda: client.post("/uploads", content=bytes(64 * 1024)))
                else:
                    disk.fill_without_mount(self.data)
            else:
                self.deploy(BAD_CONFIG)
                self._wait_until_dead()

    def stop(self) -> None:
        with self._lock:
            self._stop()

    def _until_503(self, request: Any) -> None:
        for _ in range(100):
            if request().status_code == 503:
                return
        raise DrillFailed("The service survived a hundred requests that should have broken it.")

    def _wait_until_dead(self) -> None:
        assert self._process is not None
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            raise DrillFailed("The service did not die of what should have killed it.") from None

    def _restart(self) -> None:
        self._stop()
        command = [sys.executable, "-m", "backend.drill.service", "--home", str(self.home), "--port", str(self.port)]
        with self.log_file.open("ab") as log:
            self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=log, stderr=log)

    def _stop(self) -> None:
        process = self._process
        if process is None:
            return
        process.terminate()
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if process.stdin:
            process.stdin.close()
        self._process = None

    def wait_until_healthy(self, deadline_seconds: float = 10) -> None:
        """Raises DrillFailed with the end of the log when it does not come up."""
        ends = time.monotonic() + deadline_seconds
        while time.monotonic() < ends:
            with contextlib.suppress(httpx.HTTPError):
                if httpx.get(f"{self.url}/health", timeout=2, trust_env=False).is_success:
                    return
            time.sleep(0.05)
        raise DrillFailed(f"The service did not start: {self.log_file.read_text()[-500:]}")


class HookServer:
    """The HTTP door of the operator: POST /hooks/<remedy> with the bearer token of this run."""

    def __init__(self, operator: Operator) -> None:
        self.token = secrets.token_urlsafe(24)
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _door(operator, self.token))

    def url(self, remedy: Remedy) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}/hooks/{remedy}"

    @contextlib.contextmanager
    def serving(self) -> Generator[None]:
        """Answers for the length of a block."""
        thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield
        finally:
            self._server.shutdown()
            self._server.server_close()
            thread.join()


def _door(operator: Operator, token: str) -> type[BaseHTTPRequestHandler]:
    remedies: dict[str, Remedy] = {f"/hooks/{hook.remedy}": hook.remedy for hook in HOOKS}

    class Door(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get("content-length") or 0))
            remedy = remedies.get(self.path)
            if not secrets.compare_digest(self.headers.get("authorization", ""), f"Bearer {token}"):
                self._send(401, {"error": "wrong token"})
            elif remedy is None:
                self._send(404, {"error": "no such hook"})
            else:
                self._send(200, operator.repair(remedy))

        def _send(self, status: int, document: dict[str, Any]) -> None:
            body = json.dumps(document).encode()
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:
            pass

    return Door
