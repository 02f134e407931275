"""Where the container engines are: Docker's and Podman's, for the whole installation, from the settings."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from backend.errors import NightdeskError
from backend.settings import Settings

DEFAULT_SOCKET = Path("/var/run/docker.sock")
ROOT_PODMAN = Path("/run/podman/podman.sock")

Kind = Literal["docker", "podman"]


class UnusableDockerHost(NightdeskError):
    """DOCKER_HOST or PODMAN_HOST names a way to an engine that Nightdesk cannot go."""

    code = "bad_settings"


@dataclass(frozen=True)
class EngineAddress:
    """How to reach an engine: over HTTP at `base_url`, through the Unix socket when there is one."""

    base_url: str
    socket: Path | None = None

    def is_there(self) -> bool:
        """Whether there is anything to connect to. A socket that is missing now may be there later."""
        # Not Path.exists: it raises where a folder on the way may not be entered.
        return self.socket is None or os.path.exists(self.socket)


def docker_engine(settings: Settings, socket: Path = DEFAULT_SOCKET) -> EngineAddress:
    """The engine that actions go to: Docker's, or Podman's where there is no Docker. Raises UnusableDockerHost."""
    known = engines(settings, socket)
    return known[0][1] if known else EngineAddress("http://docker", socket)


def engines(settings: Settings, socket: Path = DEFAULT_SOCKET) -> list[tuple[Kind, EngineAddress]]:
    """Docker's and Podman's, as far as they are set or found; the first is the one that actions go to.

    Raises UnusableDockerHost.
    """
    found: list[tuple[Kind, EngineAddress]] = []
    if settings.docker_host is not None:
        found.append(("docker", _address("DOCKER_HOST", settings.docker_host, "docker")))
    elif os.path.exists(socket):
        found.append(("docker", EngineAddress("http://docker", socket)))
    if settings.podman_host is not None:
        found.append(("podman", _address("PODMAN_HOST", settings.podman_host, "podman")))
    elif not found:
        # Nothing is said of an engine and no Docker is there: who has Podman, and may use it, need not say where.
        here = [path for path in podman_sockets() if os.access(path, os.R_OK | os.W_OK)]
        if here:
            found.append(("podman", EngineAddress("http://podman", here[0])))
    return found


def engine_name(headers: Mapping[str, str]) -> str:
    """Who answered, by the headers of any answer: Docker's API is what Podman speaks, too."""
    if libpod := headers.get("libpod-api-version"):
        return f"Podman {libpod}"
    # A proxy in between says its own name as the server.
    product, _, version = headers.get("server", "").partition(" ")[0].partition("/")
    if product == "Docker" and version:
        return f"Docker {version}"
    return f"Docker (API {headers['api-version']})" if "api-version" in headers else "Docker"


def podman_sockets() -> list[Path]:
    """Where `podman system service` listens when nobody says otherwise: this account's own first, then root's."""
    own = os.environ.get("XDG_RUNTIME_DIR") or f"/run/user/{os.getuid()}"
    return [Path(own, "podman", "podman.sock"), ROOT_PODMAN]


def _address(setting: str, host: str, name: str) -> EngineAddress:
    parts = urlsplit(host)
    if parts.scheme == "unix":
        return EngineAddress(f"http://{name}", Path(parts.path))
    if parts.scheme in ("tcp", "http", "https") and parts.hostname:
        scheme = "https" if parts.scheme == "https" else "http"
        return EngineAddress(f"{scheme}://{parts.netloc}")
    raise UnusableDockerHost(
        f"{setting}: {parts.scheme or host}: is not supported; "
        "use unix:///path/to/docker.sock, tcp://host:port or https://host:port"
    )
