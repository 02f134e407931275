"""The investigator: from an accepted alert to a proposal, and one decisive line among a hundred thousand."""

import asyncio
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

from backend.bench import alerts, outside
from backend.bench.instance import BenchFailed, Running, folder, free_port, running
from backend.bench.kinds import Figure, Goal, Row, percentile
from backend.client import Bell, Client, listening, signed_in

QUICK = Goal("p95 < 2 s", at_most=2)
FAST = Goal("< 3 s", at_most=3)
FOUND = Goal("the decisive line is found", at_least=1)
PER_SECOND = 2.0
DECISIVE = "could not renew lease 4711: certificate has expired"
WAIT_SECONDS = 60.0
LOOK_SECONDS = 1.0


@dataclass(frozen=True)
class Size:
    """How many incidents, and how many lines in the long log."""

    incidents: int = 40
    lines: int = 100_000


FULL = Size()
TINY = Size(incidents=2, lines=2_000)


async def run(size: Size) -> list[Row]:
    """Both on one instance, whose Loki and Prometheus are ours and whose log root is a temporary folder."""
    with folder() as data_dir, outside.serving() as url:
        logs = data_dir.with_name("logs")
        logs.mkdir()
        with running(data_dir, LOKI_URL=url, PROMETHEUS_URL=url, NIGHTDESK_LOG_ROOTS=str(logs)) as instance:
            bell = Bell()
            account = await asyncio.to_thread(instance.account)
            async with signed_in(instance.url, account) as client, listening(client, bell):
                rows = await _to_proposals(instance, client, bell, size)
                return rows + await _in_many_lines(client, bell, logs, size)


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


async def _in_many_lines(client: Client, bell: Bell, logs: Path, size: Size) -> list[Row]:
    """A monitor of something dead names a log file; one of its lines says why it died."""
    file = logs / "long.log"
    await asyncio.to_thread(_write_log, file, size.lines)
    monitor = await client.post("/api/monitors", _monitor(file))
    ends = time.monotonic() + WAIT_SECONDS
    while (incident := await _concluded(client, monitor["id"])) is None:
        if time.monotonic() > ends:
            raise BenchFailed("The investigation of the long log did not end.")
        await bell.wait(LOOK_SECONDS)
    (investigation,) = await client.items(f"/api/incidents/{incident['id']}/investigations")
    hypotheses = await client.items(f"/api/incidents/{incident['id']}/hypotheses")
    cited = " ".join(citation["quote"] for hypothesis in hypotheses[:1] for citation in hypothesis["supporting"])
    found = DECISIVE in (incident["root_cause"] or "") or DECISIVE in cited
    started, finished = (datetime.fromisoformat(investigation[name]) for name in ("started_at", "finished_at"))
    what = f"investigation with {size.lines:,} log lines ({file.stat().st_size / 1e6:.1f} MB)"
    return [
        Row(Figure(what, (finished - started).total_seconds(), "s"), None, FAST),
        Row(Figure("the decisive line is cited for the root cause", float(found), "of 1"), None, FOUND),
    ]


async def _concluded(client: Client, monitor_id: str) -> Any:
    incidents = (await client.get("/api/incidents"))["items"]
    return next((i for i in incidents if i["monitor_id"] == monitor_id and i["verdict"]), None)


def _write_log(file: Path, lines: int) -> None:
    """Ordinary lines of several templates with some harmless warnings; the decisive one is in the middle."""
    at = datetime.now(UTC) - timedelta(seconds=lines / 200)
    moments = (f"{at + timedelta(milliseconds=5 * n):%Y-%m-%dT%H:%M:%S.%f}Z" for n in count())
    with file.open("w") as out:
        for n, moment in zip(range(lines), moments, strict=False):
            if n == lines // 2:
                out.write(f"{moment} FATAL ledger: {DECISIVE}\n")
            elif n % 500 == 0:
                out.write(f"{moment} WARN cache: entry {n} was evicted after {n % 60} s\n")
            else:
                out.write(f"{moment} INFO http: GET /orders/{n} answered 200 in {n % 97} ms by worker-{n % 8}\n")


def _monitor(file: Path) -> dict[str, Any]:
    return {
        "name": "bench-ledger",
        "type": "http",
        "address": f"http://127.0.0.1:{free_port()}/health",
        "interval_seconds": 1,
        "failure_threshold": 1,
        "config": {"logs_file": str(file)},
    }


_HOOK = {
    "name": "restart",
    "description": "Restarts the service.",
    "url": "http://127.0.0.1:9/never-called",
    "categories": ["app_crash", "unknown"],
}
