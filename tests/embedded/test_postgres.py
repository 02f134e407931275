"""The server's life: started, adopted, started again after any death, stopped without losing anything."""

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Generator
from pathlib import Path

import psycopg
import pytest

from backend.embedded import cluster, postgres
from backend.embedded.cluster import DatabaseFiles
from tests.support.server import short_folder

Start = Callable[[], postgres.Server]


@pytest.fixture
def place() -> Generator[cluster.Cluster]:
    with short_folder() as folder:
        yield cluster.prepare(folder, sync=False)


@pytest.fixture
def start(place: cluster.Cluster) -> Generator[Start]:
    """Starts or adopts the server, and waits for it."""
    servers: list[postgres.Server] = []
    with tempfile.TemporaryFile() as log:

        def start() -> postgres.Server:
            servers.append(postgres.start(place, log=log))
            servers[-1].wait_ready()
            return servers[-1]

        yield start
        for server in reversed(servers):
            server.stop()


def ask(place: cluster.Cluster, statement: str) -> object:
    with psycopg.connect(place.url(cluster.ADMIN), autocommit=True) as connection:
        cursor = connection.execute(statement.encode())
        return cursor.fetchone() if cursor.description else None


def wait_until(condition: Callable[[], bool], seconds: float = 10) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_it_listens_on_its_socket_only(place: cluster.Cluster, start: Start):
    start()
    assert ask(place, "show listen_addresses") == ("",)
    assert ask(place, "select current_setting('wal_level'), current_setting('server_encoding')") == ("logical", "UTF8")


def test_a_stop_is_clean_and_does_not_wait_for_open_sessions(place: cluster.Cluster, start: Start):
    server = start()
    with psycopg.connect(place.url(cluster.ADMIN)) as session:
        began = time.monotonic()
        server.stop()
        assert time.monotonic() - began < postgres.STOP_SECONDS
        with pytest.raises(psycopg.OperationalError):
            session.execute("select 1")
    assert server.poll() == 0
    assert not (place.pgdata / "postmaster.pid").exists()


def test_a_running_server_is_adopted_and_can_be_stopped(place: cluster.Cluster, start: Start):
    first = start()
    second = start()
    assert (second.adopted, second.pid, second.ready()) == (True, first.pid, True)

    second.stop()

    assert not first.running()


def test_after_kill_9_committed_rows_are_there_and_the_next_start_works(place: cluster.Cluster, start: Start):
    server = start()
    ask(place, "create table kept (x int)")
    ask(place, "insert into kept values (1)")

    os.kill(server.pid, signal.SIGKILL)
    wait_until(lambda: not server.running())
    assert server.poll() == -signal.SIGKILL

    # The killed server's sessions may take a moment to notice; until then a new one refuses to start.
    deadline = time.monotonic() + 10
    while True:
        try:
            again = start()
            break
        except DatabaseFiles:
            assert time.monotonic() < deadline
    assert not again.adopted
    assert ask(place, "select x from kept") == (1,)


def test_a_pid_that_belongs_to_another_program_by_now_is_not_taken_for_a_server(place: cluster.Cluster, start: Start):
    server = start()
    left_behind = (place.pgdata / "postmaster.pid").read_text()
    server.stop()
    stranger = subprocess.Popen(["sleep", "60"], **place.account.as_user)
    try:
        (place.pgdata / "postmaster.pid").write_text(left_behind.replace(str(server.pid), str(stranger.pid), 1))
        place.account.own(place.pgdata / "postmaster.pid")
        again = start()
        assert not again.adopted
        assert ask(place, "select 1") == (1,)
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


def test_a_server_that_is_stopping_is_waited_for(place: cluster.Cluster, start: Start):
    first = start()
    first.signal(signal.SIGINT)
    pid_file = place.pgdata / "postmaster.pid"
    wait_until(lambda: not pid_file.exists() or "stopping" in pid_file.read_text())
    assert start().pid != first.pid
    assert ask(place, "select 1") == (1,)


@pytest.mark.skipif(sys.platform != "linux", reason="needs Linux: the kernel tells a child that its parent died")
def test_it_dies_with_a_parent_that_is_killed(place: cluster.Cluster):
    script = (
        "import sys, time\nfrom pathlib import Path\nfrom backend.embedded import cluster, postgres\n"
        "server = postgres.start(cluster.prepare(Path(sys.argv[1]), sync=False))\n"
        "server.wait_ready()\nprint(server.pid, flush=True)\ntime.sleep(60)\n"
    )
    data_dir = place.pgdata.parent.parent
    parent = subprocess.Popen([sys.executable, "-c", script, str(data_dir)], stdout=subprocess.PIPE)
    assert parent.stdout is not None
    pid = int(parent.stdout.readline())

    parent.kill()
    parent.wait()
    parent.stdout.close()

    wait_until(lambda: not Path(f"/proc/{pid}").exists())


def test_a_server_that_cannot_start_says_why(place: cluster.Cluster):
    server = postgres.start(place, settings={"shared_buffers": "nonsense"})
    assert server.output is not None
    with os.fdopen(server.output, "rb"), pytest.raises(DatabaseFiles, match=r"did not start: .*shared_buffers"):
        server.wait_ready()
