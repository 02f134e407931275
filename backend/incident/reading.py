"""Incidents as the API shows them. Read as the caller: row-level security decides what is there."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from sqlalchemy import Select, and_, case, literal, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import defer

from backend import cursor as cursors
from backend.access import Caller
from backend.errors import NotFound
from backend.incident import alike, rules, schemas
from backend.incident.model import Incident, IncidentEvent
from backend.incident.rules import PersonVerb, Severity, Status

# Long texts that only the incident's own page shows.
_LONG = (Incident.logs, Incident.agent_reasoning, Incident.metrics_snapshot, Incident.post_mortem_md)
_HAS_POST_MORTEM = Incident.post_mortem_md.is_not(None)
_NUMBER = re.compile(r"#?(\d{1,18})")
_SAME_NAMES = tuple(name for name in schemas.Incident.model_fields if name not in ("has_post_mortem", "root_cause_by"))


@dataclass(frozen=True)
class Filters:
    """Which incidents; what is empty does not filter."""

    status: Collection[Status] = ()
    severity: Collection[Severity] = ()
    target: str | None = None
    q: str | None = None
    since: datetime | None = None
    like: UUID | None = None
    collapsed: bool = False


async def page(
    session: AsyncSession, team_id: UUID, filters: Filters, cursor: str | None, limit: int
) -> schemas.IncidentPage:
    """The team's incidents, newest first; of those of one moment the highest number first. Raises BadCursor."""
    query = _filtered(select(Incident, _HAS_POST_MORTEM, literal(1)).where(Incident.team_id == team_id), filters)
    if filters.like is not None:
        query = query.where(alike.is_like(team_id, filters.like))
    if filters.collapsed:
        query = _collapsed(query)
    query = query.options(*(defer(column, raiseload=True) for column in _LONG))
    query = cursors.newest_first(query, Incident.created_at, Incident.number, cursor, limit)
    found = (await session.execute(query)).all()
    rows, following = cursors.cut(found, limit, lambda row: (row[0].created_at, row[0].number))
    items = [schemas.ListedIncident(**values(row, written), alike=count) for row, written, count in rows]
    return schemas.IncidentPage(items=items, next_cursor=following)


def _collapsed(query: Select[Incident, bool, int]) -> Select[Incident, bool, int]:
    """Of many that are alike only the newest, with their number."""
    found = alike.counted(query)
    first, many = found.c.nth == 1, found.c.alike >= alike.MANY
    stands_for = case((and_(first, many), found.c.alike), else_=1)
    shown = query.with_only_columns(Incident, _HAS_POST_MORTEM, stands_for)
    shown = shown.outerjoin(found, found.c.id == Incident.id)
    return shown.where(or_(first, found.c.id.is_(None), found.c.alike < alike.MANY))


def _filtered(query: Select[Incident, bool, int], filters: Filters) -> Select[Incident, bool, int]:
    if filters.status:
        query = query.where(Incident.status.in_(filters.status))
    if filters.severity:
        query = query.where(Incident.severity.in_(filters.severity))
    if filters.target:
        query = query.where(Incident.target == filters.target)
    if filters.since:
        query = query.where(Incident.created_at >= filters.since)
    if filters.q and filters.q.strip():
        query = query.where(_matches(filters.q.strip()))
    return query


def _matches(q: str) -> Any:
    """Part of the title, target or root cause; or the number."""
    texts = (Incident.title, Incident.target, Incident.root_cause, Incident.server_name, Incident.namespace)
    found = [column.icontains(q, autoescape=True) for column in texts]
    number = _NUMBER.fullmatch(q)
    return or_(*found, Incident.number == int(number[1])) if number else or_(*found)


async def find(session: AsyncSession, team_id: UUID, incident_id: UUID) -> Incident:
    """The team's incident with everything. Raises NotFound."""
    query = select(Incident).where(Incident.id == incident_id, Incident.team_id == team_id)
    incident = (await session.execute(query)).scalar_one_or_none()
    if incident is None:
        raise NotFound()
    return incident


def values(incident: Incident, has_post_mortem: bool) -> dict[str, Any]:
    """The members that a list item and the page share."""
    same = {name: getattr(incident, name) for name in _SAME_NAMES}
    return same | {"has_post_mortem": has_post_mortem, "root_cause_by": incident.stated_by}


def verbs(incident: Incident, caller: Caller) -> schemas.IncidentVerbs:
    """For every verb: allowed, or the reason why not. The rules and the caller's role both have a say."""

    def verb(name: PersonVerb) -> schemas.Verb:
        if not caller.may("incident.write"):
            return schemas.Verb(allowed=False, reason=caller.refusal("incident.write").detail)
        refusal = rules.person_may(
            incident.state,
            name,
            acknowledged=incident.acknowledged_at is not None,
            merged=incident.merged_into is not None,
        )
        return schemas.Verb(allowed=refusal is None, reason=refusal and refusal.reason)

    return schemas.IncidentVerbs(**{name: verb(cast(PersonVerb, name)) for name in schemas.IncidentVerbs.model_fields})


async def events(
    session: AsyncSession, team_id: UUID, incident_id: UUID, cursor: str | None, limit: int
) -> schemas.IncidentEventPage:
    """The timeline, oldest first. Raises NotFound and BadCursor."""
    await find(session, team_id, incident_id)
    query = select(IncidentEvent).where(IncidentEvent.incident_id == incident_id)
    if cursor is not None:
        query = query.where(IncidentEvent.seq > cursors.decode_int(cursor)[1])
    found = (await session.scalars(query.order_by(IncidentEvent.seq).limit(limit + 1))).all()
    rows, following = cursors.cut(found, limit, lambda row: (row.created_at, row.seq))
    items = [schemas.IncidentEvent.model_validate(row) for row in rows]
    return schemas.IncidentEventPage(items=items, next_cursor=following)
