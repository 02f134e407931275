"""The cast of the intake's tests: a team, an integration, and deliveries of made alerts."""

import uuid
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.alert import integrations, service
from backend.alert.delivery import Received, Sender
from backend.alert.formats import alertmanager
from backend.alert.kinds import Batch
from backend.alert.model import Alert
from backend.incident.model import Incident, IncidentEvent
from tests.fakes.alertmanager import alert, body

NOW = datetime(2026, 11, 21, 2, tzinfo=UTC)


async def team_of(session: AsyncSession, slug: str = "default") -> uuid.UUID:
    await session.execute(
        text("insert into teams (name, slug) values (:slug, :slug) on conflict (slug) do nothing"), {"slug": slug}
    )
    return (await session.execute(text("select id from teams where slug = :slug"), {"slug": slug})).scalar_one()


async def sender_of(session: AsyncSession, slug: str = "default") -> Sender:
    row, _ = await integrations.create(session, await team_of(session, slug), "alertmanager", "Alertmanager", NOW)
    return Sender(row.id, row.team_id, row.kind, row.name)


def batch(*alerts: dict[str, Any], now: datetime = NOW) -> Batch:
    return alertmanager.parse(body(*alerts), now)


def firing(fingerprint: str = "f1", **members: Any) -> dict[str, Any]:
    return alert(fingerprint, "firing", **members)


def resolved(fingerprint: str = "f1", **members: Any) -> dict[str, Any]:
    return alert(fingerprint, "resolved", **members)


async def send(session: AsyncSession, sender: Sender, *alerts: dict[str, Any], now: datetime = NOW) -> Received:
    return await service.receive(session, sender, batch(*alerts, now=now), now)


async def stored(session: AsyncSession) -> list[Alert]:
    query = select(Alert).order_by(Alert.fingerprint, Alert.starts_at).execution_options(populate_existing=True)
    return list((await session.execute(query)).scalars())


async def incident(session: AsyncSession, incident_id: uuid.UUID) -> Incident:
    query = select(Incident).where(Incident.id == incident_id).execution_options(populate_existing=True)
    return (await session.execute(query)).scalar_one()


async def timeline(session: AsyncSession, incident_id: uuid.UUID) -> list[tuple[str, str]]:
    query = select(IncidentEvent).where(IncidentEvent.incident_id == incident_id).order_by(IncidentEvent.seq)
    return [(event.verb, event.status) for event in (await session.execute(query)).scalars()]


async def jobs_of(session: AsyncSession) -> list[tuple[str, str]]:
    rows = await session.execute(
        text("select task_name, args ->> 'incident_id' as id from jobs.procrastinate_jobs order by id")
    )
    return [(row.task_name, row.id) for row in rows]
