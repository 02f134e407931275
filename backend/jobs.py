"""The job queue: deferred in the transaction that causes the work, handed out again when its worker dies."""

import asyncio
from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol

import procrastinate
import structlog
from procrastinate import BaseRetryStrategy, JobContext, PsycopgConnector, RetryDecision
from procrastinate.jobs import Job
from psycopg import AsyncConnection
from sqlalchemy.ext.asyncio import AsyncSession

from backend.db import SEARCH_PATH, driver_connection, psycopg_url

if TYPE_CHECKING:
    from backend.deps import Deps

log = structlog.get_logger(__name__)

MAX_ATTEMPTS = 6
HEARTBEAT_SECONDS = 2.0
# A worker that has been silent this long is dead: four missed beats and some patience for a busy machine.
STALLED_AFTER_SECONDS = 10.0
SHUTDOWN_SECONDS = 8.0


@dataclass(frozen=True)
class JobKind:
    """A named piece of work and the process (queue) that does it."""

    name: str
    queue: str


INVESTIGATE = JobKind("investigate", "agent")
WRITE_POST_MORTEM = JobKind("write_post_mortem", "agent")
PREPARE_ACTION = JobKind("prepare_action", "actions")
EXECUTE_ACTION = JobKind("execute_action", "actions")
VERIFY_ACTION = JobKind("verify_action", "actions")
EXPIRE_ACTION = JobKind("expire_action", "actions")
SEND_MAIL = JobKind("send_mail", "notify")
ALL_KINDS = (INVESTIGATE, WRITE_POST_MORTEM, PREPARE_ACTION, EXECUTE_ACTION, VERIFY_ACTION, EXPIRE_ACTION, SEND_MAIL)


class Handler(Protocol):
    """Does one job. It may run again after a crash, so it re-checks the state under lock."""

    # Both kinds of arguments are open, so that each handler can declare its own.
    def __call__(self, deps: "Deps", /, *args: Any, **kwargs: Any) -> Awaitable[None]: ...


def _never_opened() -> procrastinate.App:
    """An app without a pool: it can only write on the connection it is given."""
    return procrastinate.App(connector=PsycopgConnector())


_DEFERRER = _never_opened()


async def defer(
    session: AsyncSession, kind: JobKind, *, at: datetime | None = None, lock: str | None = None, **args: Any
) -> int:
    """Queues a job in the session's own transaction: there is a job if and only if there is its cause.

    `lock`: jobs with the same lock run one after the other. Returns the job's id.
    """
    connection = await driver_connection(session)
    job = _DEFERRER.configure_task(
        kind.name, queue=kind.queue, schedule_at=at, lock=lock, connection=connection, allow_unknown=True
    )
    return await job.defer_async(**args)


async def defer_many(
    session: AsyncSession, kind: JobKind, waiting: Sequence[tuple[str | None, Mapping[str, Any]]]
) -> None:
    """Queues many jobs of one kind in one statement, each with its own (lock, arguments). As `defer` otherwise."""
    connection = await driver_connection(session)
    batch = [
        Job(queue=kind.queue, lock=lock, queueing_lock=None, task_name=kind.name, task_kwargs=dict(args))
        for lock, args in waiting
    ]
    await _DEFERRER.job_manager.batch_defer_jobs_async(jobs=batch, connection=connection)


class _Backoff(BaseRetryStrategy):
    """1, 2, 4, 8, 16 s; a job cut off by a shutdown starts again at once."""

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision | None:
        if isinstance(exception, asyncio.CancelledError):
            return RetryDecision(retry_in={"seconds": 0})
        if job.attempts + 1 >= MAX_ATTEMPTS:
            return None
        return RetryDecision(retry_in={"seconds": 2**job.attempts})


async def run_worker(
    deps: "Deps",
    queue: str,
    handlers: Mapping[JobKind, Handler],
    *,
    give_up: Mapping[JobKind, Handler] | None = None,
    concurrency: int = 4,
    stop: asyncio.Event | None = None,
) -> None:
    """Works on one queue until told to stop (SIGTERM, SIGINT or `stop`).

    `give_up` handlers are called, with an extra `error` argument, when a job has failed for the last time.
    """
    connector = PsycopgConnector(
        conninfo=psycopg_url(deps.db.url), min_size=2, max_size=concurrency + 2, configure=_configure
    )
    app = procrastinate.App(connector=connector)
    for kind, handler in handlers.items():
        _register(app, deps, kind, handler, (give_up or {}).get(kind))
    async with app.open_async():
        rescuer = asyncio.create_task(_rescue_stalled_jobs(app, queue))
        worker = asyncio.create_task(
            app.run_worker_async(
                queues=[queue],
                name=queue,
                concurrency=concurrency,
                fetch_job_polling_interval=2.0,
                shutdown_graceful_timeout=SHUTDOWN_SECONDS,
                delete_jobs="successful",
                update_heartbeat_interval=HEARTBEAT_SECONDS,
                stalled_worker_timeout=STALLED_AFTER_SECONDS,
                install_signal_handlers=stop is None,
            )
        )
        try:
            await _until(worker, stop)
        finally:
            rescuer.cancel()


async def _until(worker: "asyncio.Task[None]", stop: asyncio.Event | None) -> None:
    if stop is None:
        return await worker
    stopping = asyncio.create_task(stop.wait())
    await asyncio.wait({worker, stopping}, return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()
    if not worker.done():
        worker.cancel()
    try:
        await worker
    except asyncio.CancelledError:
        if not worker.cancelled():
            raise


async def _configure(connection: "AsyncConnection[Any]") -> None:
    await connection.execute(f"set search_path = {SEARCH_PATH}".encode())
    await connection.commit()


def _register(app: procrastinate.App, deps: "Deps", kind: JobKind, handler: Handler, give_up: Handler | None) -> None:
    @app.task(name=kind.name, queue=kind.queue, retry=_Backoff(), pass_context=True)
    async def run(context: JobContext, **args: Any) -> None:  # pyright: ignore[reportUnusedFunction]
        with structlog.contextvars.bound_contextvars(job=kind.name, job_id=context.job.id, **args):
            try:
                await handler(deps, **args)
            except Exception as error:
                last = context.job.attempts + 1 >= MAX_ATTEMPTS
                log.exception("job_failed", attempt=context.job.attempts + 1, last=last)
                if last and give_up is not None:
                    await give_up(deps, error=str(error), **args)
                raise


async def _rescue_stalled_jobs(app: procrastinate.App, queue: str) -> None:
    """Hands out again what a killed worker was doing; every worker does this for its own queue."""
    while True:
        try:
            for job in await app.job_manager.get_stalled_jobs(
                queue=queue, seconds_since_heartbeat=STALLED_AFTER_SECONDS
            ):
                log.warning("job_rescued", job=job.task_name, job_id=job.id)
                await app.job_manager.retry_job(job)
        except Exception:
            log.warning("rescue_failed", exc_info=True)
        await asyncio.sleep(HEARTBEAT_SECONDS)
