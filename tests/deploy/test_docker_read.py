"""The read-only view of the Docker engine, by a real nginx before a real engine: looking works, nothing else does."""

import contextlib
import uuid
from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path

import docker
import httpx
import pytest
from docker.errors import APIError
from docker.models.containers import Container

from tests.deploy.nginx import needs_nginx, nginx
from tests.real import IMAGE, docker_engine, needs_docker

pytestmark = [needs_docker, needs_nginx]


@dataclass(frozen=True)
class View:
    """The proxy, and a container to look at."""

    url: str
    container: Container

    def send(self, method: str, path: str) -> httpx.Response:
        with httpx.Client(base_url=self.url, timeout=10) as client:
            request = client.build_request(method, "/")
            # As it is written: httpx would tidy the path.
            request.url = request.url.copy_with(raw_path=path.format(id=self.container.id).encode())
            return client.send(request)


@pytest.fixture(scope="module")
def view(tmp_path_factory: pytest.TempPathFactory) -> Generator[View]:
    folder: Path = tmp_path_factory.mktemp("docker-read")
    with docker_engine() as host:
        engine = docker.DockerClient(base_url=host)
        command = ["sh", "-c", "echo hello from the shop; exec sleep 600"]
        name = f"nightdesk-read-{uuid.uuid4().hex[:8]}"
        secret = {"SECRET": "x"}
        with contextlib.closing(engine):
            container = engine.containers.run(
                IMAGE, command, name=name, network_mode="none", environment=secret, detach=True
            )
            try:
                replaced = {"unix:/var/run/docker.sock": host}
                with nginx("docker-read", 2375, replaced, folder) as url:
                    yield View(url, container)
            finally:
                container.remove(force=True)


@pytest.mark.parametrize(
    "path",
    [
        "/_ping",
        "/version",
        "/info",
        "/v1.41/containers/json?all=1",
        "/containers/{id}/json",
        "/v1.41/containers/{id}/json",
        "/containers/{id}/logs?stdout=1",
        "/containers/{id}/stats?stream=false&one-shot=true",
        "/events?since=0&until=1",
        "/images/json",
        "/images/nightdesk-test/busybox:latest/json",
    ],
)
def test_looking_works(view: View, path: str) -> None:
    answer = view.send("GET", path)
    assert answer.status_code == 200, answer.text


def test_the_real_client_lists_inspects_and_reads_logs(view: View) -> None:
    client = docker.DockerClient(base_url=view.url.replace("http://", "tcp://"))
    with contextlib.closing(client):
        assert view.container.id in [container.id for container in client.containers.list()]
        seen = client.containers.get(view.container.id or "")
        assert seen.status == "running"
        assert b"hello from the shop" in seen.logs()


REFUSED = [
    # Changing something, in every way the engine knows.
    ("POST", "/containers/{id}/restart"),
    ("POST", "/v1.44/containers/{id}/kill"),
    ("POST", "/containers/create"),
    ("POST", "/containers/{id}/exec"),
    ("DELETE", "/containers/{id}?force=1"),
    ("POST", "/containers/{id}/json"),
    ("PUT", "/containers/{id}/archive?path=/"),
    ("POST", "/build"),
    ("POST", "/images/create?fromImage=x"),
    ("POST", "/containers/prune"),
    ("POST", "/session"),
    # Reading what is not for reading: files, terminals, whole images, secrets, other processes' environments.
    ("GET", "/containers/{id}/archive?path=/etc/passwd"),
    ("GET", "/containers/{id}/export"),
    ("GET", "/containers/{id}/attach/ws?stdin=1&stream=1"),
    ("GET", "/containers/{id}/top?ps_args=eww"),
    ("GET", "/images/nightdesk-test/busybox/get"),
    ("GET", "/images/get?names=nightdesk-test/busybox"),
    ("GET", "/secrets"),
    ("GET", "/configs"),
    ("GET", "/swarm/unlockkey"),
    ("GET", "/plugins"),
    # Paths written so that two readers may see two things.
    ("GET", "/containers/{id}/json/../archive?path=/etc"),
    ("GET", "/containers/{id}/json%2f..%2farchive?path=/etc"),
    ("GET", "/containers/{id}/json%252f..%252farchive?path=/etc"),
    ("GET", "/images/x/json/../../../containers/{id}/export"),
    ("GET", "//containers/{id}/export"),
    ("GET", "/v1.44/v1.44/containers/{id}/json"),
    ("GET", "/v1.44/../containers/{id}/archive?path=/"),
    ("GET", "/containers/{id}/json%00/archive?path=/"),
    ("GET", "/containers/{id}/json/"),
    ("BREW", "/containers/json"),
]


@pytest.mark.parametrize(("method", "path"), REFUSED, ids=[f"{m} {p}" for m, p in REFUSED])
def test_everything_else_is_refused_before_the_engine_hears_of_it(view: View, method: str, path: str) -> None:
    answer = view.send(method, path)
    assert answer.status_code in {400, 403, 405}, answer.text
    assert "nginx" in answer.text, "the engine answered"


def test_the_container_is_untouched_by_all_that(view: View) -> None:
    view.container.reload()
    state = view.container.attrs["State"]
    assert (state["Status"], view.container.attrs["RestartCount"]) == ("running", 0)


def test_a_terminal_cannot_be_had_by_upgrading(view: View) -> None:
    headers = {"Upgrade": "tcp", "Connection": "Upgrade"}
    with httpx.Client(base_url=view.url, timeout=10) as client:
        answer = client.get(f"/containers/{view.container.id}/logs?stdout=1", headers=headers)
    assert answer.status_code == 200


def test_the_real_client_is_told_no(view: View) -> None:
    client = docker.DockerClient(base_url=view.url.replace("http://", "tcp://"))
    with contextlib.closing(client), pytest.raises(APIError) as refused:
        client.containers.get(view.container.id or "").restart()
    assert refused.value.status_code == 403
