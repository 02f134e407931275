"""An investigation on a real Podman: its API is Docker's, but not to the letter."""

import contextlib
import os
import subprocess
import time
import uuid
from collections.abc import Generator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import docker
import pytest
from docker.models.containers import Container

from agent_graph.analysts.rules.analyst import analyse
from backend.investigation.kinds import CaseFile
from tests.agent_graph.asking import first, sources
from tests.agent_graph.cases import case
from tests.agent_graph.test_docker_live import TRACE
from tests.real import IMAGE, listens, make_image, program
from tests.support.server import short_folder

# Not among the parts that CI installs: whoever has it runs it.
pytestmark = pytest.mark.skipif(
    program("podman") is None or os.geteuid() != 0, reason="needs podman, and root to run it: apt install podman"
)
CONF = """[containers]
netns = "none"
default_ulimits = ["nofile=1024:1024", "nproc=1024:1024"]
[engine]
cgroup_manager = "cgroupfs"
events_logger = "file"
tmp_dir = "{folder}/tmp"
"""


@pytest.fixture(scope="module")
def podman() -> Generator[str]:
    """The PODMAN_HOST of a service with a store of its own."""
    # Podman takes no long paths.
    with short_folder() as folder, serving(folder) as path:
        make_image(f"unix://{path}")
        yield f"unix://{path}"


@contextlib.contextmanager
def serving(folder: Path) -> Generator[Path]:
    (folder / "containers.conf").write_text(CONF.format(folder=folder))
    path = folder / "podman.sock"
    store = ["--root", str(folder / "root"), "--runroot", str(folder / "run"), "--storage-driver", "vfs"]
    with (folder / "log").open("wb") as log:
        service = subprocess.Popen(
            [str(program("podman")), *store, "system", "service", "--time", "0", f"unix://{path}"],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            env={**os.environ, "CONTAINERS_CONF": str(folder / "containers.conf")},
        )
    try:
        ends = time.monotonic() + 60
        while not listens(path):
            assert time.monotonic() < ends, (folder / "log").read_text()
            assert service.poll() is None, (folder / "log").read_text()
            time.sleep(0.1)
        yield path
    finally:
        service.terminate()
        service.wait(timeout=60)


@pytest.fixture
def containers(podman: str) -> Generator[Any]:
    started: list[Container] = []
    with contextlib.closing(docker.DockerClient(base_url=podman)) as client:

        def run(script: str, **options: Any) -> str:
            name = f"nd-test-{uuid.uuid4().hex[:8]}"
            found = client.containers.create(IMAGE, ["/bin/busybox", "sh", "-c", script], name=name, **options)
            started.append(found)
            found.start()
            return name

        try:
            yield run
        finally:
            for found in started:
                found.remove(force=True)


async def test_a_crash_is_explained_and_its_neighbour_seen(podman: str, containers: Any, tmp_path: Path):
    project = {"com.docker.compose.project": "shop"}
    busy = containers("exec sleep 600", labels=project, mem_limit="64m")
    gone = containers(TRACE, labels=project)
    with contextlib.closing(docker.DockerClient(base_url=podman)) as client:
        client.containers.get(gone).wait(timeout=60)
    now = datetime.now(UTC)

    def told(name: str) -> CaseFile:
        return case(name, runtime="podman", now=now, started_at=now - timedelta(minutes=10))

    async with sources(tmp_path, podman_host=podman, source_timeout_seconds=30.0) as opened:
        found = await first(opened, "docker", told(gone))
        well = await first(opened, "docker", told(busy))
    by_title = {one.title.split(" nd-test-")[0]: one for one in found if not one.error}
    assert "engine: Podman " in by_title["State of container"].content
    assert "status: exited, exit code 1" in by_title["State of container"].content
    assert "die exitCode=1" in by_title["Engine events of"].content
    assert f"{busy} (sibling): running" in by_title["Siblings of"].content
    labelled = [one.model_copy(update={"label": f"E{place}"}) for place, one in enumerate(found)]
    draft = analyse(told(gone), labelled)
    assert (draft.verdict, draft.category) == ("incident", "app_crash")
    assert "ValueError: order 7 has no total" in draft.root_cause
    used = next(one for one in well if one.title.startswith("Resource use"))
    assert "of 64.0 MiB" in used.content
    assert "processes and threads: " in used.content
    assert [one.title for one in well if one.error] == ["Containers"], "the Docker that is not there"
