"""A container engine's API, from the public descriptions of Docker's and of Podman's compatible one.

https://docs.docker.com/reference/api/engine/  https://docs.podman.io/en/latest/_static/api.html
"""

import json
import re
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from tests.fakes.server import Fake, Request, serve

_CONTAINER = re.compile(r"^/containers/(?P<name>[^/]+)/(?P<what>json|logs|stats)$")


def inspected(name: str, *, image: str = "shop/web:1.4", labels: dict[str, str] | None = None, **state: Any) -> Any:
    """A container as inspect shows it. `state`: fields of State; RestartCount and HostConfig go where they belong."""
    restarts, host = state.pop("RestartCount", 0), state.pop("HostConfig", {})
    running = state.get("Running", True)
    times = {"StartedAt": "2026-11-21T01:00:00.5Z", "FinishedAt": "0001-01-01T00:00:00Z"}
    return {
        "Id": f"{name:0<64}",
        "Name": f"/{name}",
        "State": {"Status": "running" if running else "exited", "Running": running, "ExitCode": 0, **times, **state},
        "RestartCount": restarts,
        "HostConfig": host,
        "Config": {"Image": image, "Labels": labels or {}, "Tty": False},
    }


def frames(*lines: str | bytes, stream: int = 1) -> bytes:
    """Lines as a container without a terminal sends them."""
    raw = [line if isinstance(line, bytes) else line.encode() for line in lines]
    return b"".join(bytes([stream, 0, 0, 0]) + (len(one) + 1).to_bytes(4, "big") + one + b"\n" for one in raw)


@dataclass
class Docker(Fake):
    """`gone`: listed, but removed before anybody can ask about them. `pods`: Podman's pod of a container."""

    podman: bool = False
    containers: list[Any] = field(default_factory=list)
    logs: dict[str, bytes] = field(default_factory=dict)
    stats: dict[str, Any] = field(default_factory=dict)
    events: list[Any] = field(default_factory=list)
    gone: set[str] = field(default_factory=set)
    pods: dict[str, str] = field(default_factory=dict)

    def answer(self, request: Request) -> tuple[int, Any]:
        if request.path == "/containers/json":
            return 200, [_listed(one) for one in self.containers]
        if request.path == "/v4.0.0/libpod/containers/json" and self.podman:
            return 200, [{"Id": one["Id"], "PodName": self.pods.get(one["Name"][1:], "")} for one in self.containers]
        if request.path == "/events":
            # Podman takes no end, Docker needs one: else either goes on for ever.
            ends = request.query.get("stream") == "false" if self.podman else "until" in request.query
            return (200, b"".join(json.dumps(one).encode() + b"\n" for one in self.events)) if ends else (500, b"")
        found = _CONTAINER.match(request.path)
        return self._container(found["name"], found["what"], request) if found else (404, {"message": "page not found"})

    def _container(self, name: str, what: str, request: Request) -> tuple[int, Any]:
        one = next((c for c in self.containers if c["Name"] == f"/{name}" and name not in self.gone), None)
        if one is None:
            return 404, {"message": f"No such container: {name}"}
        if what == "json":
            return 200, one
        if what == "stats":
            samples = self.stats.get(name, [{"read": "0001-01-01T00:00:00Z", "memory_stats": {}}])
            return 200, samples.pop(0) if len(samples) > 1 else samples[0]
        raw, tail = self.logs.get(name, b""), request.query.get("tail")
        return 200, b"".join(_frames_of(raw)[-int(tail) :]) if tail else raw


def _frames_of(raw: bytes) -> list[bytes]:
    found: list[bytes] = []
    at = 0
    while at < len(raw):
        size = 8 + int.from_bytes(raw[at + 4 : at + 8], "big")
        found.append(raw[at : at + size])
        at += size
    return found


def _listed(one: Any) -> Any:
    state = one["State"]
    status = "Up 2 hours" if state["Running"] else f"Exited ({state['ExitCode']}) 5 minutes ago"
    return {
        "Id": one["Id"],
        "Names": [one["Name"]],
        "Image": one["Config"]["Image"],
        "Labels": one["Config"]["Labels"],
        "State": state["Status"],
        "Status": status,
        "Ports": [],
    }


@contextmanager
def fake_docker(*containers: Any, podman: bool = False) -> Generator[Docker]:
    """An engine that knows these containers."""
    version = {"Libpod-API-Version": "5.2.1"} if podman else {}
    with serve(
        Docker(podman=podman, containers=list(containers), headers={"Api-Version": "1.41", **version})
    ) as engine:
        yield engine
