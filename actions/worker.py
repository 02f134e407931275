"""The actions process: prepares proposals, carries out what was approved, looks whether it helped.

Each handler claims, acts and records: no network call is made inside a transaction, and the attempt is on record before
the call. All of them may run again after a crash; what they find in the rows decides what they do.
"""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import structlog
from pydantic import JsonValue
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from tenacity import retry, retry_if_exception_type, stop_after_delay, wait_exponential

from actions import engine
from actions.engine import DockerEngine, NoEngine
from actions.kinds import NotPossible, Order, Tools
from actions.orders import Executed, read_executed, read_order
from actions.registry import runner_for
from actions.runners import hook
from actions.verify.kinds import ContainerSeen, Signals
from actions.verify.verdict import Verdict, judge, next_look_seconds
from backend import jobs
from backend.action import decision, execution, service
from backend.action.kinds import CATALOGUE, Preview, Result, VerificationCheck
from backend.connection.docker import UnusableDockerHost, docker_engine
from backend.deps import Deps
from backend.errors import Unavailable
from backend.jobs import Handler, JobKind
from backend.process import process_name
from backend.settings import Settings

log = structlog.get_logger(__name__)

# Most jobs wait for somebody else: a hook, a container that stops, a service that comes back.
CONCURRENCY = 16
# Waiting longer than this gives the place to another job.
LONGEST_WAIT_SECONDS = 2.0
# A result that cannot be written is kept this long: losing it would make a known outcome unknown.
KEEP_RESULT_SECONDS = 60


async def run(deps: Deps, stop: asyncio.Event) -> None:
    """Works on the queue until `stop` is set."""
    async with open_tools(deps.settings) as tools:
        work = Work(tools)
        await jobs.run_worker(
            deps, "actions", work.handlers(), give_up=work.give_up(), concurrency=CONCURRENCY, stop=stop
        )


@asynccontextmanager
async def open_tools(settings: Settings) -> AsyncGenerator[Tools]:
    """The clients of the outside world. Nothing is connected yet; what is not there is found out when it is needed."""
    async with AsyncExitStack() as stack:
        http = await stack.enter_async_context(hook.open_client())
        try:
            address = docker_engine(settings)
        except UnusableDockerHost as error:
            log.warning("docker_unusable", reason=error.detail)
            yield Tools(http, error.detail)
            return
        client = await stack.enter_async_context(engine.open_client(address))
        yield Tools(http, DockerEngine(address, client))


