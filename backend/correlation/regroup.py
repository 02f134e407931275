"""A person's word on what belongs together: merge one incident into another, split alerts off."""

import uuid
from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from backend.actor import Actor
from backend.alert import rules as alerts
from backend.alert.model import Alert
from backend.correlation import rules
from backend.correlation.rules import Part
from backend.errors import NotFound
from backend.incident import correction, intake, recovery, service
from backend.incident.model import Incident
from backend.incident.rules import worse
from backend.incident.service import Observation, VerbRefused


async def merge(
    session: AsyncSession, incident_id: uuid.UUID, into_id: uuid.UUID, actor: Actor, now: datetime, reason: str
) -> Incident:
    """Ends an incident in favour of another one, which takes its alerts. Raises NotFound and VerbRefused."""
    moved = await _lock_alerts(session, incident_id)
    ended, into = await _lock_two(session, incident_id, into_id)
    refusal = rules.may_merge(_part(ended), _part(into))
    if refusal is not None:
        raise VerbRefused(refusal.reason)
    await _move(session, [alert.id for alert in moved], into.id)
    # What it took over itself goes along, so that further trouble of that kind finds the one that is open.
    await session.execute(update(Incident).where(Incident.merged_into == ended.id).values(merged_into=into.id))
    known = await _fingerprints(session, ended)
    await _remember(session, into, known, f"{actor.name} merged #{ended.number} into it", now)
    into.occurrences += ended.occurrences
    into.severity = worse(into.level, ended.level)
    into.firing = into.firing or ended.firing
    into.last_seen_at, into.updated_at = max(into.last_seen_at, ended.last_seen_at), now
    said = f": {reason}" if reason else ""
    data = {"incident_id": str(ended.id), "number": ended.number}
    service.note(session, into, "join", actor, f"{actor.name} merged #{ended.number} {ended.title}{said}", data, now)
    correction.hand_on(session, ended, into, actor, now)
    message = f"{actor.name} merged it into #{into.number}{said}"
    service.apply(
        session,
        ended,
        "resolve",
        actor,
        now,
        message=message,
        merged_into=into.id,
        resolved_at=now,
        resolved_by=actor.name,
        needs_person=None,
        firing=False,
    )
    await session.flush()
    return into


async def split(
    session: AsyncSession,
    incident_id: uuid.UUID,
    alert_ids: Collection[uuid.UUID],
    actor: Actor,
    now: datetime,
    reason: str,
) -> uuid.UUID:
    """Opens an incident of its own for some alerts of another one. Raises NotFound and VerbRefused."""
    behind = await _lock_alerts(session, incident_id)
    incident = await service.lock(session, incident_id)
    if not set(alert_ids) <= {alert.id for alert in behind}:
        raise NotFound("One of these alerts is not behind this incident.")
    chosen = {alert.fingerprint for alert in behind if alert.id in set(alert_ids)}
    leaving = [alert for alert in behind if alert.fingerprint in chosen]
    refusal = rules.may_split(_part(incident), staying=len(behind) - len(leaving))
    if refusal is not None:
        raise VerbRefused(refusal.reason)
    await _let_go(session, incident, chosen, behind, actor)
    opened = await intake.observe(session, _observation(leaving[0], actor), now)
    new = await service.lock(session, opened.incident_id)
    await _move(session, [alert.id for alert in leaving], new.id)
    await _remember(session, new, sorted(chosen - {leaving[0].fingerprint}), f"{actor.name} split them off", now)
    firing = await recovery.still_firing(session, [incident.id, new.id])
    incident.firing, new.firing = incident.id in firing, new.id in firing
    new.occurrences = sum(alert.receipts for alert in leaving)
    incident.occurrences = max(1, incident.occurrences - new.occurrences)
    said = f": {reason}" if reason else ""
    told = f"{actor.name} split {len(leaving)} of its alerts off as #{new.number}{said}"
    service.note(session, incident, "split", actor, told, {"incident_id": str(new.id), "number": new.number}, now)
    origin = {"incident_id": str(incident.id), "number": incident.number}
    service.note(session, new, "split", actor, f"{actor.name} split it off from #{incident.number}{said}", origin, now)
    await session.flush()
    await _end_recovered(session, (incident, new), actor, now)
    return new.id


