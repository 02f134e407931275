"""A person's word on what belongs together: merge one incident into another, split alerts off."""

import uuid
from collections.abc import Collection, Sequence
from datetime import datetime
from functools import reduce

from sqlalchemy import select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from backend.actor import Actor
from backend.alert import rules as alerts
from backend.alert.model import Alert
from backend.alert.subject import subject_of
from backend.correlation import rules
from backend.correlation.rules import Part
from backend.errors import NotFound
from backend.incident import correction, intake, recovery, service, turn
from backend.incident.model import Incident
from backend.incident.rules import worse
from backend.incident.service import Observation, VerbRefused
from backend.investigation import service as investigations


async def merge(
    session: AsyncSession, incident_id: uuid.UUID, into_id: uuid.UUID, actor: Actor, now: datetime, reason: str
) -> Incident:
    """Ends an incident in favour of another one, which takes its alerts. Raises NotFound and VerbRefused."""
    moved = await _lock_alerts(session, incident_id)
    ended, into = await _lock_two(session, incident_id, into_id)
    await _nothing_came(session, ended, moved)
    refusal = rules.may_merge(_part(ended), _part(into))
    if refusal is not None:
        raise VerbRefused(refusal.reason)
    await _take_over(session, ended, into, moved, actor, now)
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


async def _take_over(
    session: AsyncSession, ended: Incident, into: Incident, moved: Sequence[Alert], actor: Actor, now: datetime
) -> None:
    await _move(session, [alert.id for alert in moved], into.id)
    # What it took over itself goes along, so that further trouble of that kind finds the one that is open.
    await session.execute(update(Incident).where(Incident.merged_into == ended.id).values(merged_into=into.id))
    known = await _fingerprints(session, ended)
    await _remember(session, into, known, f"{actor.name} merged #{ended.number} into it", now)
    into.occurrences += ended.occurrences
    into.severity = worse(into.level, ended.level)
    into.firing = into.firing or ended.firing
    into.last_seen_at, into.updated_at = max(into.last_seen_at, ended.last_seen_at), now


async def split(
    session: AsyncSession,
    incident_id: uuid.UUID,
    alert_ids: Collection[uuid.UUID],
    actor: Actor,
    now: datetime,
    reason: str,
) -> uuid.UUID:
    """Takes some alerts out of an incident, into the open one that has their trouble or else into one of their own.

    Raises NotFound and VerbRefused.
    """
    behind = await _lock_alerts(session, incident_id)
    incident = await service.lock(session, incident_id)
    await _nothing_came(session, incident, behind)
    if not set(alert_ids) <= {alert.id for alert in behind}:
        raise NotFound("One of these alerts is not behind this incident.")
    chosen = {alert.fingerprint for alert in behind if alert.id in set(alert_ids)}
    leaving = [alert for alert in behind if alert.fingerprint in chosen]
    refusal = rules.may_split(_part(incident), staying=len(behind) - len(leaving))
    if refusal is not None:
        raise VerbRefused(refusal.reason)
    loses_its_subject = incident.fingerprint in chosen
    await _let_go(session, incident, chosen, [alert for alert in behind if alert.fingerprint not in chosen], actor)
    new = await _receive(session, leaving, actor, now)
    await _part_merged(session, incident, new, behind, leaving)
    incident.occurrences = max(1, incident.occurrences - sum(alert.receipts for alert in leaving))
    firing = await recovery.still_firing(session, [incident.id, new.id])
    incident.firing, new.firing = incident.id in firing, new.id in firing
    _tell(session, incident, new, f"{actor.name} split {len(leaving)} of its alerts off as", actor, now, reason)
    _tell(session, new, incident, f"{actor.name} split it off from", actor, now, reason)
    if loses_its_subject:
        await _begin_anew(session, incident, new, actor, now)
    await session.flush()
    await _end_recovered(session, (incident, new), actor, now)
    return new.id


async def _receive(session: AsyncSession, leaving: Sequence[Alert], actor: Actor, now: datetime) -> Incident:
    """The incident that the alerts go to: the open one that has their trouble already, or a new one."""
    observed = await intake.observe(session, _observation(leaving[0], actor), now)
    receives = await service.lock(session, observed.incident_id)
    await _move(session, [alert.id for alert in leaving], receives.id)
    others = sorted({alert.fingerprint for alert in leaving} - {leaving[0].fingerprint})
    await _remember(session, receives, others, f"{actor.name} split them off", now)
    # Looking for it has counted it once.
    receives.occurrences += sum(alert.receipts for alert in leaving) - 1
    return receives


