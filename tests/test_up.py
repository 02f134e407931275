"""`nightdesk up`: one command runs everything, whatever is killed comes back, and a stop leaves nothing."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Generator
from contextlib import AbstractContextManager
from pathlib import Path

import httpx
import psycopg
import pytest

from backend.embedded import cluster, postgres
from backend.embedded.install import install_at
from tests.support.nobody import NOBODY, ordinary_account, ordinary_python
from tests.support.product import Product, free_port, gone, product, wait_until
from tests.support.server import DEBIAN_15, FAST, needs_debian_15, short_folder

PROCESSES = {"postgres", "api", "checks", "agent", "actions", "notify"}


def up(data_dir: Path, port: int, **environment: str) -> AbstractContextManager[Product]:
    command = [sys.executable, "-m", "backend.cli", "up", "--port", str(port), "--data-dir", str(data_dir)]
    return product(command, data_dir, port, **environment)


def nightdesk(data_dir: Path, *arguments: str, stdin: str = "", check: bool = True) -> str:
    command = [sys.executable, "-m", "backend.cli", *arguments, "--data-dir", str(data_dir)]
    return subprocess.run(command, input=stdin, capture_output=True, text=True, check=check, timeout=60).stdout


@pytest.fixture(scope="module")
def folder() -> Generator[Path]:
    with short_folder() as folder:
        yield folder


@pytest.fixture(scope="module")
def running(folder: Path) -> Generator[Product]:
    # Only the instance is told of a Prometheus: the commands of these tests are not.
    with up(folder / "data", free_port(), PROMETHEUS_URL="http://127.0.0.1:1") as running:
        running.wait_ready()
        yield running


def password_in(output: str) -> str:
    (line,) = (line for line in output.splitlines() if line.strip().startswith("password "))
    return line.split()[1]


def sign_in(product: Product, email: str, password: str) -> httpx.Response:
    key = httpx.get(f"{product.url}/api/config", timeout=10).json()["supabase_key"]
    return httpx.post(
        f"{product.url}/auth/v1/token?grant_type=password",
        json={"email": email, "password": password},
        headers={"apikey": key},
        timeout=20,
    )


def test_everything_runs_and_is_ready(running: Product):
    assert set(running.pids()) == PROCESSES
    assert running.answers("/readyz")


def test_the_first_owner_signs_in_with_the_password_that_was_shown_once(running: Product):
    assert running.output().count("password  ") == 1
    password = password_in(running.output())
    assert not any(password in line for line in running.output().splitlines() if line.startswith("{"))

    session = sign_in(running, "admin@nightdesk.local", password).raise_for_status().json()
    headers = {"Authorization": f"Bearer {session['access_token']}"}
    me = httpx.get(f"{running.url}/api/me", headers=headers, timeout=10).raise_for_status().json()
    assert (me["role"], me["team"]["slug"]) == ("owner", "default")


def test_commands_find_the_running_instance(running: Product):
    nightdesk(running.data_dir, "user", "create", "rita@example.org", "--password-stdin", stdin="a good password\n")
    assert "rita@example.org" in nightdesk(running.data_dir, "user", "list")
    assert sign_in(running, "rita@example.org", "a good password").status_code == 200
    nightdesk(running.data_dir, "user", "password", "rita@example.org", "--password-stdin", stdin="another password\n")
    assert sign_in(running, "rita@example.org", "a good password").status_code == 400
    assert sign_in(running, "rita@example.org", "another password").status_code == 200

    made = json.loads(nightdesk(running.data_dir, "integration", "create", "alertmanager", "--json"))
    assert made["url"] == f"{running.url}/webhooks/alertmanager/{made['token']}"
    # Whether all else is well on this machine, its container engine for one, is another question.
    assert "ok        nightdesk       ready at" in nightdesk(running.data_dir, "doctor", check=False)


def test_doctor_hears_from_the_running_agent_what_it_cannot_reach(running: Product):
    told: list[str] = []

    def heard() -> bool:
        told[:] = nightdesk(running.data_dir, "doctor", check=False).splitlines()
        return any(line.startswith("FAILED    running agent") for line in told)

    wait_until(heard, running.output)
    (line,) = (line for line in told if "running agent" in line)
    assert "prometheus (http://127.0.0.1:1/-/ready: " in line
    assert "not used  prometheus      not set" in told, "what this command is set to is told as well"


@pytest.mark.parametrize("name", sorted(PROCESSES))
def test_a_killed_part_comes_back_and_the_product_is_ready_again(running: Product, name: str):
    old = running.pids()[name]

    os.kill(old, signal.SIGKILL)
    running.wait_restarted(name, old)

    wait_until(running.answers, running.output)
    wait_until(lambda: all(not gone(pid) for pid in running.pids().values()), running.output)
    assert set(running.pids()) == PROCESSES


def test_a_worker_is_not_taken_for_alive_after_its_death(running: Product):
    """A killed worker's last sign of life is forgotten when it, or another, starts."""
    old = running.pids()["checks"]
    os.kill(old, signal.SIGKILL)
    new = running.wait_restarted("checks", old)
    with psycopg.connect(database_of(running), autocommit=True) as connection:

        def copies() -> list[str]:
            rows = connection.execute("select instance from system_health where component = 'checks'").fetchall()
            return [row[0].rsplit(":", 1)[1] for row in rows]

        wait_until(lambda: copies() == [str(new)], running.output)