@dataclass(frozen=True)
class Work:
    """The handlers of the queue `actions`."""

    tools: Tools

    def handlers(self) -> dict[JobKind, Handler]:
        return {
            jobs.PREPARE_ACTION: self.prepare,
            jobs.EXECUTE_ACTION: self.execute,
            jobs.VERIFY_ACTION: self.verify,
            jobs.EXPIRE_ACTION: self.expire,
        }

    def give_up(self) -> dict[JobKind, Handler]:
        return {
            jobs.PREPARE_ACTION: self.cannot_prepare,
            jobs.EXECUTE_ACTION: self.cannot_execute,
            jobs.VERIFY_ACTION: self.cannot_verify,
        }

    async def prepare(self, deps: Deps, *, action_id: str) -> None:
        """Looks at the target and puts the draft before the people, or turns it into advice."""
        order = await self._order(deps, action_id)
        if order.status != "drafted":
            return
        try:
            preview, state = await self._look(deps, order)
        except NotPossible as error:
            async with deps.db.transaction() as session:
                await service.advise(session, order.action_id, error.detail, deps.clock.now())
            return
        async with deps.db.transaction() as session:
            await service.propose(session, order.action_id, preview, state, deps.settings, deps.clock.now())

    async def _look(self, deps: Deps, order: Order) -> tuple[Preview, dict[str, JsonValue]]:
        """Preview and target state of one and the same moment."""
        runner, now = runner_for(order.kind, self.tools), deps.clock.now()
        before = await runner.target_state(order, now)
        preview = await runner.preview(order, now)
        after = await runner.target_state(order, now)
        if before is None or before != after:
            raise Unavailable(f"{order.target} is changing right now; looking again.")
        return preview, before

    async def execute(self, deps: Deps, *, action_id: str) -> None:
        """Looks, asks again under lock, writes the attempt, commits, acts, records."""
        order = await self._order(deps, action_id)
        if order.status not in ("approved", "executing"):
            return
        runner = runner_for(order.kind, self.tools)
        state = await runner.target_state(order, deps.clock.now()) if order.status == "approved" else None
        async with deps.db.transaction() as session:
            go = await execution.start(
                session,
                order.action_id,
                state,
                deps.settings,
                deps.clock.now(),
                worker=process_name(),
                idempotent=_may_repeat(order),
            )
        if go == "run":
            result = await runner.run(order)
            log.info("action_run", action_id=action_id, kind=order.kind, outcome=result.outcome)
            await self._record(deps, order, result)

    @retry(
        retry=retry_if_exception_type((OperationalError, InterfaceError, PoolTimeout)),
        stop=stop_after_delay(KEEP_RESULT_SECONDS),
        wait=wait_exponential(multiplier=0.2, max=5),
        reraise=True,
    )
    async def _record(self, deps: Deps, order: Order, result: Result) -> None:
        async with deps.db.transaction() as session:
            await execution.finish(session, order.action_id, result, deps.clock.now())

    async def verify(self, deps: Deps, *, action_id: str) -> None:
        """Looks about every second while it is fresh, then from time to time in a new job, until there is a verdict.

        Everything is judged from the stored end of the execution, so it may die and begin again at any point.
        """
        while True:
            async with deps.db.transaction() as session:
                executed = await read_executed(session, UUID(action_id))
            if executed is None:
                return
            signals = await self._signals(executed)
            now = deps.clock.now()
            verdict = judge(signals, deps.settings.verify_patience_seconds, now)
            if verdict is not None:
                await self._conclude(deps, action_id, verdict)
                return
            wait = next_look_seconds(executed.finished_at, now)
            if wait > LONGEST_WAIT_SECONDS:
                async with deps.db.transaction() as session:
                    await jobs.defer(session, jobs.VERIFY_ACTION, at=now + timedelta(seconds=wait), action_id=action_id)
                return
            await asyncio.sleep(wait)

    async def _signals(self, executed: Executed) -> Signals:
        return Signals(
            outcome=executed.outcome,
            said=executed.said,
            finished_at=executed.finished_at,
            settle_seconds=executed.settle_seconds,
            firing=executed.firing,
            alerts=executed.alerts,
            alerts_firing=executed.alerts_firing,
            monitor=executed.monitor,
            container=await self._container(executed),
        )

    async def _container(self, executed: Executed) -> ContainerSeen | None:
        """The container, if there is one to look at: an incident's target may be no container of this engine at all."""
        if executed.container is None or isinstance(self.tools.engine, str):
            return None
        found, trouble = None, None
        try:
            found = await self.tools.engine.inspect(executed.container)
        except (Unavailable, NoEngine) as error:
            trouble = error.detail
        if found is None and not executed.is_container_action:
            return None
        return ContainerSeen(executed.container, found, trouble, executed.baseline, executed.ran_before)

    async def _conclude(self, deps: Deps, action_id: str, verdict: Verdict) -> None:
        async with deps.db.transaction() as session:
            await execution.verified(
                session, UUID(action_id), verdict.outcome, verdict.checks, deps.settings, deps.clock.now()
            )
        log.info("action_verified", action_id=action_id, outcome=verdict.outcome)

    async def expire(self, deps: Deps, *, action_id: str) -> None:
        """Ends a proposal whose time is over; one that was postponed is asked again when its time comes."""
        async with deps.db.transaction() as session:
            again = await decision.expire(session, UUID(action_id), deps.clock.now())
            if again is not None:
                await jobs.defer(session, jobs.EXPIRE_ACTION, at=again, action_id=action_id)

    async def cannot_prepare(self, deps: Deps, *, action_id: str, error: str) -> None:
        async with deps.db.transaction() as session:
            await service.advise(session, UUID(action_id), error, deps.clock.now())

    async def cannot_execute(self, deps: Deps, *, action_id: str, error: str) -> None:
        async with deps.db.transaction() as session:
            await execution.cannot_start(session, UUID(action_id), error, deps.clock.now())

    async def cannot_verify(self, deps: Deps, *, action_id: str, error: str) -> None:
        check = VerificationCheck(name="verification", ok=None, detail=f"It could not be looked at: {error}")
        await self._conclude(deps, action_id, Verdict("inconclusive", [check]))

    async def _order(self, deps: Deps, action_id: str) -> Order:
        async with deps.db.transaction() as session:
            return await read_order(session, UUID(action_id))


def _may_repeat(order: Order) -> bool:
    """Whether a second run does no harm; of a hook only if it still is the one that was approved."""
    if order.hook is not None:
        return order.hook.idempotent and order.target_state.get("hook") == order.hook.sha256()
    return CATALOGUE[order.kind].idempotent
