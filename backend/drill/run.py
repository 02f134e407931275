"""The walk through one incident: start a service, break it, follow the loop to the post-mortem, clean up."""

import asyncio
import re
import secrets
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from backend.client import Bell, Client, NotReachable, Refused
from backend.drill import disk
from backend.drill.follow import Follower
from backend.drill.kinds import FAILURES, HOOKS, Hook, Kind
from backend.drill.operator import GOOD_CONFIG, DrillFailed, HookServer, Operator
from backend.drill.outcome import Outcome
from backend.drill.show import Show

UP_SECONDS = 30.0
# Hints drive the drill; this is for the hint that got lost.
LOOK_SECONDS = 1.0
SETTLE_SECONDS = 3
MONITOR_NAME = re.compile(r"drill-orders-[0-9a-f]{6}")


@dataclass(frozen=True)
class Stage:
    """Where one drill plays."""

    client: Client
    bell: Bell
    show: Show
    folder: Path
    outcome: Outcome


async def walk(stage: Stage, kind: Kind, *, approve: bool, enter: asyncio.Event) -> None:
    """Fills in the outcome, step by step. Raises DrillFailed, and Refused or NotReachable from the instance.

    1. Service, hooks and monitor.  2. Wait for "up".  3. Break it.  4. Follow the incident.  5. Clean up, always.
    """
    await clean_up(stage.client, stage.folder)
    name = f"drill-orders-{secrets.token_hex(3)}"
    home = stage.folder / name
    async with AsyncExitStack() as stack:
        stack.enter_context(disk.small_disk(home / "data"))
        operator = Operator(home, _log_file(stage.folder, name))
        stack.callback(operator.log_file.unlink, missing_ok=True)
        stack.callback(operator.stop)
        await asyncio.to_thread(_start, operator)
        stage.show.step("service", f"an orders service runs as process {operator.pid} on {operator.url}")
        hooks = HookServer(operator)
        stack.enter_context(hooks.serving())
        for hook in HOOKS:
            await stack.enter_async_context(_registered(stage.client, "/api/runbook-hooks", _hook(hook, hooks, name)))
        monitor = await stack.enter_async_context(_registered(stage.client, "/api/monitors", _monitor(name, operator)))
        await _wait_until_up(stage, monitor["id"])
        stage.show.step("up", f"monitor {name} sees it up, every second")

        since = datetime.now(UTC)
        await asyncio.to_thread(operator.break_it, kind)
        stage.outcome.mark("broken", stage.show.elapsed)
        stage.show.step("broken", FAILURES[kind].story)

        follower = Follower(stage.client, stage.bell, stage.show, stage.outcome, approve, enter)
        stack.push_async_callback(_close, stage)
        await follower.find(monitor["id"], since)
        await follower.to_the_end()


def _log_file(folder: Path, name: str) -> Path:
    """In the one folder below the data directory that the investigator may read."""
    (folder / "logs").mkdir(exist_ok=True)
    return (folder / "logs" / f"{name}.log").absolute()


def _start(operator: Operator) -> None:
    operator.deploy(GOOD_CONFIG)
    operator.wait_until_healthy()


async def _wait_until_up(stage: Stage, monitor_id: str) -> None:
    try:
        async with asyncio.timeout(UP_SECONDS):
            while (await stage.client.get(f"/api/monitors/{monitor_id}"))["status"] != "up":
                await stage.bell.wait(LOOK_SECONDS)
    except TimeoutError:
        raise DrillFailed(
            f"The monitor did not see the service up within {UP_SECONDS:.0f} s. Does the checks process run? "
            "`nightdesk doctor` and the System page know."
        ) from None


async def _close(stage: Stage) -> None:
    """An incident that the drill leaves behind would wait for a hook that is gone."""
    outcome = stage.outcome
    if outcome.incident_id is None or outcome.status in ("resolved", "failed"):
        return
    with suppress(Refused, NotReachable):
        await stage.client.post(f"/api/incidents/{outcome.incident_id}/resolve", {"comment": "the drill was stopped"})


@asynccontextmanager
async def _registered(client: Client, path: str, body: Any) -> AsyncGenerator[Any]:
    """Something that exists in Nightdesk for the length of a block."""
    made = await client.post(path, body)
    try:
        yield made
    finally:
        with suppress(Refused, NotReachable):
            await client.call("DELETE", f"{path}/{made['id']}")


async def clean_up(client: Client, folder: Path) -> None:
    """Takes away what a killed drill left behind: monitors, hooks, folders and mounts. Its service ended with it."""
    for monitor in await client.items("/api/monitors"):
        if MONITOR_NAME.fullmatch(monitor["name"]):
            await client.call("DELETE", f"/api/monitors/{monitor['id']}")
    ours = {hook.name for hook in HOOKS}
    for hook in await client.items("/api/runbook-hooks"):
        if hook["name"] in ours:
            await client.call("DELETE", f"/api/runbook-hooks/{hook['id']}")
    disk.remove_leftovers(folder)


def _monitor(name: str, operator: Operator) -> dict[str, Any]:
    return {
        "name": name,
        "type": "http",
        "address": f"{operator.url}/health",
        "interval_seconds": 1,
        "timeout_seconds": 2,
        "failure_threshold": 2,
        "recovery_threshold": 2,
        "severity": "high",
        "config": {"logs_file": str(operator.log_file)},
        "tags": ["drill"],
        "notes": "Made by `nightdesk drill`, which deletes it at its end.",
    }


def _hook(hook: Hook, server: HookServer, target: str) -> dict[str, Any]:
    return {
        "name": hook.name,
        "description": hook.description,
        "url": server.url(hook.remedy),
        "headers": {"Authorization": f"Bearer {server.token}"},
        "target": target,
        "categories": list(hook.categories),
        "risk": "medium",
        "inverse": hook.inverse,
        "timeout_seconds": 10,
        "settle_seconds": SETTLE_SECONDS,
    }