async def _end_recovered(session: AsyncSession, parts: Sequence[Incident], actor: Actor, now: datetime) -> None:
    """Their last recovery has been told already: no other one would come to resolve them."""
    for part in parts:
        if not part.firing:
            await service.recover(session, part.id, actor, now, message="All that is behind it has recovered.")


async def _lock_alerts(session: AsyncSession, incident_id: uuid.UUID) -> Sequence[Alert]:
    """The alerts behind an incident. Before any incident, as the intake locks."""
    order = (Alert.team_id, Alert.source, Alert.fingerprint, Alert.starts_at)
    query = select(Alert).where(Alert.incident_id == incident_id).order_by(*order).with_for_update()
    return (await session.execute(query.execution_options(populate_existing=True))).scalars().all()


async def _lock_two(session: AsyncSession, one: uuid.UUID, other: uuid.UUID) -> tuple[Incident, Incident]:
    await recovery.lock_many(session, [one, other])
    return await service.lock(session, one), await service.lock(session, other)


def _part(incident: Incident) -> Part:
    return Part(incident.id, incident.number, incident.state, incident.monitor_id is not None)


async def _move(session: AsyncSession, alert_ids: Sequence[uuid.UUID], incident_id: uuid.UUID) -> None:
    await session.execute(update(Alert).where(Alert.id.in_(alert_ids)).values(incident_id=incident_id))


async def _fingerprints(session: AsyncSession, incident: Incident) -> list[str]:
    """What is counted to the incident: what opened it, and what joined."""
    query = text("select fingerprint from public.incident_joins where incident_id = :id")
    joined = (await session.execute(query, {"id": incident.id})).scalars()
    return sorted({*joined, *filter(None, [incident.fingerprint])})


async def _remember(
    session: AsyncSession, incident: Incident, fingerprints: Sequence[str], reason: str, now: datetime
) -> None:
    """From now on, this trouble is counted to this incident while it is open, and to no other one."""
    forget = text("delete from public.incident_joins where team_id = :team and fingerprint = any(cast(:all as text[]))")
    await session.execute(forget, {"team": incident.team_id, "all": list(fingerprints)})
    keep = text(
        "insert into public.incident_joins (incident_id, team_id, fingerprint, kind, reason, joined_at)"
        " select :id, :team, t, 'person', :reason, :now from unnest(cast(:all as text[])) as t"
    )
    values = {"id": incident.id, "team": incident.team_id, "reason": reason, "now": now, "all": list(fingerprints)}
    await session.execute(keep, values)


async def _let_go(
    session: AsyncSession, incident: Incident, chosen: Collection[str], behind: Sequence[Alert], actor: Actor
) -> None:
    """The incident no longer answers to these fingerprints. Without what opened it, it is about what stays."""
    forget = text(
        "delete from public.incident_joins where incident_id = :id and fingerprint = any(cast(:all as text[]))"
    )
    await session.execute(forget, {"id": incident.id, "all": sorted(chosen)})
    if incident.fingerprint in chosen:
        staying = [alert for alert in behind if alert.fingerprint not in chosen]
        stays = next((alert for alert in staying if alert.status == "firing"), staying[0])
        await session.execute(forget, {"id": incident.id, "all": [stays.fingerprint]})
        _be_about(incident, _observation(stays, actor))
    await session.flush()


def _be_about(incident: Incident, seen: Observation) -> None:
    """Its title and target are what people read, and what further trouble is compared with."""
    incident.fingerprint, incident.title, incident.description = seen.fingerprint, seen.title, seen.description
    incident.target, incident.namespace, incident.owner = seen.target, seen.namespace, seen.owner
    incident.source_type, incident.server_name = seen.source_type, seen.server_name
    incident.container_runtime, incident.labels = seen.container_runtime, dict(seen.labels)


def _observation(alert: Alert, actor: Actor) -> Observation:
    subject = alerts.subject(alert.labels)
    return Observation(
        team_id=alert.team_id,
        title=alerts.title(alert.name, alert.annotations, subject.target),
        target=subject.target,
        severity=alerts.severity(alert.labels),
        source_type=subject.source_type,
        fingerprint=alert.fingerprint,
        started_at=alert.starts_at,
        actor=actor,
        container_runtime=subject.container_runtime,
        server_name=subject.server_name,
        namespace=subject.namespace,
        description=alerts.description(alert.annotations),
        labels=alert.labels,
        owner=subject.owner,
    )
