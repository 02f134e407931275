"""Where the Docker engine is: one for the installation, from the settings."""

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from backend.errors import NightdeskError
from backend.settings import Settings

DEFAULT_SOCKET = Path("/var/run/docker.sock")


class UnusableDockerHost(NightdeskError):
    """DOCKER_HOST names a way to the Docker engine that Nightdesk cannot go."""

    code = "bad_settings"


@dataclass(frozen=True)
class EngineAddress:
    """How to reach an engine: over HTTP at `base_url`, through the Unix socket when there is one."""

    base_url: str
    socket: Path | None = None

    def is_there(self) -> bool:
        """Whether there is anything to connect to. A socket that is missing now may be there later."""
        return self.socket is None or self.socket.exists()


def docker_engine(settings: Settings) -> EngineAddress:
    """The engine to use. Raises UnusableDockerHost."""
    if settings.docker_host is None:
        return EngineAddress("http://docker", DEFAULT_SOCKET)
    parts = urlsplit(settings.docker_host)
    if parts.scheme == "unix":
        return EngineAddress("http://docker", Path(parts.path))
    if parts.scheme in ("tcp", "http", "https") and parts.hostname:
        scheme = "https" if parts.scheme == "https" else "http"
        return EngineAddress(f"{scheme}://{parts.netloc}")
    raise UnusableDockerHost(
        f"DOCKER_HOST: {parts.scheme or settings.docker_host}: is not supported; "
        "use unix:///path/to/docker.sock, tcp://host:port or https://host:port"
    )
