"""The cast of the monitors' tests: a monitor of a team, and results of checks."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.incident.model import Incident
from backend.monitor import checking, service
from backend.monitor.checking import Claim, Seen
from backend.monitor.kinds import CheckStatus, Result
from backend.monitor.model import Monitor
from tests.alert.stage import team_of

NOW = datetime(2026, 11, 21, 3, tzinfo=UTC)
WORKER = "checks-1"


async def monitor_of(session: AsyncSession, slug: str = "default", **values: Any) -> Monitor:
    wanted = {
        "name": "shop",
        "type": "http",
        "address": "http://127.0.0.1:1/health",
        "port": None,
        "interval_seconds": 60,
        "timeout_seconds": 5,
        "config": {},
        "failure_threshold": 2,
        "recovery_threshold": 2,
        "severity": "high",
        "tags": [],
        "notes": None,
    }
    return await service.create(session, await team_of(session, slug), {**wanted, **values}, NOW)


def seen(claim: Claim, status: CheckStatus, at: datetime, **more: Any) -> Seen:
    error = None if status == "up" else "HTTP 503, expected 200-299"
    return Seen(claim, Result(status, at, **{"error": error, "response_time_ms": 12, **more}), jitter=0.5)


async def check(session: AsyncSession, status: CheckStatus, at: datetime, **more: Any) -> list[checking.Step]:
    """Claims everything due and records the same result for all of it."""
    claims = await checking.claim(session, WORKER, 100, at)
    return await checking.record(session, [seen(claim, status, at, **more) for claim in claims], WORKER, at)


async def fresh(session: AsyncSession, monitor: Monitor) -> Monitor:
    query = select(Monitor).where(Monitor.id == monitor.id).execution_options(populate_existing=True)
    return (await session.execute(query)).scalar_one()


async def incidents(session: AsyncSession) -> list[Incident]:
    query = select(Incident).order_by(Incident.number).execution_options(populate_existing=True)
    return list((await session.execute(query)).scalars())
