"""Claim and record, the two transactions around a probe: a due check is handed to one worker, and counted once.

A claim is a lease. Whoever is killed between claim and record leaves it to run out; whoever is late finds that the
lease is not theirs any more, and what they saw is dropped.
"""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import cast
from urllib.parse import urlsplit

import orjson
from pydantic import ValidationError
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import undefer

from backend.actor import Actor
from backend.incident import intake
from backend.incident.service import Observation
from backend.monitor import rules
from backend.monitor.kinds import CONFIGS, Config, MonitorType, Result
from backend.monitor.model import Monitor
from backend.monitor.rules import Step
from backend.monitor.service import recover_incidents


@dataclass(frozen=True, slots=True)
class Claim:
    """A due check and the lease under which it is made. `config` None: this version cannot read what is stored."""

    monitor_id: uuid.UUID
    type: str
    address: str
    port: int | None
    timeout_seconds: float
    config: Config | None
    lease_until: datetime


@dataclass(frozen=True, slots=True)
class Seen:
    """A probe's answer to a claim. `jitter` in [0, 1) spreads the checks that follow."""

    claim: Claim
    result: Result
    jitter: float


async def claim(session: AsyncSession, worker: str, limit: int, now: datetime) -> list[Claim]:
    """Takes up to `limit` due checks, longest due first, that no other worker holds."""
    rows = await session.execute(
        text(
            "with due as (select id from public.monitors where is_active and not is_paused and next_check_at <= :now"
            " and (lease_until is null or lease_until <= :now) order by next_check_at limit :limit"
            " for update skip locked)"
            " update public.monitors m set leased_by = :worker,"
            " lease_until = cast(:now as timestamptz) + make_interval(secs => m.timeout_seconds + :grace)"
            " from due where m.id = due.id"
            " returning m.id, m.type, m.address, m.port, m.timeout_seconds, m.config, m.lease_until"
        ),
        {"now": now, "worker": worker, "limit": limit, "grace": rules.LEASE_GRACE.total_seconds()},
    )
    return [
        Claim(r.id, r.type, r.address, r.port, r.timeout_seconds, _config(r.type, r.config), r.lease_until)
        for r in rows
    ]


def _config(kind: str, stored: Mapping[str, object]) -> Config | None:
    model = CONFIGS.get(cast(MonitorType, kind))
    try:
        return model.model_validate(stored) if model else None
    except ValidationError:
        return None


async def next_due(session: AsyncSession, now: datetime) -> datetime | None:
    """When the next check that nobody holds is due. None: there is none."""
    rows = await session.execute(
        text(
            "select next_check_at from public.monitors where is_active and not is_paused"
            " and (lease_until is null or lease_until <= :now) order by next_check_at limit 1"
        ),
        {"now": now},
    )
    return rows.scalar_one_or_none()


async def record(session: AsyncSession, seen: Sequence[Seen], worker: str, now: datetime) -> list[Step]:
    """Stores what was seen under leases that still hold: check, state, and the incident when it flips."""
    by_id = {one.claim.monitor_id: one for one in seen}
    query = (
        select(Monitor)
        .where(Monitor.id.in_(by_id), Monitor.leased_by == worker, Monitor.is_active, ~Monitor.is_paused)
        .order_by(Monitor.id)
        .with_for_update()
    )
    locked = (
        await session.execute(query.options(undefer(Monitor.lease_until)).execution_options(populate_existing=True))
    ).scalars()
    held = [monitor for monitor in locked if monitor.lease_until == by_id[monitor.id].claim.lease_until]
    if not held:
        return []
    await _store_checks(session, held, by_id)
    steps = [_advance(monitor, by_id[monitor.id], now) for monitor in held]
    await session.flush()
    for monitor, step in zip(held, steps, strict=True):
        if step.flip is not None:
            await _flip(session, monitor, by_id[monitor.id].result, step, now)
    return steps


