"""kill -9 of any process at any step of the loop: nothing is lost, nothing is done twice, and the loop ends.

One kill meets every step at once. STEPS names them; each has a service whose incident is held exactly there, at the
wire or by its settle window, and the process is killed while all of them are held. Two more tests kill what takes
alerts in, while they come.
"""

import asyncio
import os
import signal
from collections import Counter

import httpx
import pytest

from agent_graph.worker import CONCURRENCY
from tests.stories.outside import Outside
from tests.stories.product import Instance, Watcher
from tests.stories.town import House, firing, house
from tests.support.product import gone, wait_until

PROCESSES = ("api", "checks", "agent", "actions", "notify", "postgres")

# What the incident is doing when the process dies, by the name of its service.
STEPS = {
    "queued": "detected",
    "thinking": "investigating",
    "waiting": "awaiting_approval",
    "acting": "executing_solution",
    "settling": "verifying",
    "writing": "resolved",
}
# Long enough for all to be looked at, and for the kill.
SETTLE_SECONDS = {"settling": 10.0}


def kill(running: Instance, process: str) -> None:
    """SIGKILL, and back again: its successor has started."""
    victim = running.up.pids()[process]
    os.kill(victim, signal.SIGKILL)
    running.up.wait_restarted(process, victim)
    wait_until(lambda: gone(victim))


@pytest.mark.timeout(400)
@pytest.mark.parametrize("process", PROCESSES)
async def test_killed_at_every_step(process: str, running: Instance, olivia: Watcher, world: Outside):
    houses = {
        step: await house(f"{step}-{process}", olivia, world, settle_seconds=SETTLE_SECONDS.get(step, 1))
        for step in STEPS
    }
    crowd = [await house(f"crowd{n}-{process}", olivia, world) for n in range(CONCURRENCY - 1)]
    await hold_everywhere(houses, crowd, world)
    assert set(PROCESSES) == set(running.up.pids())

    await asyncio.to_thread(kill, running, process)

    world.open_all()
    everybody = [*houses.values(), *crowd]
    for one in everybody:
        if one not in (houses["acting"], houses["settling"], houses["writing"]):
            await one.approved()
    for one in everybody:
        await one.becomes("resolved")
        await one.written_up()
    await assert_once(everybody, world, unknown=houses["acting"] if process == "actions" else None)


async def hold_everywhere(houses: dict[str, House], crowd: list[House], world: Outside) -> None:
    """Brings every incident to its step, and checks that all are there at the same time.

    1. Four get their proposal; one is approved, and its hook does not answer.  2. The agent is kept busy by a slow
    Loki, so that the next detection and the post-mortem stay in the queue.  3. Two more are approved: one is over, one
    settles. What comes after the second step must not last as long as a source may take: that is all a test can hold.
    """
    late = ("queued", "thinking")
    early = [one for step, one in houses.items() if step not in late]
    await asyncio.gather(*(one.breaks() for one in early))
    await asyncio.gather(*(one.becomes("awaiting_approval") for one in early))
    hook = world.services.hold_hook(houses["acting"].name)
    await houses["acting"].approved()
    await asyncio.to_thread(hook.wait_until_somebody_waits)

    busy = [houses["thinking"], *crowd]
    gates = [world.loki.hold(one.name) for one in busy]
    await asyncio.gather(*(one.breaks() for one in busy))
    for gate in gates:
        await asyncio.to_thread(gate.wait_until_somebody_waits)
    await houses["queued"].breaks()

    await houses["writing"].approved()
    await houses["writing"].becomes("resolved")
    await houses["settling"].approved()
    await houses["settling"].becomes("verifying")

    looked = await asyncio.gather(*(one.look() for one in houses.values()))
    found = dict(zip(houses, looked, strict=True))
    assert {step: incident["status"] for step, incident in found.items()} == STEPS
    assert not found["writing"]["has_post_mortem"]


async def assert_once(everybody: list[House], world: Outside, *, unknown: House | None) -> None:
    """Nothing twice: one incident, one approval, one call of its hook, one end, one post-mortem."""
    calls = Counter(world.services.calls)
    for one in everybody:
        assert len(await one.incidents()) == 1, one.name
        verbs = await one.verbs()
        for verb in ("detect", "propose", "execute", "start", "verify", "resolve"):
            assert verbs[verb] == 1, (one.name, verb, verbs)
        assert calls[one.name] == 1, one.name
        (action,) = await one.actions()
        assert action["status"] == ("unknown" if one is unknown else "succeeded"), one.name
        assert action["verification"] == "recovered", one.name
        post_mortem = await one.olivia.client.get(f"/api/incidents/{one.incident}/post-mortem")
        assert post_mortem["version"] == 1, one.name


@pytest.mark.parametrize("process", ["api", "postgres"])
async def test_an_alert_that_was_acknowledged_is_never_lost(process: str, running: Instance, olivia: Watcher):
    """Alerts keep coming while the process dies. What got its 202 is there; what did not, its sender sends again."""
    address = await asyncio.to_thread(running.webhook)
    acknowledged: list[str] = []
    stop = asyncio.Event()

    async def send() -> None:
        async with httpx.AsyncClient(timeout=10) as http:
            number = 0
            while not stop.is_set():
                name, number = f"{process}-{number}", number + 1
                try:
                    answer = await http.post(address, json=firing(name))
                except httpx.TransportError:
                    continue
                if answer.status_code == 202:
                    acknowledged.append(name)

    sending = asyncio.create_task(send())
    await olivia.until(lambda: enough(acknowledged, 5), "the first alerts")
    await asyncio.to_thread(kill, running, process)
    before = len(acknowledged)
    await olivia.until(lambda: enough(acknowledged, before + 5), "alerts after the kill")
    stop.set()
    await sending

    incidents = await olivia.client.items("/api/incidents", q=f"about {process}-")
    opened = Counter(incident["target"] for incident in incidents)
    assert {name: opened[name] for name in acknowledged} == dict.fromkeys(acknowledged, 1)


async def enough(acknowledged: list[str], count: int) -> bool:
    return len(acknowledged) >= count
