"""A real nginx on a configuration of deploy/, with the addresses of its neighbours replaced by the test's."""

import subprocess
import time
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from tests.real import REQUIRED, program
from tests.supabase.conftest import free_port

DEPLOY = Path(__file__).parents[2] / "deploy"
STARTS_WITHIN = 10

needs_nginx = pytest.mark.skipif(
    program("nginx") is None and not REQUIRED, reason="needs nginx: apt install nginx-light"
)


@contextmanager
def nginx(name: str, port: int, replaced: Mapping[str, str], folder: Path) -> Generator[str]:
    """Runs deploy/NAME/nginx.conf, whose server listens on `port`. Yields its base URL."""
    listen = free_port()
    text = (DEPLOY / name / "nginx.conf").read_text()
    changes = {f"listen {port};": f"listen 127.0.0.1:{listen};", " /tmp/": f" {folder}/", **replaced}
    for old, new in changes.items():
        assert old in text, f"{name}/nginx.conf does not mention {old!r}"
        text = text.replace(old, new)
    config = folder / "nginx.conf"
    config.write_text(text)
    # The engine's socket belongs to a group that the container's nginx is in; here its workers stay who we are.
    command = [program("nginx") or "nginx", "-c", str(config), "-p", str(folder), "-g", "daemon off; user root;"]
    with (folder / "log").open("w") as log:
        running = subprocess.Popen(command, stdout=log, stderr=log)
        try:
            _wait(f"http://127.0.0.1:{listen}", running, folder / "log")
            yield f"http://127.0.0.1:{listen}"
        finally:
            running.terminate()
            running.wait(10)


def _wait(url: str, running: subprocess.Popen[bytes], log: Path) -> None:
    ends = time.monotonic() + STARTS_WITHIN
    while True:
        try:
            httpx.get(f"{url}/nothing-here", timeout=2)
            return
        except httpx.HTTPError:
            assert running.poll() is None, log.read_text()
            assert time.monotonic() < ends, log.read_text()
            time.sleep(0.02)