def database_of(running: Product) -> str:
    place = cluster.existing(running.data_dir)
    assert place is not None
    return place.url()


def test_a_stop_leaves_nothing_and_the_next_start_continues(folder: Path):
    port = free_port()
    with up(folder / "again", port) as first:
        first.wait_ready()
        password, pids = password_in(first.output()), first.pids()
        assert first.stop() == 0
        assert all(gone(pid) for pid in pids.values())
        assert not (folder / "again" / "postgres" / "data" / "postmaster.pid").exists()
    with up(folder / "again", port) as second:
        second.wait_ready()
        assert second.output().count("password  ") == 1, "the password is shown at the first start only"
        assert sign_in(second, "admin@nightdesk.local", password).status_code == 200


def test_a_killed_supervisor_takes_all_with_it_and_the_next_start_continues(folder: Path):
    port = free_port()
    with up(folder / "killed", port) as first:
        first.wait_ready()
        pids = first.pids()
        first.process.kill()
        first.process.wait()
        # At once, while the old database may still be on its way out.
        with up(folder / "killed", port) as second:
            wait_until(lambda: second.pids() not in ({}, pids), second.output)
            second.wait_ready()
            assert all(gone(pid) for pid in pids.values())
            assert second.stop() == 0


def test_a_second_up_on_the_same_data_directory_is_refused(running: Product):
    with up(running.data_dir, free_port()) as second:
        assert second.process.wait(20) == 1
    assert f"is in use by process {running.process.pid} at {running.url}" in running.output()


def test_a_stop_while_starting_leaves_nothing(folder: Path):
    with up(folder / "early", free_port()) as early:
        wait_until(lambda: (folder / "early" / "postgres" / "data" / "postmaster.pid").exists(), early.output)
        pid = int((folder / "early" / "postgres" / "data" / "postmaster.pid").read_text().split()[0])
        assert early.stop() == 0
        assert gone(pid)


@needs_debian_15
def test_it_runs_on_a_database_of_ones_own(folder: Path):
    own = cluster.prepare(folder / "own", installs=[install_at(DEBIAN_15)], sync=False)
    with postgres.running(own, settings=FAST):
        with psycopg.connect(own.url(cluster.ADMIN), autocommit=True) as connection:
            connection.execute("create role somebody login createrole password 'pw'")
            connection.execute("create database theirs owner somebody")
        url = own.url(cluster.ADMIN, "theirs").replace(f"{cluster.ADMIN}:{own.passwords[cluster.ADMIN]}", "somebody:pw")
        with up(folder / "external", free_port(), DATABASE_URL=url) as running:
            running.wait_ready()
            assert set(running.pids()) == PROCESSES - {"postgres"}
            password = password_in(running.output())
            assert sign_in(running, "admin@nightdesk.local", password).status_code == 200
            assert running.stop() == 0
        with psycopg.connect(own.url(cluster.ADMIN)) as connection:
            assert connection.execute("show server_version_num").fetchone() < ("160000",)


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root, to become somebody else")
def test_an_ordinary_user_can_run_it(folder: Path):
    """Nothing may need root; the database then runs under the same account."""
    python = ordinary_python()
    if python is None:
        pytest.skip("there is no Python that an ordinary user may run")
    home, port = folder / "nobody", free_port()
    home.mkdir()
    os.chown(home, NOBODY, NOBODY)
    process = subprocess.Popen(
        [python, "-m", "backend.cli", "up", "--port", str(port), "--data-dir", str(home / "data")],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        **ordinary_account(),
    )
    running = Product(process, home / "data", f"http://127.0.0.1:{port}", home / "log")
    try:
        wait_until(lambda: running.answers() or process.poll() is not None)
        assert process.poll() is None
        assert (home / "data" / "postgres" / "data").stat().st_uid == NOBODY
    finally:
        process.terminate()
        assert process.wait(30) == 0
