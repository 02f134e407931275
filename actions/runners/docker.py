"""docker.restart_container and docker.start_container, over the engine's API."""

from collections.abc import Awaitable
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import cast

from pydantic import JsonValue

from actions.engine import Container, DockerEngine, EngineRefused, NoAnswer, NoEngine
from actions.kinds import NotPossible, Order, Runner, Tools
from backend.action.kinds import Change, ContainerParams, Preview, RestartContainerParams, Result
from backend.errors import Unavailable

# Docker waits a minute at most between restarts: whoever has been restarted twice and is this young is still at it.
LOOP_WINDOW = timedelta(minutes=10)
LOOPING = "restarting again and again"


@dataclass(frozen=True)
class RestartContainer:
    """Stops a container and starts it again."""

    engine: DockerEngine

    async def preview(self, order: Order, now: datetime) -> Preview:
        params = cast(RestartContainerParams, order.params)
        found = await _find(self.engine, params)
        if found.status == "removing":
            raise NotPossible(f"Container {found.name} is being removed.")
        before = f"{_says(found)}, process {found.pid}" if found.pid else _says(found)
        return Preview(
            summary=f"Restart container {found.name} (image {found.image}, {_says(found)}).",
            changes=[
                Change(what="Process", before=before, after="a new process from the same image and settings"),
                Change(what="Restart count", before=str(found.restart_count), after="0"),
            ],
            command=f"docker restart -t {params.stop_timeout_seconds} {found.name}",
            warnings=_warnings(found, now),
        )

    async def target_state(self, order: Order, now: datetime) -> dict[str, JsonValue] | None:
        return await _state(self.engine, order, now)

    async def run(self, order: Order) -> Result:
        params = cast(RestartContainerParams, order.params)
        call = self.engine.restart(_approved_id(order), params.stop_timeout_seconds)
        return await _result(self.engine, order, call, "Restarted")


@dataclass(frozen=True)
class StartContainer:
    """Starts a container that is stopped."""

    engine: DockerEngine

    async def preview(self, order: Order, now: datetime) -> Preview:
        found = await _find(self.engine, cast(ContainerParams, order.params))
        if found.status in ("running", "restarting", "paused", "removing"):
            raise NotPossible(f"Container {found.name} is {found.status}; starting it would change nothing.")
        return Preview(
            summary=f"Start container {found.name} (image {found.image}, {_says(found)}).",
            changes=[Change(what="Status", before=_says(found), after="running")],
            command=f"docker start {found.name}",
            warnings=_warnings(found, now),
        )

    async def target_state(self, order: Order, now: datetime) -> dict[str, JsonValue] | None:
        return await _state(self.engine, order, now)

    async def run(self, order: Order) -> Result:
        return await _result(self.engine, order, self.engine.start(_approved_id(order)), "Started")


def _restart(tools: Tools) -> Runner:
    return RestartContainer(_engine(tools))


def _start(tools: Tools) -> Runner:
    return StartContainer(_engine(tools))


def _engine(tools: Tools) -> DockerEngine:
    if isinstance(tools.engine, str):
        raise NotPossible(tools.engine)
    return tools.engine


RUNNERS = {"docker.restart_container": _restart, "docker.start_container": _start}


async def _find(engine: DockerEngine, params: ContainerParams) -> Container:
    found = await _inspect(engine, params)
    if found is None:
        raise NotPossible(f"There is no container {params.container} on the Docker engine.")
    return found


async def _inspect(engine: DockerEngine, params: ContainerParams) -> Container | None:
    try:
        return await engine.inspect(params.container)
    except NoEngine as error:
        raise NotPossible(error.detail) from error


async def _state(engine: DockerEngine, order: Order, now: datetime) -> dict[str, JsonValue] | None:
    """Which container, and which run of it; in a restart loop every minute brings a new run, which is no change."""
    found = await _inspect(engine, cast(ContainerParams, order.params))
    if found is None:
        return None
    same: dict[str, JsonValue] = {"container_id": found.id, "image_id": found.image_id}
    if is_looping(found, now):
        return {**same, "status": LOOPING}
    return {**same, **run_of(found)}


def run_of(found: Container) -> dict[str, JsonValue]:
    """What tells one run of a container from the next."""
    facts = asdict(found)
    return {name: facts[name] for name in ("status", "started_at", "restart_count")}


def is_looping(found: Container, now: datetime) -> bool:
    """Whether Docker keeps restarting it."""
    if found.status == "restarting":
        return True
    return found.restart_count >= 2 and found.started is not None and now - found.started < LOOP_WINDOW


def _approved_id(order: Order) -> str:
    return str(order.target_state["container_id"])


async def _result(engine: DockerEngine, order: Order, call: Awaitable[None], done: str) -> Result:
    """Awaits the call and says what came of it; the state right after it is what verification compares with."""
    try:
        await call
    except (NoEngine, Unavailable) as error:
        return Result(outcome="failed", error=f"{error.detail} Nothing was done.")
    except EngineRefused as error:
        return Result(outcome="failed", error=error.detail)
    except NoAnswer as error:
        return Result(outcome="unknown", error=error.detail)
    try:
        after = await engine.inspect(_approved_id(order))
    except (NoEngine, Unavailable):
        after = None
    if after is None:
        return Result(outcome="succeeded", result=f"{done} {order.target}.")
    state: dict[str, JsonValue] = {"container_id": after.id, **run_of(after)}
    return Result(outcome="succeeded", result=f"{done} {after.name}: {_says(after)}.", after_state=state)


def _says(found: Container) -> str:
    if found.status == "running":
        health = f", {found.health}" if found.health else ""
        return f"running since {found.started_at[:19]}Z{health}"
    if found.status == "exited":
        why = ", out of memory" if found.oom_killed else ""
        return f"exited with code {found.exit_code}{why} at {found.finished_at[:19]}Z"
    return found.status


def _warnings(found: Container, now: datetime) -> list[str]:
    warnings: list[str] = []
    if is_looping(found, now):
        warnings.append(f"Docker has restarted it {found.restart_count} times already; once more may not help.")
    if found.oom_killed:
        warnings.append("It was killed for using too much memory; it may be again.")
    if found.auto_remove:
        warnings.append("It is removed as soon as it stops (--rm): it may be gone instead of restarted.")
    if found.health is None:
        warnings.append("It has no health check: that it runs does not mean that it works.")
    return warnings