async def _part_merged(
    session: AsyncSession, incident: Incident, new: Incident, behind: Sequence[Alert], leaving: Sequence[Alert]
) -> None:
    """What was merged once leaves with its alerts: more of its kind belongs to where they are now."""
    targets = {subject_of(alert.labels).target for alert in leaving}
    targets -= {subject_of(alert.labels).target for alert in behind if alert not in leaving}
    gone = (Incident.merged_into == incident.id, Incident.target.in_(targets))
    await session.execute(update(Incident).where(*gone).values(merged_into=new.id))


def _tell(
    session: AsyncSession, incident: Incident, other: Incident, what: str, actor: Actor, now: datetime, reason: str
) -> None:
    said = f": {reason}" if reason else ""
    data = {"incident_id": str(other.id), "number": other.number}
    service.note(session, incident, "split", actor, f"{what} #{other.number}{said}", data, now)


async def _begin_anew(session: AsyncSession, incident: Incident, new: Incident, actor: Actor, now: datetime) -> None:
    """What was concluded, said and proposed was about what has left; what stays has not been looked at by itself."""
    correction.hand_on(session, incident, new, actor, now)
    correction.take_back(incident)
    await investigations.look_anew(session, incident, actor, now, message="What stays of it is looked at by itself.")


async def _end_recovered(session: AsyncSession, parts: Sequence[Incident], actor: Actor, now: datetime) -> None:
    """Their last recovery has been told already: no other one would come to resolve them."""
    for part in parts:
        if not part.firing:
            await service.recover(session, part.id, actor, now, message="All that is behind it has recovered.")


async def _lock_alerts(session: AsyncSession, incident_id: uuid.UUID) -> Sequence[Alert]:
    """The alerts behind an incident, and the turn of its team. Before any incident, as the intake locks."""
    order = (Alert.team_id, Alert.source, Alert.fingerprint, Alert.starts_at)
    query = select(Alert).where(Alert.incident_id == incident_id).order_by(*order).with_for_update()
    locked = (await session.execute(query.execution_options(populate_existing=True))).scalars().all()
    team = select(Incident.team_id).where(Incident.id == incident_id)
    await turn.take(session, (await session.execute(team)).scalars().all())
    return locked


async def _nothing_came(session: AsyncSession, incident: Incident, locked: Sequence[Alert]) -> None:
    """Alerts are locked before incidents: one that came in between is not locked, and must not be left behind."""
    query = select(Alert.id).where(Alert.incident_id == incident.id)
    if set((await session.execute(query)).scalars()) != {alert.id for alert in locked}:
        raise VerbRefused("An alert came in at this moment; look again, then repeat it.")


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
    session: AsyncSession, incident: Incident, chosen: Collection[str], staying: Sequence[Alert], actor: Actor
) -> None:
    """The incident no longer answers to these fingerprints. Without what opened it, it is about what stays."""
    forget = text(
        "delete from public.incident_joins where incident_id = :id and fingerprint = any(cast(:all as text[]))"
    )
    await session.execute(forget, {"id": incident.id, "all": sorted(chosen)})
    if incident.fingerprint in chosen:
        taken = await service.open_elsewhere(session, incident, {alert.fingerprint for alert in staying})
        free = [alert for alert in staying if alert.fingerprint not in taken]
        if not free:
            raise VerbRefused("What would stay has an open incident of its own; merge this one into that.")
        stays = next((alert for alert in free if alert.status == "firing"), free[0])
        await session.execute(forget, {"id": incident.id, "all": [stays.fingerprint]})
        _be_about(incident, _observation(stays, actor))
        incident.severity = reduce(worse, (alerts.severity(alert.labels) for alert in staying))
        incident.started_at = min(alert.starts_at for alert in staying)
    await session.flush()


def _be_about(incident: Incident, seen: Observation) -> None:
    """Its title and target are what people read, and what further trouble is compared with."""
    incident.fingerprint, incident.title, incident.description = seen.fingerprint, seen.title, seen.description
    incident.target, incident.namespace, incident.owner = seen.target, seen.namespace, seen.owner
    incident.source_type, incident.server_name = seen.source_type, seen.server_name
    incident.container_runtime, incident.labels = seen.container_runtime, dict(seen.labels)


def _observation(alert: Alert, actor: Actor) -> Observation:
    subject = subject_of(alert.labels)
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
