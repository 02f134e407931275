"""The supervisor: what dies is started again, what is stopped is gone, and a data directory has one holder."""

import json
import os
import signal
import socket
import sys
from collections.abc import Generator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import httpx
import pytest

from backend.part import FIRST_DELAY
from tests.support.product import Product, free_port, gone, product, wait_until


def small(data_dir: Path, port: int, *flags: str) -> AbstractContextManager[Product]:
    command = [sys.executable, "-m", "tests.support.small_product", str(data_dir), str(port), *flags]
    return product(command, data_dir, port)


@pytest.fixture
def running(data_dir: Path) -> Generator[Product]:
    with small(data_dir, free_port()) as running:
        running.wait_ready()
        yield running


def test_it_says_who_it_is_and_tells_nobody_else(running: Product):
    instance = running.instance()
    assert set(instance["processes"]) == {"api", "steady"}
    assert (instance["url"], instance["ready"]) == (running.url, True)
    assert (running.data_dir / "instance.json").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("name", ["api", "steady"])
def test_a_killed_child_is_back_at_once(running: Product, name: str):
    old = running.pids()[name]

    os.kill(old, signal.SIGKILL)
    new = running.wait_restarted(name, old)

    assert gone(old)
    assert not gone(new)
    (death,) = deaths(running)
    assert (death["part"], death["how"]) == (name, "killed by SIGKILL")
    assert death["restart_in_seconds"] <= FIRST_DELAY


def deaths(running: Product) -> list[dict[str, Any]]:
    """What the supervisor said about children that died."""
    lines = [json.loads(line) for line in running.output().splitlines()]
    return [line for line in lines if line["event"] == "part_died"]


def test_requests_wait_while_the_api_is_away(running: Product):
    os.kill(running.pids()["api"], signal.SIGKILL)
    assert httpx.get(f"{running.url}/readyz", timeout=10).text == "ok"


def test_a_child_that_keeps_dying_is_started_less_and_less_often(running: Product):
    for _ in range(3):
        old = running.pids()["steady"]
        os.kill(old, signal.SIGKILL)
        running.wait_restarted("steady", old)
    first, second, third = (death["restart_in_seconds"] for death in deaths(running))
    assert first < second < third


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_stop_leaves_nothing_and_is_no_failure(running: Product, how: signal.Signals):
    pids = running.pids()
    assert running.stop(how) == 0
    assert all(gone(pid) for pid in pids.values())
    assert running.instance() == {}


def test_a_child_that_does_not_stop_is_killed_when_asked_twice(data_dir: Path):
    with small(data_dir, free_port(), "deaf") as running:
        running.wait_ready()
        pids = running.pids()
        running.process.terminate()
        wait_until(lambda: gone(pids["api"]), running.output)
        assert not gone(pids["deaf"])
        assert running.stop() == 0
        assert gone(pids["deaf"])


def test_children_die_with_a_supervisor_that_is_killed_and_the_next_one_continues(data_dir: Path):
    port = free_port()
    with small(data_dir, port) as first:
        first.wait_ready()
        pids = first.pids()
        first.process.kill()
        first.process.wait()
        for pid in pids.values():
            wait_until(lambda pid=pid: gone(pid))
    with small(data_dir, port) as second:
        wait_until(lambda: second.pids() != pids, second.output)
        second.wait_ready()
        assert second.answers()


def test_a_second_one_on_the_same_data_directory_says_who_holds_it(running: Product):
    with small(running.data_dir, free_port()) as second:
        assert second.process.wait(20) == 1
    held = f"{running.data_dir} is in use by process {running.process.pid} at {running.url}. Stop that one first"
    assert held in running.output()
    assert running.answers()


def test_a_port_in_use_is_named(data_dir: Path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with small(data_dir, port) as refused:
            assert refused.process.wait(20) == 1
            assert f"Port {port} on 127.0.0.1 is in use. Choose another with --port." in refused.output()


def test_every_line_says_who_wrote_it(running: Product):
    def said() -> set[tuple[str, str]]:
        lines = [json.loads(line) for line in running.output().splitlines()]
        return {(line["process"], line["event"]) for line in lines}

    expected = {("api", "api is here"), ("steady", "steady is here"), ("nightdesk", "ready")}
    wait_until(lambda: expected <= said(), running.output)
