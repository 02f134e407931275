"""A small client of the Docker Engine API, as far as actions need it.

https://docs.docker.com/reference/api/engine/
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from urllib.parse import quote

import httpx

from backend.connection.docker import EngineAddress
from backend.errors import NightdeskError, Unavailable

INSPECT_SECONDS = 10.0

Health = Literal["starting", "healthy", "unhealthy"]


class NoEngine(NightdeskError):
    """No Docker engine is connected: set DOCKER_HOST, or give the actions process its socket."""

    code = "no_engine"


class EngineRefused(NightdeskError):
    """The Docker engine refused."""

    status, code = 409, "engine_refused"


class NoAnswer(NightdeskError):
    """The Docker engine was asked, and its answer never came."""

    status, code = 504, "no_answer"


@dataclass(frozen=True)
class Container:
    """What inspecting a container tells. `status`: created, running, paused, restarting, removing, exited or dead."""

    id: str
    name: str
    image: str
    image_id: str
    status: str
    pid: int
    exit_code: int
    oom_killed: bool
    started_at: str
    finished_at: str
    restart_count: int
    restart_policy: str
    auto_remove: bool
    health: Health | None

    @property
    def started(self) -> datetime | None:
        """When it was started last."""
        # Nanoseconds are more than datetime takes.
        head, _, fraction = self.started_at.rstrip("Z").partition(".")
        try:
            at = datetime.fromisoformat(f"{head}.{(fraction + '000000')[:6]}+00:00")
        except ValueError:
            return None
        return at if at.year > 1 else None


@dataclass(frozen=True)
class DockerEngine:
    """One engine. Reading raises Unavailable; acting tells apart what was refused and what is not known."""

    address: EngineAddress
    http: httpx.AsyncClient

    async def inspect(self, name: str) -> Container | None:
        """The container by that name or id, None when there is none."""
        self._check_there()
        try:
            answer = await self.http.get(f"/containers/{quote(name, safe='')}/json", timeout=INSPECT_SECONDS)
        except httpx.TransportError as error:
            raise Unavailable(f"The Docker engine does not answer: {_why(error)}.") from error
        if answer.status_code == 404:
            return None
        if answer.status_code != 200:
            raise Unavailable(f"The Docker engine answered {answer.status_code}: {_message(answer)}")
        try:
            return _container(answer.json())
        except (ValueError, KeyError, TypeError) as error:
            raise Unavailable("The Docker engine answered something that is no container.") from error

    async def restart(self, container_id: str, stop_timeout_seconds: int) -> None:
        """Stops it, killing it after the time-out, and starts it."""
        await self._act(container_id, "restart", {"t": str(stop_timeout_seconds)}, stop_timeout_seconds + 60.0)

    async def start(self, container_id: str) -> None:
        """Starts it. One that runs already is fine."""
        await self._act(container_id, "start", {}, 60.0)

    async def _act(self, container_id: str, verb: str, params: Mapping[str, str], timeout_seconds: float) -> None:
        """Raises Unavailable (nothing was sent), EngineRefused (it said no) or NoAnswer (nobody knows)."""
        self._check_there()
        timeout = httpx.Timeout(timeout_seconds, connect=INSPECT_SECONDS)
        path = f"/containers/{quote(container_id, safe='')}/{verb}"
        try:
            answer = await self.http.post(path, params=params, timeout=timeout)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            raise Unavailable(f"The Docker engine cannot be reached: {_why(error)}.") from error
        except httpx.TransportError as error:
            raise NoAnswer(f"The Docker engine did not answer to {verb}: {_why(error)}.") from error
        if answer.status_code not in (204, 304):
            raise EngineRefused(f"The Docker engine answered {answer.status_code}: {_message(answer)}")

    def _check_there(self) -> None:
        if not self.address.is_there():
            raise NoEngine(
                f"No Docker engine is connected: there is no socket {self.address.socket}. "
                "Set DOCKER_HOST, or give the actions process the socket."
            )


def open_client(address: EngineAddress) -> httpx.AsyncClient:
    """The HTTP client of an engine; nothing is connected yet. The engine is never reached through a proxy."""
    uds = None if address.socket is None else str(address.socket)
    # A kept connection may be dead when it is used again, and then nobody could say whether the call arrived.
    transport = httpx.AsyncHTTPTransport(uds=uds, limits=httpx.Limits(max_keepalive_connections=0))
    return httpx.AsyncClient(base_url=address.base_url, transport=transport, trust_env=False)


def _why(error: httpx.TransportError) -> str:
    return str(error) or type(error).__name__


def _message(answer: httpx.Response) -> str:
    try:
        return str(answer.json()["message"])[:500]
    except (ValueError, KeyError, TypeError):
        return answer.text[:200]


def _container(inspected: Any) -> Container:
    state, host = inspected["State"], inspected.get("HostConfig") or {}
    health = (state.get("Health") or {}).get("Status")
    return Container(
        id=inspected["Id"],
        name=str(inspected["Name"]).removeprefix("/"),
        image=(inspected.get("Config") or {}).get("Image") or inspected["Image"],
        image_id=inspected["Image"],
        status=state["Status"],
        pid=state.get("Pid") or 0,
        exit_code=state.get("ExitCode") or 0,
        oom_killed=bool(state.get("OOMKilled")),
        started_at=state.get("StartedAt") or "",
        finished_at=state.get("FinishedAt") or "",
        restart_count=inspected.get("RestartCount") or 0,
        restart_policy=(host.get("RestartPolicy") or {}).get("Name") or "no",
        auto_remove=bool(host.get("AutoRemove")),
        health=health if health in ("starting", "healthy", "unhealthy") else None,
    )
