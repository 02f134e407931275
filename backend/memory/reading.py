"""Finds incidents that look alike: candidates by what is indexed, then the rule, then what was done about them."""

import uuid
from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import replace

from sqlalchemy import func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.action.model import Action
from backend.handbook.rules import Situation
from backend.incident.model import Incident
from backend.incident.rules import CLOSED
from backend.memory import rules
from backend.memory.kinds import Done, Past
from backend.memory.model import IncidentTemplate
from backend.memory.rules import Likeness, Look

MOST_SHOWN = 10
_MOST_CANDIDATES = 200
_PLATFORMS = {"docker": "docker", "podman": "docker", "kubernetes": "kubernetes"}


async def similar(
    session: AsyncSession, team_id: uuid.UUID, incident_id: uuid.UUID, look: Look, most: int = MOST_SHOWN
) -> list[Past]:
    """The team's incidents that came to a conclusion and look like this one, the likest first."""
    candidates = await _candidates(session, team_id, incident_id, look)
    templates = await templates_of(session, [incident.id for incident in candidates])
    scored = [(i, rules.likeness(look, look_of(i, templates.get(i.id, {})))) for i in candidates]
    shown = [(incident, likeness) for incident, likeness in scored if likeness.score >= rules.SHOWN]
    shown.sort(key=lambda s: rules.order(s[1].score, s[0].root_cause_at is not None, s[0].created_at))
    done = await _done(session, [incident.id for incident, _ in shown[:most]])
    return [_past(incident, likeness, done.get(incident.id)) for incident, likeness in shown[:most]]


def look_of(incident: Incident, templates: Mapping[str, str]) -> Look:
    """What an incident looks like, as far as it has come."""
    return Look(
        target=incident.target,
        namespace=incident.namespace,
        category=incident.incident_type,
        alert=_alert(incident),
        by_person=incident.root_cause_at is not None,
        templates=templates,
    )


def _alert(incident: Incident) -> str | None:
    if incident.labels.get("alertname"):
        return str(incident.labels["alertname"])
    return f"the monitor of {incident.target}" if incident.monitor_id is not None else None


async def recognised(session: AsyncSession, incident: Incident, found: Look | None = None) -> Look:
    """The incident's look; `found` is what an investigation that still runs has seen of it."""
    kept = (await templates_of(session, [incident.id])).get(incident.id, {})
    look = look_of(incident, kept)
    if found is None:
        return look
    category = look.category if look.by_person else found.category or look.category
    return replace(look, category=category, templates={**kept, **found.templates})


async def situation_of(session: AsyncSession, incident: Incident, category: str | None = None) -> Situation:
    """What a runbook is looked for with."""
    query = select(Action.kind).where(Action.incident_id == incident.id, Action.status.not_in(("drafted", "withdrawn")))
    by_person = incident.root_cause_at is not None
    platform = "postgres" if incident.source_type == "database" else _PLATFORMS.get(incident.runtime or "")
    return Situation(
        category=incident.incident_type if by_person or not category else category,
        target=incident.target,
        namespace=incident.namespace,
        platform=platform,
        actions=frozenset(await session.scalars(query)),
        text=f"{incident.title} {incident.root_cause or ''}"[:2000],
    )


async def templates_of(session: AsyncSession, ids: Collection[uuid.UUID]) -> dict[uuid.UUID, dict[str, str]]:
    """The kinds of line of each incident."""
    rows = await session.scalars(select(IncidentTemplate).where(IncidentTemplate.incident_id.in_(ids)))
    found: defaultdict[uuid.UUID, dict[str, str]] = defaultdict(dict)
    for row in rows:
        found[row.incident_id][row.fingerprint] = row.template
    return found


async def _candidates(session: AsyncSession, team_id: uuid.UUID, incident_id: uuid.UUID, look: Look) -> list[Incident]:
    """Those that share lines, and the newest that share the target or the category."""
    sharing = (
        select(IncidentTemplate.incident_id)
        .where(IncidentTemplate.team_id == team_id, IncidentTemplate.fingerprint.in_(list(look.templates)))
        .group_by(IncidentTemplate.incident_id)
        .order_by(func.count().desc())
        .limit(_MOST_CANDIDATES)
    )
    concluded = or_(Incident.root_cause.is_not(None), Incident.status.in_(CLOSED))
    # What was merged into another one is told there.
    apart = Incident.merged_into.is_(None)
    known = select(Incident).where(Incident.team_id == team_id, Incident.id != incident_id, apart, concluded)
    newest = known.order_by(Incident.created_at.desc()).limit(_MOST_CANDIDATES)
    queries = [newest.where(Incident.target == look.target), newest.where(Incident.incident_type == look.category)]
    if look.templates:
        queries.append(known.where(Incident.id.in_(sharing)))
    found = [incident for query in queries for incident in await session.scalars(query)]
    return list({incident.id: incident for incident in found}.values())


async def _done(session: AsyncSession, ids: Collection[uuid.UUID]) -> dict[uuid.UUID, Done]:
    query = select(Action).where(Action.incident_id.in_(ids), Action.started_at.is_not(None))
    done: dict[uuid.UUID, Done] = {}
    for action in await session.scalars(query.order_by(Action.started_at.desc())):
        kept = done.get(action.incident_id)
        if kept is None or (action.verification == "recovered" and kept.verification != "recovered"):
            done[action.incident_id] = Done(action.kind, action.title, action.status, action.verification)
    return done


def _past(incident: Incident, likeness: Likeness, done: Done | None) -> Past:
    return Past(
        id=incident.id,
        number=incident.number,
        title=incident.title,
        status=incident.status,
        created_at=incident.created_at,
        resolved_at=incident.resolved_at,
        category=incident.incident_type,
        root_cause=incident.root_cause,
        by_person=incident.root_cause_by,
        likeness=likeness,
        action=done,
    )
