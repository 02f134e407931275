"""The one writer of monitors: what a person sets, and what becomes of it when a person changes it."""

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.actor import Actor
from backend.errors import Invalid, NotFound
from backend.incident import recovery
from backend.incident import service as incidents
from backend.monitor import kinds
from backend.monitor.model import Monitor

# The checks process listens: what a person changed is checked at once.
CHANNEL = "nightdesk_monitors"

# A change of these makes what was seen before worthless.
_WHAT_IS_CHECKED = ("type", "address", "port", "config")


class InvalidMonitor(Invalid):
    """The monitor cannot work like this."""

    code = "invalid_monitor"


async def count(session: AsyncSession, team_id: uuid.UUID) -> int:
    """How many monitors the team has."""
    found = await session.execute(text("select count(*) from public.monitors where team_id = :id"), {"id": team_id})
    return found.scalar_one()


async def create(session: AsyncSession, team_id: uuid.UUID, values: Mapping[str, Any], now: datetime) -> Monitor:
    """Makes a monitor that is checked at once. Raises InvalidMonitor."""
    monitor = Monitor(
        id=uuid.uuid4(), team_id=team_id, created_at=now, updated_at=now, next_check_at=now, status="pending", **values
    )
    _check(monitor)
    session.add(monitor)
    await session.flush()
    await _tell_checkers(session)
    return await lock(session, team_id, monitor.id)


async def lock(session: AsyncSession, team_id: uuid.UUID, monitor_id: uuid.UUID) -> Monitor:
    """The team's monitor, locked until the transaction ends. Raises NotFound."""
    query = select(Monitor).where(Monitor.id == monitor_id, Monitor.team_id == team_id).with_for_update()
    monitor = (await session.execute(query.execution_options(populate_existing=True))).scalar_one_or_none()
    if monitor is None:
        raise NotFound()
    return monitor


async def change(session: AsyncSession, monitor: Monitor, values: Mapping[str, Any], now: datetime) -> None:
    """Changes a locked monitor; what is checked anew starts from nothing. Raises InvalidMonitor."""
    before = {name: getattr(monitor, name) for name in _WHAT_IS_CHECKED}
    watched = monitor.is_active and not monitor.is_paused
    for name, value in values.items():
        setattr(monitor, name, value)
    _check(monitor)
    monitor.updated_at = now
    watches = monitor.is_active and not monitor.is_paused
    if not watches:
        monitor.status = "paused"
    elif not watched or any(getattr(monitor, name) != value for name, value in before.items()):
        monitor.status = "pending"
        monitor.consecutive_failures = monitor.consecutive_successes = 0
        monitor.last_error = None
    if watches:
        monitor.next_check_at = now
    # Whoever is probing right now probes what was there before: its result is dropped.
    monitor.lease_until = monitor.leased_by = None
    await session.flush()
    await _tell_checkers(session)


async def delete(session: AsyncSession, monitor: Monitor, actor: Actor, now: datetime) -> None:
    """Deletes a locked monitor with its checks. Its open incidents end: nobody would see them recover."""
    monitor.status = "paused"
    await session.flush()
    await recover_incidents(session, monitor, actor, now, message=f"{actor.name} deleted the monitor.")
    await session.delete(monitor)
    await session.flush()


def _check(monitor: Monitor) -> None:
    """Raises InvalidMonitor for an address or a configuration that its type does not allow."""
    try:
        kinds.check_address(monitor.kind, monitor.address)
        kinds.check_config(monitor.kind, monitor.config)
    except ValueError as error:
        raise InvalidMonitor(str(error)) from None


async def _tell_checkers(session: AsyncSession) -> None:
    await session.execute(text("select pg_notify(:channel, '')"), {"channel": CHANNEL})


async def recover_incidents(
    session: AsyncSession, monitor: Monitor, actor: Actor, now: datetime, *, message: str
) -> None:
    """Tells the incidents of a monitor that it has recovered; those end of which nothing else fires."""
    rows = await session.execute(
        text(
            "select id from public.incidents where monitor_id = :monitor_id and team_id = :team_id"
            " and status <> 'resolved' union select i.id from public.incident_joins j"
            " join public.incidents i on i.id = j.incident_id where j.team_id = :team_id"
            " and j.fingerprint = :fingerprint and i.status <> 'resolved' order by id"
        ),
        {"monitor_id": monitor.id, "team_id": monitor.team_id, "fingerprint": f"monitor:{monitor.id}"},
    )
    found = list(rows.scalars())
    # Locked first: something else may be joining one right now.
    locked = await recovery.lock_many(session, found)
    firing = await recovery.still_firing(session, found)
    for incident in locked:
        if incident.id not in firing:
            await incidents.recover(session, incident.id, actor, now, message=message)
