"""Real containers for tests, on the engine that the run shares: made by name, removed at the end."""

import contextlib
import time
import uuid
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import docker
from docker.models.containers import Container

from tests.real import IMAGE

FOREVER = "trap 'exit 0' TERM; sleep 1000 & wait"


@dataclass(frozen=True)
class Containers:
    """Makes containers with names of their own, and counts what happened to them."""

    client: docker.DockerClient
    prefix: str

    def run(self, script: str = FOREVER, *, name: str = "web", **options: Any) -> Container:
        """Starts a container that runs a shell script, without a network."""
        return self.client.containers.run(
            IMAGE, ["sh", "-c", script], name=f"{self.prefix}-{name}", network_mode="none", detach=True, **options
        )

    def replace(self, container: Container) -> Container:
        """A new container under the same name, as a deployment makes it."""
        name = str(container.name).removeprefix(f"{self.prefix}-")
        container.remove(force=True)
        return self.run(name=name)

    def wait_for(self, container: Container, status: str) -> None:
        """Until Docker says so."""
        ends = time.monotonic() + 20
        while True:
            container.reload()
            if container.status == status:
                return
            assert time.monotonic() < ends, f"{container.name} is {container.status}, not {status}"
            time.sleep(0.05)

    def wait_for_restarts(self, container: Container, count: int) -> None:
        """Until Docker has restarted it so many times."""
        ends = time.monotonic() + 20
        while container.attrs["RestartCount"] < count:
            assert time.monotonic() < ends, f"{container.name} was restarted {container.attrs['RestartCount']} times"
            time.sleep(0.05)
            container.reload()

    def happened(self, container: Container, since: float) -> list[str]:
        """What the engine did to a container, in its own words."""
        events = self.client.api.events(
            since=int(since), until=int(time.time()) + 1, filters={"container": container.id}, decode=True
        )
        with contextlib.closing(events):
            return [event["Action"] for event in events]


@contextmanager
def containers(host: str) -> Generator[Containers]:
    """Everything that was made is removed."""
    client = docker.DockerClient(base_url=host)
    made = Containers(client, f"nd-{uuid.uuid4().hex[:8]}")
    try:
        yield made
    finally:
        for container in client.containers.list(all=True, filters={"name": f"^/{made.prefix}"}):
            container.remove(force=True)
        client.close()
