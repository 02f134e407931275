"""Waits for what a worker writes."""

import asyncio
import time
import uuid

from sqlalchemy import text

from backend.deps import Deps


async def incident_is(deps: Deps, incident_id: uuid.UUID, *statuses: str, seconds: float = 30) -> str:
    """The status of the incident, once it is one of these."""
    return await _becomes(deps, "select status from public.incidents where id = :id", incident_id, statuses, seconds)


async def action_is(deps: Deps, action_id: uuid.UUID, *statuses: str, seconds: float = 30) -> str:
    """The status of the action, once it is one of these."""
    return await _becomes(deps, "select status from public.actions where id = :id", action_id, statuses, seconds)


async def _becomes(deps: Deps, query: str, row_id: uuid.UUID, wanted: tuple[str, ...], seconds: float) -> str:
    deadline, found = time.monotonic() + seconds, ""
    while time.monotonic() < deadline:
        async with deps.db.transaction() as session:
            found = (await session.execute(text(query), {"id": row_id})).scalar_one()
        if found in wanted:
            return found
        await asyncio.sleep(0.05)
    raise AssertionError(f"still {found}, not {' or '.join(wanted)}")
