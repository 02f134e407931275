"""The one writer of incidents: lock, ask the rules, write, append the event, defer the jobs; the caller commits."""

import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from backend import jobs
from backend.actor import Actor
from backend.errors import Conflict, NotFound
from backend.incident import rules
from backend.incident.kinship import Subject
from backend.incident.model import Incident, IncidentEvent
from backend.incident.rules import PersonVerb, Refusal, Runtime, Severity, SourceType, Status, Verb


class VerbRefused(Conflict):
    """This cannot be done to the incident as it is now."""

    code = "verb_refused"


@dataclass(frozen=True)
class Observation:
    """Something is wrong: what a source (alert, monitor, person) saw, in the kernel's terms.

    `fingerprint` identifies the trouble within the team; None never merges.
    """

    team_id: uuid.UUID
    title: str
    target: str
    severity: Severity
    source_type: SourceType
    fingerprint: str | None
    started_at: datetime
    actor: Actor
    container_runtime: Runtime | None = None
    server_name: str | None = None
    namespace: str | None = None
    description: str | None = None
    labels: Mapping[str, str] = field(default_factory=dict[str, str])
    monitor_id: uuid.UUID | None = None
    # What the target is a replica of, and what it says itself that it needs.
    owner: str | None = None
    depends_on: frozenset[str] = frozenset()
    # Whether its target is known well enough to join an open incident about it, or about something near.
    joins: bool = False
    # False for a repetition of what is known: it is counted, without a line in the timeline.
    is_new: bool = True

    @property
    def subject(self) -> Subject:
        """What it is about, to be compared with open incidents."""
        return Subject(
            self.target,
            self.source_type,
            self.container_runtime,
            self.namespace,
            self.server_name,
            self.owner,
            self.depends_on,
        )


@dataclass(frozen=True)
class Observed:
    """What became of an observation."""

    incident_id: uuid.UUID
    outcome: Literal["opened", "merged"]


async def open_alone(session: AsyncSession, seen: Observation, now: datetime) -> Observed:
    """Opens an incident for trouble without a fingerprint: it neither merges nor is merged into."""
    assert seen.fingerprint is None
    incident = Incident(
        id=uuid.uuid4(),
        team_id=seen.team_id,
        title=seen.title,
        description=seen.description,
        target=seen.target,
        namespace=seen.namespace,
        severity=seen.severity,
        status="detected",
        source_type=seen.source_type,
        container_runtime=seen.container_runtime,
        server_name=seen.server_name,
        labels=dict(seen.labels),
        owner=seen.owner,
        monitor_id=seen.monitor_id,
        started_at=seen.started_at,
        last_seen_at=now,
        created_at=now,
        updated_at=now,
    )
    session.add(incident)
    await session.flush()
    labels = dict(seen.labels)
    _append(session, incident.id, seen.team_id, "detect", None, "detected", seen.actor, seen.title, labels, now)
    await _ask_for_investigation(session, incident)
    return Observed(incident.id, "opened")


async def lock(session: AsyncSession, incident_id: uuid.UUID) -> Incident:
    """The incident, locked until the transaction ends. Raises NotFound."""
    query = select(Incident).where(Incident.id == incident_id).with_for_update()
    incident = (await session.execute(query.execution_options(populate_existing=True))).scalar_one_or_none()
    if incident is None:
        raise NotFound()
    return incident


def apply(
    session: AsyncSession,
    incident: Incident,
    verb: Verb,
    actor: Actor,
    now: datetime,
    *,
    message: str,
    data: Mapping[str, Any] | None = None,
    **changes: Any,
) -> Status:
    """Moves a locked incident by `verb`, sets `changes` on it and writes the timeline. Raises VerbRefused."""
    before = incident.state
    after = rules.next_status(before, verb)
    if isinstance(after, Refusal):
        raise VerbRefused(after.reason)
    incident.status = after
    incident.updated_at = now
    for name, value in changes.items():
        setattr(incident, name, value)
    _append(session, incident.id, incident.team_id, verb, before, after, actor, message, dict(data or {}), now)
    return after


def note(
    session: AsyncSession,
    incident: Incident,
    verb: str,
    actor: Actor,
    message: str,
    data: Mapping[str, Any] | None,
    now: datetime,
) -> None:
    """Writes a line to the timeline that changes no status."""
    _append(
        session,
        incident.id,
        incident.team_id,
        verb,
        incident.state,
        incident.state,
        actor,
        message,
        dict(data or {}),
        now,
    )


async def begin_round(
    session: AsyncSession, incident: Incident, actor: Actor, now: datetime, *, message: str, hint: str | None = None
) -> None:
    """Sends a locked incident back to the investigator."""
    data = {"hint": hint} if hint else None
    apply(session, incident, "investigate", actor, now, message=message, data=data, needs_person=None)
    await _ask_for_investigation(session, incident, hint)


