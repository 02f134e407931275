"""A hundred thousand lines, and nobody else kept waiting. How long it takes: `nightdesk bench investigate`."""

import asyncio
import time
from datetime import timedelta
from pathlib import Path

from agent_graph.worker import investigate
from backend.deps import Deps
from tests.agent_graph import stage

NEEDLE = "ERROR write failed: [Errno 28] No space left on device: '/data/orders.log'"


async def test_the_needle_in_a_hundred_thousand_lines_without_blocking_the_loop(deps: Deps, tmp_path: Path):
    log = tmp_path / "shop.log"
    began = deps.clock.now() - timedelta(minutes=10)
    with log.open("w") as file:
        for n in range(100_000):
            at = began + timedelta(milliseconds=5 * n)
            file.write(f"{at:%Y-%m-%dT%H:%M:%S.%fZ} INFO GET /orders/{n} 200 {n % 97}ms id={n * 7919:x}\n")
            if n == 70_000:
                file.write(f"{at:%Y-%m-%dT%H:%M:%S.%fZ} {NEEDLE}\n")
    async with stage.agent(deps, docker_host="unix:///nowhere", log_roots=(tmp_path,)) as (own, parts):
        monitor_id = await stage.add_monitor(
            own, "up", "down", "down", error="expected 200-299, got 500", logs_file=str(log)
        )
        incident_id = await stage.open_incident(
            own, "shop", source_type="monitor", container_runtime=None, monitor_id=monitor_id
        )
        turns: list[float] = []
        watching = asyncio.create_task(watch(turns))
        await investigate(own, incident_id=str(incident_id), parts=parts)
        watching.cancel()
        incident = await stage.incident(own, incident_id)
    assert incident.incident_type == "disk_pressure"
    assert "No space left on device" in (incident.root_cause or "")
    # A blocked loop gives a few turns between its blocks, whatever the machine; a free one gives hundreds.
    assert len(turns) > 50


async def watch(turns: list[float]) -> None:
    """Notes every turn that a task gets which wants one each 5 ms."""
    while True:
        await asyncio.sleep(0.005)
        turns.append(time.perf_counter())
