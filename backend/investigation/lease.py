"""Who may write to an investigation: the one worker that holds its lease, so a late or second one changes nothing."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from backend.errors import Conflict
from backend.investigation import rules
from backend.investigation.model import Investigation


class LeaseLost(Conflict):
    """Another worker has taken this investigation over, or it has ended."""

    code = "lease_lost"


async def renew_lease(session: AsyncSession, investigation_id: uuid.UUID, worker: str, now: datetime) -> None:
    """Keeps the investigation for `worker`. Raises LeaseLost."""
    await _write(session, investigation_id, worker, lease_until=now + rules.LEASE)


async def release_lease(session: AsyncSession, investigation_id: uuid.UUID, worker: str) -> None:
    """Gives an unfinished investigation back, so that the next worker need not wait."""
    await session.execute(
        update(Investigation).where(*_mine(investigation_id, worker)).values(leased_by=None, lease_until=None)
    )


async def _write(session: AsyncSession, investigation_id: uuid.UUID, worker: str, **values: Any) -> None:
    statement = (
        update(Investigation).where(*_mine(investigation_id, worker)).values(**values).returning(Investigation.id)
    )
    if (await session.execute(statement)).scalar_one_or_none() is None:
        raise LeaseLost()


async def leased(session: AsyncSession, investigation_id: uuid.UUID, worker: str) -> Investigation:
    """The investigation, locked, if the worker holds it. Raises LeaseLost."""
    query = select(Investigation).where(Investigation.id == investigation_id).with_for_update()
    found = (await session.scalars(query.execution_options(populate_existing=True))).one_or_none()
    if found is None or found.status != "running" or found.leased_by != worker:
        raise LeaseLost()
    return found


def _mine(investigation_id: uuid.UUID, worker: str) -> tuple[Any, ...]:
    running = Investigation.status == "running"
    return Investigation.id == investigation_id, Investigation.leased_by == worker, running