async def _ask_for_investigation(session: AsyncSession, incident: Incident, hint: str | None = None) -> None:
    await session.flush()
    await jobs.defer(session, jobs.INVESTIGATE, lock=str(incident.id), incident_id=str(incident.id), hint=hint)


async def resolve(session: AsyncSession, incident: Incident, actor: Actor, now: datetime, *, message: str) -> None:
    """Ends a locked incident and asks for its post-mortem. Raises VerbRefused."""
    apply(
        session,
        incident,
        "resolve",
        actor,
        now,
        message=message,
        resolved_at=now,
        resolved_by=actor.name,
        needs_person=None,
    )
    await session.flush()
    await jobs.defer(session, jobs.WRITE_POST_MORTEM, lock=str(incident.id), incident_id=str(incident.id))


async def recover(
    session: AsyncSession, incident_id: uuid.UUID, actor: Actor, now: datetime, *, message: str
) -> Refusal | None:
    """The sources behind an incident have recovered: it is resolved, unless an action is on its way.

    Returns why it was not resolved; that is written to the timeline too. None: resolved.
    """
    incident = await lock(session, incident_id)
    was_firing = incident.firing
    incident.firing = False
    refusal = rules.recovers(incident.state)
    if refusal is None:
        await resolve(session, incident, actor, now, message=message)
    elif was_firing:
        note(session, incident, "recover", actor, f"{message} {refusal.reason}", None, now)
    await session.flush()
    return refusal


async def command(
    session: AsyncSession,
    incident_id: uuid.UUID,
    verb: PersonVerb,
    actor: Actor,
    now: datetime,
    *,
    comment: str = "",
    hint: str | None = None,
) -> Incident:
    """What a person asked for. Raises VerbRefused with the reason the page shows, too."""
    incident = await lock(session, incident_id)
    refusal = rules.person_may(
        incident.state, verb, acknowledged=incident.acknowledged_at is not None, merged=incident.merged_into is not None
    )
    if refusal is not None:
        raise VerbRefused(refusal.reason)
    said = f": {comment}" if comment else ""
    if verb == "acknowledge":
        incident.acknowledged_at, incident.acknowledged_by = now, actor.name
        incident.updated_at = now
        note(session, incident, "acknowledge", actor, f"{actor.name} took it on{said}", None, now)
    elif verb == "investigate":
        await begin_round(
            session,
            incident,
            actor,
            now,
            message=f"{actor.name} asked to look again{said}" + (f" — hint: {hint}" if hint else ""),
            hint=hint or comment or None,
        )
    elif verb == "resolve":
        await resolve(session, incident, actor, now, message=f"{actor.name} resolved it{said}")
    else:
        await _reopen(session, incident, actor, now, said)
    await session.flush()
    return incident


async def _reopen(session: AsyncSession, incident: Incident, actor: Actor, now: datetime, said: str) -> None:
    if incident.fingerprint is not None and await open_elsewhere(session, incident, {incident.fingerprint}):
        raise VerbRefused("The same trouble has an open incident already; work on that one.")
    apply(
        session,
        incident,
        "reopen",
        actor,
        now,
        message=f"{actor.name} reopened it{said}",
        resolved_at=None,
        resolved_by=None,
        firing=True,
        verification=None,
        investigation_round=0,
    )
    await _ask_for_investigation(session, incident)


async def open_elsewhere(session: AsyncSession, incident: Incident, fingerprints: Collection[str]) -> set[str]:
    """Which of these fingerprints have opened or joined another incident of the team that is still open."""
    query = text(
        "with f as (select unnest(cast(:all as text[])) as fingerprint) select f.fingerprint from f where exists"
        " (select from public.incidents i where i.team_id = :team and i.id <> :id"
        " and i.status not in ('resolved', 'failed') and (i.fingerprint = f.fingerprint or exists"
        " (select from public.incident_joins j where j.incident_id = i.id and j.fingerprint = f.fingerprint)))"
    )
    same = {"team": incident.team_id, "id": incident.id, "all": sorted(fingerprints)}
    return set((await session.execute(query, same)).scalars())


def _append(
    session: AsyncSession,
    incident_id: uuid.UUID,
    team_id: uuid.UUID,
    verb: str,
    before: Status | None,
    after: Status,
    actor: Actor,
    message: str,
    data: dict[str, Any],
    now: datetime,
) -> None:
    session.add(
        IncidentEvent(
            id=uuid.uuid4(),
            incident_id=incident_id,
            team_id=team_id,
            verb=verb,
            from_status=before,
            status=after,
            actor_kind=actor.kind,
            actor_id=actor.id,
            actor=actor.name,
            message=message,
            data=data,
            created_at=now,
        )
    )
