"""The drill's service breaks for real, in four ways, and its hooks repair each."""

from collections.abc import Generator
from contextlib import suppress
from pathlib import Path

import httpx
import pytest

from backend.drill import disk
from backend.drill.kinds import FAILURES, KINDS, Kind, next_kind
from backend.drill.operator import GOOD_CONFIG, HookServer, Operator

SAID: dict[Kind, str] = {
    "crash": "ZeroDivisionError: float division by zero",
    "pool": "QueuePool limit of size 4 overflow 0 reached, connection timed out",
    "disk": "[Errno 28] No space left on device",
    "config": 'ConfigError: {home}/config.json: invalid value for "pool_size": expected a positive integer',
}


@pytest.fixture(params=["mount if possible", "plain folder"])
def operator(request: pytest.FixtureRequest, tmp_path: Path) -> Generator[Operator]:
    home = tmp_path / "orders"
    (tmp_path / "logs").mkdir()
    operator = Operator(home, tmp_path / "logs" / "orders.log")
    if request.param == "plain folder":
        operator.data.mkdir(parents=True)
        operator.deploy(GOOD_CONFIG)
        yield operator
        operator.stop()
        return
    with disk.small_disk(operator.data):
        operator.deploy(GOOD_CONFIG)
        yield operator
        operator.stop()
    assert not home.exists()


def healthy(operator: Operator) -> bool:
    with suppress(httpx.TransportError):
        return httpx.get(f"{operator.url}/health", timeout=5).status_code == 200
    return False


@pytest.mark.parametrize("kind", KINDS)
def test_it_breaks_says_why_and_its_hook_repairs_it(operator: Operator, kind: Kind):
    operator.wait_until_healthy()
    operator.break_it(kind)
    assert not healthy(operator)
    assert SAID[kind].format(home=operator.home) in operator.log_file.read_text()

    hooks = HookServer(operator)
    with hooks.serving():
        address = hooks.url(FAILURES[kind].remedy)
        assert httpx.post(address, json={}).status_code == 401
        assert not healthy(operator)
        answer = httpx.post(address, json={}, headers={"Authorization": f"Bearer {hooks.token}"})
    assert answer.status_code == 200
    operator.wait_until_healthy()


def test_one_drill_after_the_other_practises_every_kind():
    seen, last = [], None
    for _ in KINDS:
        last = next_kind(last)
        seen.append(last)
    assert sorted(seen) == sorted(KINDS)
    assert next_kind(last) == seen[0]
    assert next_kind("something older") == KINDS[0]
