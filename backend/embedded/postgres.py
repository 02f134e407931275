"""The embedded PostgreSQL server: started as our child, adopted when it outlived us, stopped with care."""

import ctypes
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from backend.embedded.cluster import PORT, Cluster, DatabaseFiles, bare_environment, sentence

# A small machine's settings: 2 cores, half a gigabyte for the whole product.
SETTINGS = {
    "listen_addresses": "",
    "port": str(PORT),
    "unix_socket_permissions": "0700",
    "max_connections": "120",
    "shared_buffers": "64MB",
    "wal_level": "logical",
    "max_wal_senders": "4",
    "max_replication_slots": "8",
    # A realtime client that never comes back must not fill the disk.
    "max_slot_wal_keep_size": "1GB",
    "max_wal_size": "512MB",
    "checkpoint_timeout": "10min",
    "jit": "off",
    "max_worker_processes": "4",
    "max_parallel_workers": "2",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_min_messages": "warning",
    "log_checkpoints": "off",
    "log_line_prefix": "%q%u@%d ",
}
# Three I/O processes fewer; version 18 has the setting.
SETTINGS_18 = {"io_method": "sync"}
STOP_SECONDS = 20.0
LOOK_SECONDS = 0.02
PR_SET_PDEATHSIG = 1


class Server:
    """One run of a cluster's server, whoever started it."""

    def __init__(
        self, cluster: Cluster, pid: int, process: "subprocess.Popen[bytes] | None" = None, output: int | None = None
    ) -> None:
        """`output`: where its messages can be read: a file, or a pipe that whoever reads it closes."""
        self.cluster = cluster
        self.pid = pid
        self.output = output
        self._process = process

    @property
    def adopted(self) -> bool:
        return self._process is None

    def poll(self) -> int | None:
        """Its exit status, negative for a signal; None while it runs. An adopted server's is not known: 0."""
        if self._process is not None:
            return self._process.poll()
        return None if _serves(self.pid, self.cluster.pgdata) else 0

    def running(self) -> bool:
        return self.poll() is None

    def ready(self) -> bool:
        """Whether it takes connections."""
        return (status := _read_pid_file(self.cluster.pgdata)) is not None and status == (self.pid, "ready")

    def wait_ready(self) -> None:
        """Returns when it takes connections; recovery after a crash is waited for as long as it lives."""
        while not self.ready():
            if not self.running():
                raise DatabaseFiles(f"PostgreSQL did not start: {sentence(self._last_words())}", retryable=False)
            time.sleep(LOOK_SECONDS)

    def signal(self, how: signal.Signals) -> None:
        with suppress(ProcessLookupError):
            os.kill(self.pid, how)

    def stop(self) -> None:
        """Fast shutdown (SIGINT: sessions are cut, what is committed is kept); SIGQUIT when that takes too long."""
        for how, seconds in ((signal.SIGINT, STOP_SECONDS), (signal.SIGQUIT, 5.0)):
            if not self.running():
                return
            self.signal(how)
            _wait(lambda: not self.running(), seconds)

    def _last_words(self) -> str:
        if self.output is None:
            return ""
        with suppress(OSError):
            os.lseek(self.output, 0, os.SEEK_SET)
        return os.read(self.output, 1_000_000).decode(errors="replace")


def start(cluster: Cluster, *, settings: dict[str, str] | None = None, log: IO[bytes] | None = None) -> Server:
    """Adopts the server that already runs on the cluster, or starts one. `wait_ready` before using it.

    `log`: a file for its messages; default a pipe, `Server.output`.
    """
    found = _read_pid_file(cluster.pgdata)
    if found is not None and _serves(found[0], cluster.pgdata):
        pid, status = found
        if status != "stopping":
            return Server(cluster, pid)
        _wait(lambda: not _serves(pid, cluster.pgdata), STOP_SECONDS)
    elif found is not None:
        _forget(cluster.pgdata, found[0])
    if log is not None:
        process = _launch(cluster, settings or {}, log.fileno())
        return Server(cluster, process.pid, process, log.fileno())
    reader, writer = os.pipe()
    try:
        process = _launch(cluster, settings or {}, writer)
    finally:
        os.close(writer)
    return Server(cluster, process.pid, process, reader)


def _launch(cluster: Cluster, settings: dict[str, str], output: int) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        _command(cluster, settings),
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT,
        cwd="/",
        env=bare_environment(),
        start_new_session=True,
        preexec_fn=die_with_parent(signal.SIGINT),
        **cluster.account.as_user,
    )


def _forget(pgdata: Path, pid: int) -> None:
    """Removes a dead server's pid file when another program has its pid by now (containers count anew): PostgreSQL
    would take that program for a server of ours. With a pid nobody has, it copes itself."""
    if _alive(pid):
        (pgdata / "postmaster.pid").unlink(missing_ok=True)


def serves(cluster: Cluster) -> bool:
    """Whether a server runs on the cluster, and takes connections."""
    found = _read_pid_file(cluster.pgdata)
    return found is not None and found[1] == "ready" and _serves(found[0], cluster.pgdata)


@contextmanager
def running(cluster: Cluster, *, settings: dict[str, str] | None = None) -> Generator[Server]:
    """A server for the duration of one command."""
    with tempfile.TemporaryFile() as log:
        server = start(cluster, settings=settings, log=log)
        try:
            server.wait_ready()
            yield server
        finally:
            server.stop()


def die_with_parent(how: signal.Signals) -> Callable[[], None]:
    """For the child between fork and exec: the kernel sends it `how` when the parent dies. Linux only; elsewhere the
    server is adopted by the next start."""
    if sys.platform != "linux":
        return lambda: None
    prctl, parent = ctypes.CDLL(None, use_errno=True).prctl, os.getpid()

    def ask() -> None:
        prctl(PR_SET_PDEATHSIG, int(how), 0, 0, 0)
        if os.getppid() != parent:
            os.kill(os.getpid(), how)

    return ask


def _command(cluster: Cluster, extra: dict[str, str]) -> list[str]:
    chosen = {**SETTINGS, **(SETTINGS_18 if cluster.install.major >= 18 else {}), **extra}
    options = [part for name, value in chosen.items() for part in ("-c", f"{name}={value}")]
    program = cluster.install.program("postgres")
    return [program, "-D", str(cluster.pgdata), "-k", str(cluster.socket_dir), *options]


def _read_pid_file(pgdata: Path) -> tuple[int, str] | None:
    """(pid, status) from postmaster.pid: line 1 and, once it is written, line 8: starting, ready, stopping."""
    try:
        lines = (pgdata / "postmaster.pid").read_text().splitlines()
        return int(lines[0]), lines[7].strip() if len(lines) > 7 else "starting"
    except (FileNotFoundError, IndexError, ValueError):
        return None


def _serves(pid: int, pgdata: Path) -> bool:
    """Whether the process is a server of this very directory: PostgreSQL works inside its data directory."""
    if not _alive(pid):
        return False
    try:
        return Path(f"/proc/{pid}/cwd").resolve(strict=True) == pgdata.resolve()
    except PermissionError:
        return False
    except FileNotFoundError:
        # Gone between two looks; where there is no /proc, living is all there is to go by.
        return not Path("/proc/self").exists()


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _wait(condition: Callable[[], bool], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not condition() and time.monotonic() < deadline:
        time.sleep(LOOK_SECONDS)
