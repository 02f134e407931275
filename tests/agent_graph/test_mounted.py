"""Writes that a read-only mount refuses are told with the mount; what is meant to be read is nobody's trouble."""

import pytest

from agent_graph.analysts.rules.facts import Container, Facts
from agent_graph.analysts.rules.mounted import refused_by_mount
from agent_graph.analysts.rules.reading import read
from agent_graph.sources.docker.wiring import wiring
from tests.agent_graph.cases import case, logs


def _facts(said: str, destination: str, *, writable: bool) -> Facts:
    mount = {"Type": "volume", "Name": "web-data", "Destination": destination, "RW": writable}
    lines = wiring({"Name": "/web", "Mounts": [mount]}, [])
    container = Container("E1", {"container": "web", "of_target": True}, {one.split(":", 1)[0]: one for one in lines})
    heard = read(case(), [logs(f"ERROR {said}")])
    return Facts(case(), lines=heard.lines, containers=[container])


@pytest.mark.parametrize(
    ("said", "destination", "writable", "told"),
    [
        ("saving: attempt to write a readonly database", "/data", False, True),
        ("open /srv/up/7.png: read-only file system", "/srv/up", False, True),
        ("Error: EROFS: read-only file system, mkdir '/data/x'", "/data", False, True),
        ("saving: attempt to write a readonly database", "/data", True, False),
        ("saving: attempt to write a readonly database", "/etc/web/web.yaml", False, False),
        ("cannot execute INSERT in a read-only transaction", "/data", False, False),
        ("connection refused", "/data", False, False),
    ],
)
def test_a_read_only_mount_is_named(said: str, destination: str, writable: bool, told: bool) -> None:
    found = refused_by_mount(_facts(said, destination, writable=writable))
    assert (found is not None and f"{destination} (web-data) is mounted read-only" in found.statement) == told
