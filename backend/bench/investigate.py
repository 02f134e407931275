"""The investigator: from an accepted alert to a proposal."""

import asyncio
import time
from dataclasses import dataclass
from datetime import UTC, datetime

from backend.bench import alerts, outside
from backend.bench.instance import BenchFailed, Running, folder, running
from backend.bench.kinds import Figure, Goal, Row, percentile
from backend.client import Bell, Client, listening, signed_in

QUICK = Goal("p95 < 2 s", at_most=2)
PER_SECOND = 2.0
WAIT_SECONDS = 60.0
LOOK_SECONDS = 1.0


@dataclass(frozen=True)
class Size:
    """How many incidents."""

    incidents: int = 40


FULL = Size()
TINY = Size(incidents=2)


async def run(size: Size) -> list[Row]:
    """On an instance of its own, whose Loki and Prometheus are ours."""
    with (
        folder() as data_dir,
        outside.serving() as url,
        running(data_dir, LOKI_URL=url, PROMETHEUS_URL=url) as instance,
    ):
        bell = Bell()
        account = await asyncio.to_thread(instance.account)
        async with signed_in(instance.url, account) as client, listening(client, bell):
            return await _to_proposals(instance, client, bell, size)


async def _to_proposals(instance: Running, client: Client, bell: Bell, size: Size) -> list[Row]:
    """Alerts arrive at a steady pace, each about another service; a hook fits them all."""
    await client.post("/api/runbook-hooks", _HOOK)
    path = await asyncio.to_thread(instance.webhook)
    sent: dict[str, datetime] = {}
    sending: list[asyncio.Task[None]] = []
    for number in range(size.incidents):
        sending.append(asyncio.create_task(_send(client, path, number, sent)))
        await asyncio.sleep(1 / PER_SECOND)
    await asyncio.gather(*sending)
    proposed = await _proposed(client, bell, size.incidents)
    seconds = [(at - sent[target]).total_seconds() for target, at in proposed.items()]
    what = (
        f"alert sent → proposal ready, p95 of {size.incidents}, {PER_SECOND:g} a second; Loki, Prometheus on loopback"
    )
    return [
        Row(Figure(what, percentile(seconds, 95), "s"), None, QUICK),
        Row(Figure("the same, median", percentile(seconds, 50), "s")),
    ]


async def _send(client: Client, path: str, number: int, sent: dict[str, datetime]) -> None:
    target = f"bench-{number}"
    body = alerts.body([alerts.alert("ServiceDown", number, target)])
    sent[target] = datetime.now(UTC)
    answer = await client.http.post(path, content=body)
    if answer.status_code != 202:
        raise BenchFailed(f"An alert was answered with {answer.status_code}: {answer.text[:200]}")


async def _proposed(client: Client, bell: Bell, wanted: int) -> dict[str, datetime]:
    """When which target's proposal was ready."""
    ends = time.monotonic() + WAIT_SECONDS
    while True:
        actions = await client.items("/api/actions", status="proposed")
        if len(actions) >= wanted:
            return {action["target"]: datetime.fromisoformat(action["proposed_at"]) for action in actions}
        if time.monotonic() > ends:
            raise BenchFailed(f"Only {len(actions)} of {wanted} incidents got a proposal in {WAIT_SECONDS:.0f} s.")
        await bell.wait(LOOK_SECONDS)


_HOOK = {
    "name": "restart",
    "description": "Restarts the service.",
    "url": "http://127.0.0.1:9/never-called",
    "categories": ["app_crash", "unknown"],
}
