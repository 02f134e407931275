"""Real parts for tests: what is missing, why a test is skipped, and one Docker engine for the whole run.

A missing part skips a test with a reason; with NIGHTDESK_REQUIRE_REAL=1 the test runs, and fails.
"""

import contextlib
import fcntl
import io
import os
import select
import shutil
import signal
import socket
import subprocess
import tarfile
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import docker
import pytest
from docker.errors import DockerException, ImageNotFound

REQUIRED = os.environ.get("NIGHTDESK_REQUIRE_REAL") == "1"
PATH = f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin"
SYSTEM_SOCKET = Path("/var/run/docker.sock")
OWN_FOLDER = Path("/tmp/nightdesk-test-docker")
IMAGE = "nightdesk-test/busybox"
ENGINE_SECONDS = 30


def program(name: str) -> str | None:
    """Where a program is, also where only root looks."""
    return shutil.which(name, path=PATH)


def _needs(*programs: str, package: str, root: bool = False) -> pytest.MarkDecorator:
    missing = [name for name in programs if program(name) is None]
    reason = f"needs {', '.join(missing)}: apt install {package}"
    if root and not missing and os.geteuid() != 0 and not _answers(SYSTEM_SOCKET):
        missing, reason = ["root"], "needs a running Docker engine, or root to start one"
    return pytest.mark.skipif(bool(missing) and not REQUIRED, reason=reason)


def listens(path: Path) -> bool:
    """Whether somebody is behind that Unix socket; it may have been left there."""
    with socket.socket(socket.AF_UNIX) as probe:
        return probe.connect_ex(str(path)) == 0


def _answers(path: Path) -> bool:
    # Asked first: the client leaves its end open after a refusal.
    if not listens(path):
        return False
    try:
        client = docker.DockerClient(base_url=f"unix://{path}", timeout=5)
        with contextlib.closing(client):
            client.ping()
    except DockerException:
        return False
    return True


needs_docker = _needs("dockerd", "busybox", package="docker.io busybox-static", root=True)
needs_prometheus = _needs("prometheus", "prometheus-alertmanager", package="prometheus prometheus-alertmanager")
needs_chromium = _needs("chromium", package="chromium")


@contextmanager
def docker_engine() -> Generator[str]:
    """The DOCKER_HOST of an engine with the image IMAGE: the machine's own, else one that this run shares.

    Parallel workers share it: each holds a shared lock while it uses the engine; whoever leaves last stops it.
    """
    if _answers(SYSTEM_SOCKET):
        host = f"unix://{SYSTEM_SOCKET}"
        make_image(host)
        yield host
        return
    OWN_FOLDER.mkdir(exist_ok=True)
    path = OWN_FOLDER / "docker.sock"
    with (OWN_FOLDER / "starting").open("w") as starting, (OWN_FOLDER / "users").open("w") as users:
        fcntl.flock(starting, fcntl.LOCK_EX)
        fcntl.flock(users, fcntl.LOCK_SH)
        if not _answers(path):
            _start(path)
        make_image(f"unix://{path}")
        fcntl.flock(starting, fcntl.LOCK_UN)
        try:
            yield f"unix://{path}"
        finally:
            fcntl.flock(starting, fcntl.LOCK_EX)
            with contextlib.suppress(BlockingIOError):
                fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
                _stop()


def _start(path: Path) -> None:
    """Debian's engine without a network of its own: it may not change the machine's firewall."""
    dockerd = program("dockerd")
    assert dockerd is not None, "dockerd is missing: apt install docker.io"
    command = [
        *(dockerd, "--host", f"unix://{path}", "--data-root", str(OWN_FOLDER / "data")),
        *("--exec-root", str(OWN_FOLDER / "run"), "--pidfile", str(OWN_FOLDER / "pid")),
        *("--iptables=false", "--ip6tables=false", "--bridge=none"),
    ]
    (OWN_FOLDER / "pid").unlink(missing_ok=True)
    with (OWN_FOLDER / "log").open("ab") as log:
        engine = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)
    # Others may go on using it: Popen is not to complain that it still runs.
    engine.returncode = 0
    ends = time.monotonic() + ENGINE_SECONDS
    while not _answers(path):
        assert time.monotonic() < ends, f"dockerd did not start: {(OWN_FOLDER / 'log').read_text()[-1000:]}"
        time.sleep(0.1)


def _stop() -> None:
    """Waits for its end by its descriptor: the worker that started it may be another, and then it stays a zombie."""
    pid = int((OWN_FOLDER / "pid").read_text())
    engine = os.pidfd_open(pid)
    try:
        os.kill(pid, signal.SIGTERM)
        select.select([engine], [], [], ENGINE_SECONDS)
    finally:
        os.close(engine)
    with contextlib.suppress(ChildProcessError):
        os.waitpid(pid, os.WNOHANG)
    shutil.rmtree(OWN_FOLDER / "data", ignore_errors=True)


def make_image(host: str) -> None:
    """FROM scratch with a static busybox: nothing can be pulled."""
    client = docker.DockerClient(base_url=host)
    with contextlib.closing(client):
        try:
            client.images.get(IMAGE)
        except ImageNotFound:
            client.api.import_image_from_data(_root_file_system(), repository=IMAGE, tag="latest")


def _root_file_system() -> bytes:
    busybox = program("busybox")
    assert busybox is not None, "busybox is missing: apt install busybox-static"
    data, out = Path(busybox).read_bytes(), io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        entry = tarfile.TarInfo("bin/busybox")
        entry.size, entry.mode = len(data), 0o755
        tar.addfile(entry, io.BytesIO(data))
        for name in ("sh", "sleep", "httpd", "echo", "cat", "date", "mkdir", "sync"):
            link = tarfile.TarInfo(f"bin/{name}")
            link.type, link.linkname = tarfile.SYMTYPE, "busybox"
            tar.addfile(link)
        folder = tarfile.TarInfo("tmp")
        folder.type, folder.mode = tarfile.DIRTYPE, 0o1777
        tar.addfile(folder)
    return out.getvalue()
