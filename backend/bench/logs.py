"""One decisive line among a hundred thousand, found by an investigation of the log file that a monitor names."""

import asyncio
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

from backend.bench.instance import BenchFailed, folder, free_port, running
from backend.bench.kinds import Figure, Goal, Row
from backend.client import Bell, Client, listening, signed_in

FAST = Goal("< 3 s", at_most=3)
FOUND = Goal("the decisive line is found", at_least=1)
DECISIVE = "could not renew lease 4711: certificate has expired"
WAIT_SECONDS = 60.0
LOOK_SECONDS = 1.0


@dataclass(frozen=True)
class Size:
    """How many lines the log has."""

    lines: int = 100_000


FULL = Size()
TINY = Size(lines=2_000)


async def run(size: Size) -> list[Row]:
    """On an instance of its own, whose log root is a temporary folder."""
    with folder() as data_dir:
        logs = data_dir.with_name("logs")
        logs.mkdir()
        with running(data_dir, NIGHTDESK_LOG_ROOTS=str(logs)) as instance:
            bell = Bell()
            account = await asyncio.to_thread(instance.account)
            async with signed_in(instance.url, account) as client, listening(client, bell):
                return await _in_many_lines(client, bell, logs, size)


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
