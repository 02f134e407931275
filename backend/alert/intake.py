"""Group commit for the intake: what arrives while a transaction is under way shares the next one.

No request is answered before the commit of the transaction that holds all of it, and no request fails because of
another one: what cannot be stored together is stored one by one.
"""

import asyncio
import time
from dataclasses import dataclass
from datetime import datetime

import psycopg.errors
import structlog
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from tenacity import AsyncRetrying, retry_if_exception, stop_after_attempt, wait_random_exponential

from backend.alert import integrations, service
from backend.alert.delivery import Delivery, Received
from backend.alert.integrations import UnknownToken
from backend.alert.kinds import Batch
from backend.deps import Deps

log = structlog.get_logger(__name__)

# One transaction takes at least one request, however large, and others only up to this many alerts.
GROUP_ALERTS = 1_000
# Under load, those who were just answered send again at once: a moment's wait, and one transaction serves them and
# those who waited meanwhile. Measured: a quarter less work per request here, a third less in PostgreSQL.
GATHER_SECONDS = 0.002
ATTEMPTS = 6
NOTE_USE_SECONDS = 60.0


@dataclass
class _Waiting:
    token_hash: bytes
    batch: Batch
    answer: "asyncio.Future[Received]"


class Intake:
    """Takes the deliveries of one kind of integration."""

    def __init__(self, deps: Deps, kind: str) -> None:
        self._deps = deps
        self._kind = kind
        self._known: set[bytes] = set()
        self._waiting: list[_Waiting] = []
        self._committing: asyncio.Task[None] | None = None
        self._use_noted_at = float("-inf")

    @property
    def max_bytes(self) -> int:
        """The largest body taken."""
        return self._deps.settings.webhook_max_bytes

    def now(self) -> datetime:
        """When what is being received came in."""
        return self._deps.clock.now()

    async def admit(self, token: str) -> bytes:
        """Refuses a token that was never valid before its body is read. Raises UnknownToken.

        Whether it still is valid is asked again in the transaction that stores the alerts.
        """
        token_hash = integrations.hashed(token)
        if token_hash not in self._known:
            async with self._deps.db.transaction() as session:
                if not await integrations.senders(session, self._kind, [token_hash], self.now()):
                    raise UnknownToken()
            self._known.add(token_hash)
        return token_hash

    async def submit(self, token_hash: bytes, batch: Batch) -> Received:
        """Stores a batch; returns after its commit. Raises UnknownToken."""
        answer: asyncio.Future[Received] = asyncio.get_running_loop().create_future()
        self._waiting.append(_Waiting(token_hash, batch, answer))
        if self._committing is None:
            self._committing = asyncio.create_task(self._commit_all())
        return await answer

    async def close(self) -> None:
        """Waits for what was taken."""
        if self._committing is not None:
            await self._committing

    async def _commit_all(self) -> None:
        try:
            while self._waiting:
                group = self._next_group()
                await self._commit(group)
                if len(group) > 1:
                    await asyncio.sleep(GATHER_SECONDS)
        finally:
            self._committing = None

    def _next_group(self) -> list[_Waiting]:
        size, alerts = 1, len(self._waiting[0].batch.alerts)
        for waiting in self._waiting[1:]:
            alerts += len(waiting.batch.alerts)
            if alerts > GROUP_ALERTS:
                break
            size += 1
        group, self._waiting = self._waiting[:size], self._waiting[size:]
        return group

    async def _commit(self, group: list[_Waiting]) -> None:
        try:
            answers = await self._retried(group)
        except Exception as error:
            if len(group) == 1 or _database_is_away(error):
                _fail(group, error)
                return
            log.warning("intake_group_failed", requests=len(group), error=str(error).splitlines()[0])
            for waiting in group:
                await self._commit([waiting])
            return
        for waiting, answer in zip(group, answers, strict=True):
            if waiting.answer.done():  # The client went away; its alerts are stored all the same.
                continue
            if answer is None:
                self._known.discard(waiting.token_hash)
                waiting.answer.set_exception(UnknownToken())
            else:
                waiting.answer.set_result(answer)

    async def _retried(self, group: list[_Waiting]) -> list[Received | None]:
        async for attempt in AsyncRetrying(
            retry=retry_if_exception(_may_succeed_again),
            wait=wait_random_exponential(multiplier=0.02, max=0.5),
            stop=stop_after_attempt(ATTEMPTS),
            reraise=True,
        ):
            with attempt:
                return await self._store(group)
        raise AssertionError("tenacity ends with a result or an error")

    async def _store(self, group: list[_Waiting]) -> list[Received | None]:
        """One transaction for the group. None: the token of that request is not valid (any more)."""
        now = self._deps.clock.now()
        async with self._deps.db.transaction() as session:
            senders = await integrations.senders(session, self._kind, {w.token_hash for w in group}, now)
            valid = [waiting for waiting in group if waiting.token_hash in senders]
            deliveries = [Delivery(senders[waiting.token_hash], waiting.batch) for waiting in valid]
            stored = iter(await service.receive_many(session, deliveries, now))
            if time.monotonic() - self._use_noted_at > NOTE_USE_SECONDS:
                await integrations.note_use(session, {sender.id for sender in senders.values()}, now)
                self._use_noted_at = time.monotonic()
        return [next(stored) if waiting.token_hash in senders else None for waiting in group]


def _fail(group: list[_Waiting], error: Exception) -> None:
    for waiting in group:
        if not waiting.answer.done():
            waiting.answer.set_exception(error)


def _may_succeed_again(error: BaseException) -> bool:
    """Lost races between transactions, which PostgreSQL resolves by ending one of them."""
    cause = error.orig if isinstance(error, DBAPIError) else error
    return isinstance(cause, psycopg.errors.DeadlockDetected | psycopg.errors.SerializationFailure)


def _database_is_away(error: Exception) -> bool:
    return isinstance(error, OperationalError | InterfaceError | PoolTimeout | OSError)
