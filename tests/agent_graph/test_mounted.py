"""Writes that a read-only mount refuses are told with the mount; what is meant to be read is nobody's trouble."""

import pytest

from agent_graph.analysts.rules.facts import Container, Facts, LogLine
from agent_graph.analysts.rules.mounted import never_mounted, refused_by_mount
from agent_graph.analysts.rules.reading import read
from agent_graph.sources.docker.wiring import wiring
from tests.agent_graph.cases import BEGAN, case, logs


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


MOUNT = "Failed to mount srv-media.mount - /srv/media."
WHY = "mount.nfs: access denied by server while mounting nas:/volume1/media"


@pytest.mark.parametrize(
    ("source", "said", "told"),
    [
        ("/srv/media", [WHY, MOUNT], WHY),
        ("/srv/media/films", [MOUNT], MOUNT.rstrip(".")),
        ("/srv/mediathek", [WHY, MOUNT], ""),
        ("/srv/media", [WHY], ""),
    ],
)
def test_data_that_the_machine_could_not_mount_is_named(source: str, said: list[str], told: str) -> None:
    mount = {"Type": "bind", "Source": source, "Destination": "/media", "RW": True}
    lines = wiring({"Name": "/web", "Mounts": [mount]}, [])
    container = Container("E1", {"container": "web", "of_target": True}, {one.split(":", 1)[0]: one for one in lines})
    around = [LogLine("E3", text, text, None, BEGAN, 1, "srv-media.mount") for text in said]
    found = never_mounted(Facts(case(), containers=[container], around=around))
    assert (found is not None) is bool(told)
    assert found is None or told in found.statement
