"""nightdesk worker checks: claims what is due, probes many at once, records in batches.

It sleeps until the next check is due, a monitor is changed (LISTEN), or a probe makes room. Nothing is probed without a
lease, and nothing is recorded after the lease is lost; a worker that stops gives its leases back.
"""

import asyncio
import contextlib
import secrets
from collections.abc import AsyncGenerator, Coroutine
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any

import psycopg
import structlog
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from backend.db import psycopg_url
from backend.deps import Deps
from backend.monitor import checking
from backend.monitor.checking import Claim, Seen
from backend.monitor.kinds import Result
from backend.monitor.service import CHANNEL
from backend.process import process_name
from checks.registry import Probes, open_probes

log = structlog.get_logger(__name__)

CONCURRENCY = 200
# What becomes due within this time is claimed together.
BATCH_SECONDS = 0.05
# A killed worker's leases run out without anybody being told.
LOOK_AGAIN_SECONDS = 5.0
RETRY_SECONDS = (0.5, 1.0, 2.0, 5.0)
FINISH_SECONDS = 4.0
MAINTAIN_EVERY = timedelta(days=1)

# The database does not answer, or ended the transaction to resolve a deadlock.
AWAY = (OperationalError, InterfaceError, PoolTimeout, psycopg.OperationalError, OSError)


async def run(deps: Deps, stop: asyncio.Event) -> None:
    """Works until `stop` is set; then finishes or gives back what it holds."""
    async with open_probes() as probes:
        checker = Checker(deps, probes)
        async with _alongside(checker.listen(), checker.maintain()):
            working = asyncio.create_task(checker.work())
            stopping = asyncio.create_task(stop.wait())
            await asyncio.wait({working, stopping}, return_when=asyncio.FIRST_COMPLETED)
            stopping.cancel()
            working.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await working
            await checker.finish()


class Checker:
    """One worker: what it holds, and what it has seen but not yet recorded."""

    def __init__(self, deps: Deps, probes: Probes) -> None:
        # Unique per start: a restarted container may get the host name and the process id of the one before.
        self.name = f"{process_name()}:{secrets.token_hex(3)}"
        self._deps = deps
        self._probes = probes
        self._random = secrets.SystemRandom()
        self._wake = asyncio.Event()
        self._probing: set[asyncio.Task[None]] = set()
        self._seen: list[Seen] = []
        self._recording: asyncio.Task[None] | None = None

    async def work(self) -> None:
        """Claims and probes until cancelled."""
        failures = 0
        while True:
            self._wake.clear()
            try:
                seconds = await self._claim_due()
                failures = 0
            except AWAY as error:
                seconds = RETRY_SECONDS[min(failures, len(RETRY_SECONDS) - 1)]
                failures += 1
                log.warning("claim_failed", error=_line(error), retry_seconds=seconds)
                await asyncio.sleep(seconds)
                continue
            await self._sleep(seconds)

    async def _claim_due(self) -> float:
        """Starts what is due; answers for how long there is nothing to do."""
        room = CONCURRENCY - len(self._probing)
        if room <= 0:
            return LOOK_AGAIN_SECONDS
        now = self._deps.clock.now()
        async with self._deps.db.transaction() as session:
            claims = await checking.claim(session, self.name, room, now)
            due = await checking.next_due(session, now)
        for claim in claims:
            task = asyncio.create_task(self._look(claim))
            self._probing.add(task)
            task.add_done_callback(self._probing.discard)
        return LOOK_AGAIN_SECONDS if due is None else (due - now).total_seconds()

    async def _sleep(self, seconds: float) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(min(max(seconds, BATCH_SECONDS), LOOK_AGAIN_SECONDS)):
                await self._wake.wait()
            await asyncio.sleep(BATCH_SECONDS)

    async def _look(self, claim: Claim) -> None:
        try:
            result = await self._probes.look(claim, self._deps.clock.now())
        except Exception as error:
            # A defect of a probe is our trouble, too.
            log.error("probe_crashed", monitor_id=str(claim.monitor_id), type=claim.type, exc_info=error)
            result = Result("unknown", self._deps.clock.now(), error=f"the probe failed: {_line(error)}"[:500])
        self._seen.append(Seen(claim, result, self._random.random()))
        if self._recording is None:
            self._recording = asyncio.create_task(self._record_all())

    async def _record_all(self) -> None:
        """Records what has been seen; what is seen meanwhile is recorded next."""
        try:
            while self._seen:
                batch, self._seen = self._seen, []
                await self._record(batch)
                self._wake.set()
        finally:
            self._recording = None

    async def _record(self, batch: list[Seen]) -> None:
        for seconds in RETRY_SECONDS:
            try:
                now = self._deps.clock.now()
                async with self._deps.db.transaction() as session:
                    await checking.record(session, batch, self.name, now)
                return
            except AWAY as error:
                log.warning("record_failed", checks=len(batch), error=_line(error), retry_seconds=seconds)
                await asyncio.sleep(seconds)
            except Exception as error:
                ids = [str(seen.claim.monitor_id) for seen in batch[:10]]
                log.error("record_refused", checks=len(batch), monitor_ids=ids, error=_line(error))
                break
        else:
            return  # They are looked at again when their leases have run out.
        if len(batch) > 1:
            # One that cannot be recorded must not take the others along.
            for seen in batch:
                await self._record([seen])

    async def finish(self) -> None:
        """Gives probes a moment, records what they saw, gives back the leases of the others."""
        if self._probing:
            _, late = await asyncio.wait(self._probing, timeout=FINISH_SECONDS)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)
        if self._recording is not None:
            await self._recording
        with contextlib.suppress(*AWAY):
            async with self._deps.db.transaction() as session:
                await checking.release(session, self.name)

    async def listen(self) -> None:
        """Wakes the worker when somebody changes a monitor. Runs until cancelled."""
        failures = 0
        while True:
            try:
                async with await psycopg.AsyncConnection.connect(
                    psycopg_url(self._deps.db.url), autocommit=True, application_name="nightdesk-checks-listen"
                ) as connection:
                    await connection.execute(f"listen {CHANNEL}".encode())
                    failures = 0
                    self._wake.set()
                    async for _ in connection.notifies():
                        self._wake.set()
            except AWAY as error:
                log.warning("listen_failed", error=_line(error))
            await asyncio.sleep(RETRY_SECONDS[min(failures, len(RETRY_SECONDS) - 1)])
            failures += 1

    async def maintain(self) -> None:
        """Keeps the partitions of the checks, once a day and at the start. Runs until cancelled."""
        failures = 0
        while True:
            try:
                await self._maintain_once(self._deps.clock.now())
                failures = 0
                await asyncio.sleep(MAINTAIN_EVERY.total_seconds())
            except AWAY as error:
                log.warning("maintenance_failed", error=_line(error))
                await asyncio.sleep(min(60.0 * 2**failures, 3600.0))
                failures += 1

    async def _maintain_once(self, now: datetime) -> None:
        async with self._deps.db.transaction() as session:
            dropped = await checking.maintain(session, self._deps.settings.monitor_checks_keep_days, now)
        if dropped:
            log.info("checks_dropped", partitions=dropped)


@asynccontextmanager
async def _alongside(*works: Coroutine[Any, Any, None]) -> AsyncGenerator[None]:
    """Runs works that have no end of their own, until the block ends."""
    tasks = [asyncio.create_task(work) for work in works]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _line(error: BaseException) -> str:
    return f"{type(error).__name__}: {(str(error).splitlines() or [''])[0]}"[:300]