async def _store_checks(session: AsyncSession, monitors: Sequence[Monitor], by_id: Mapping[uuid.UUID, Seen]) -> None:
    results = [by_id[monitor.id].result for monitor in monitors]
    await session.execute(
        text(
            "insert into public.monitor_checks (monitor_id, team_id, status, response_time_ms, status_code,"
            " error_message, metadata, checked_at)"
            " select t.monitor_id, t.team_id, t.status, t.ms, t.code, t.error, t.metadata::jsonb, t.checked_at"
            " from unnest(cast(:ids as uuid[]), cast(:teams as uuid[]), cast(:statuses as text[]),"
            " cast(:ms as integer[]), cast(:codes as integer[]), cast(:errors as text[]), cast(:metadata as text[]),"
            " cast(:at as timestamptz[])) as t (monitor_id, team_id, status, ms, code, error, metadata, checked_at)"
        ),
        {
            "ids": [monitor.id for monitor in monitors],
            "teams": [monitor.team_id for monitor in monitors],
            "statuses": [result.status for result in results],
            "ms": [result.response_time_ms for result in results],
            "codes": [result.status_code for result in results],
            "errors": [result.error for result in results],
            "metadata": [orjson.dumps(result.metadata).decode() for result in results],
            "at": [result.checked_at for result in results],
        },
    )


def _advance(monitor: Monitor, one: Seen, now: datetime) -> Step:
    result = one.result
    step = rules.step(monitor.state, result.status, monitor.thresholds)
    monitor.status = step.state.status
    monitor.consecutive_failures, monitor.consecutive_successes = step.state.failures, step.state.successes
    monitor.last_checked_at = result.checked_at
    monitor.last_error = result.error
    if result.status != "unknown":
        monitor.last_response_time_ms, monitor.last_status_code = result.response_time_ms, result.status_code
    if result.status == "up":
        monitor.last_up_at = result.checked_at
    elif result.status == "down":
        monitor.last_down_at = result.checked_at
    monitor.next_check_at = rules.next_check_at(
        monitor.next_check_at, now, monitor.interval_seconds, one.jitter, confirm=step.confirm
    )
    monitor.lease_until = monitor.leased_by = None
    return step


async def _flip(session: AsyncSession, monitor: Monitor, result: Result, step: Step, now: datetime) -> None:
    actor = Actor("source", monitor.name, monitor.id)
    if step.flip == "came_up":
        checks = "check" if step.state.successes == 1 else "checks"
        message = f"{monitor.name} is up: {step.state.successes} good {checks} in a row."
        await recover_incidents(session, monitor, actor, now, message=message)
        return
    started_at = await _first_failure(session, monitor, step.state.failures)
    await intake.observe(
        session,
        Observation(
            team_id=monitor.team_id,
            title=f"{monitor.name} is down: {result.error or 'no healthy answer'}"[:300],
            target=monitor.name,
            severity=monitor.level,
            source_type="monitor",
            fingerprint=f"monitor:{monitor.id}",
            started_at=min(started_at or result.checked_at, now),
            actor=actor,
            server_name=_host(monitor.address),
            description=f"{monitor.address}: {result.error}" if result.error else monitor.address,
            labels={"monitor": monitor.name, "address": monitor.address, "type": monitor.type},
            monitor_id=monitor.id,
            joins=True,
        ),
        now,
    )


async def _first_failure(session: AsyncSession, monitor: Monitor, failures: int) -> datetime | None:
    """When the failures that add up to the flip began: that is where the evidence is."""
    rows = await session.execute(
        text(
            "select min(checked_at) from (select checked_at from public.monitor_checks where monitor_id = :id"
            " and status = 'down' and checked_at > :since order by checked_at desc limit :failures) as f"
        ),
        {"id": monitor.id, "failures": failures, "since": monitor.last_up_at or monitor.created_at},
    )
    return rows.scalar_one()


def _host(address: str) -> str | None:
    try:
        return urlsplit(address).hostname
    except ValueError:
        return None


async def release(session: AsyncSession, worker: str) -> None:
    """Gives back what a worker holds and will not look at any more."""
    await session.execute(
        text("update public.monitors set lease_until = null, leased_by = null where leased_by = :worker"),
        {"worker": worker},
    )


async def maintain(session: AsyncSession, keep_days: int, now: datetime) -> list[str]:
    """Makes the partitions that will be needed, drops those past retention. Answers what was dropped.

    One worker at a time; for the others there is nothing left to do.
    """
    mine = text("select pg_try_advisory_xact_lock(hashtext('nightdesk.maintain_monitor_checks'))")
    if not (await session.execute(mine)).scalar_one():
        return []
    maintain_them = text("select nightdesk.maintain_monitor_checks(:now, :keep_days)")
    return list((await session.execute(maintain_them, {"now": now, "keep_days": keep_days})).scalars())
