"""The agent process: takes investigations and post-mortems from the queue; holds the model key, can only read."""

import asyncio
import uuid
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

import structlog

from agent_graph.analysts.llm.client import open_model
from agent_graph.checkpoints import Pool, open_checkpoints, saver
from agent_graph.deps import Model
from agent_graph.investigator import Investigator
from agent_graph.notebook import DatabaseNotebook
from agent_graph.postmortem import write_post_mortem
from agent_graph.recollection import remembering
from agent_graph.sources.registry import Sources, open_sources
from backend import jobs
from backend.deps import Deps
from backend.errors import Unavailable
from backend.incident.rules import Refusal
from backend.investigation import lease, rules, service
from backend.investigation.kinds import CaseFile
from backend.process import process_name

log = structlog.get_logger(__name__)

CONCURRENCY = 4


@dataclass(frozen=True)
class Parts:
    """What this process has besides its dependencies."""

    investigator: Investigator
    checkpoints: Pool
    model: Model | None


@asynccontextmanager
async def open_parts(deps: Deps) -> AsyncGenerator[Parts]:
    """Sources, model and checkpoints, closed at the end."""
    async with AsyncExitStack() as stack:
        opened = await stack.enter_async_context(open_sources(deps.settings, deps.http))
        sources = Sources({**opened.present, **remembering(deps)}, opened.absent)
        model = await open_model(deps.settings, stack)
        pool = await stack.enter_async_context(open_checkpoints(deps.db.url, size=CONCURRENCY))
        log.info("agent_ready", sources=sorted(sources.present), absent=sources.absent, model=model and model.name)
        yield Parts(Investigator(deps.settings, sources, model), pool, model)


async def run(deps: Deps, stop: asyncio.Event) -> None:
    """Works until told to stop."""
    async with open_parts(deps) as parts:
        handlers: dict[jobs.JobKind, jobs.Handler] = {
            jobs.INVESTIGATE: partial(investigate, parts=parts),
            jobs.WRITE_POST_MORTEM: partial(write_post_mortem, model=parts.model),
        }
        give_up: dict[jobs.JobKind, jobs.Handler] = {jobs.INVESTIGATE: give_up_investigation}
        await jobs.run_worker(deps, "agent", handlers, give_up=give_up, concurrency=CONCURRENCY, stop=stop)


async def investigate(deps: Deps, *, incident_id: str, parts: Parts, hint: str | None = None, **_: Any) -> None:
    """claim · think · record. Found again after a crash, it continues where the checkpoint says."""
    # Unique per attempt: a job handed out twice is two workers, also within one process.
    worker = f"{process_name()}:{uuid.uuid4().hex[:8]}"
    async with deps.db.transaction() as session:
        opened = await service.open_case(session, uuid.UUID(incident_id), worker, deps.clock.now(), hint)
    if isinstance(opened, Refusal):
        await _left_alone(deps, incident_id, opened)
        return
    try:
        await _think_and_record(deps, opened, worker, parts)
    except lease.LeaseLost:
        log.warning("investigation_taken_over", incident_id=incident_id)
    except BaseException:
        async with deps.db.transaction() as session:
            await lease.release_lease(session, opened.investigation_id, worker)
        raise


async def _left_alone(deps: Deps, incident_id: str, refusal: Refusal) -> None:
    log.info("investigation_refused", incident_id=incident_id, reason=refusal.reason)
    if refusal is rules.BUSY:
        # The other worker may be dead: come back when its lease is over.
        raise Unavailable(refusal.reason)


async def _think_and_record(deps: Deps, case: CaseFile, worker: str, parts: Parts) -> None:
    notebook = DatabaseNotebook(deps, case.investigation_id, worker)
    checkpointer = saver(parts.checkpoints)
    async with _kept_lease(deps, case.investigation_id, worker):
        report = await parts.investigator.investigate(case, notebook, checkpointer)
    async with deps.db.transaction() as session:
        await service.record(session, case.investigation_id, worker, report, deps.clock.now())
    log.info("investigated", incident_id=str(case.incident_id), verdict=report.verdict, category=report.category)
    await checkpointer.adelete_thread(str(case.investigation_id))


@asynccontextmanager
async def _kept_lease(deps: Deps, investigation_id: uuid.UUID, worker: str) -> AsyncGenerator[None]:
    """Renews the lease while the block runs; when it is lost, the block is cancelled and LeaseLost raised."""
    block = asyncio.current_task()
    assert block is not None
    lost: list[lease.LeaseLost] = []

    async def renew() -> None:
        while True:
            await asyncio.sleep(rules.RENEW_SECONDS)
            try:
                async with deps.db.transaction() as session:
                    await lease.renew_lease(session, investigation_id, worker, deps.clock.now())
            except lease.LeaseLost as error:
                lost.append(error)
                block.cancel()
                return
            except Exception:
                log.warning("lease_not_renewed", exc_info=True)

    renewing = asyncio.create_task(renew())
    try:
        yield
    except asyncio.CancelledError:
        if not lost:
            raise
        block.uncancel()
        raise lost[0] from None
    finally:
        renewing.cancel()


async def give_up_investigation(deps: Deps, *, incident_id: str, error: str, **_: Any) -> None:
    """After the last attempt: the incident goes to a person instead of staying stuck."""
    async with deps.db.transaction() as session:
        await service.fail(session, uuid.UUID(incident_id), error, deps.clock.now())
