"""Incidents that are alike: the same title but for names and numbers, equally severe. A storm is read by its kinds."""

from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, Subquery, func, select, tuple_
from sqlalchemy.orm import aliased

from backend.incident.model import Incident

# Fewer than these are read one by one.
MANY = 5
# What is older stands for itself: nobody waits for the kinds of a whole history.
_NEWEST = 10_000
_NAMES = r"\m\w*\d\w*"


def kind_of(incident: Any) -> tuple[ColumnElement[Any], ...]:
    """What the title says without its target and whatever has a digit. Who needs a person hides behind nobody else."""
    masked = func.lower(func.replace(incident.title, incident.target, "#"))
    return func.regexp_replace(masked, _NAMES, "#", "g"), incident.severity, incident.needs_person.is_(None)


def counted(incidents: Select[Incident, bool, int]) -> Subquery:
    """Of the newest of these: `id`, how many are `alike`, and which of them (`nth`) it is, the newest first."""
    columns = (Incident.id, Incident.title, Incident.target, Incident.severity, Incident.needs_person)
    newest = incidents.with_only_columns(*columns, Incident.created_at, Incident.number)
    rows = newest.order_by(Incident.created_at.desc(), Incident.number.desc()).limit(_NEWEST).subquery()
    kind = kind_of(rows.c)
    nth = func.row_number().over(partition_by=kind, order_by=(rows.c.created_at.desc(), rows.c.number.desc()))
    return select(rows.c.id, nth.label("nth"), func.count().over(partition_by=kind).label("alike")).subquery()


def is_like(team_id: UUID, incident_id: UUID) -> ColumnElement[bool]:
    """Of the same kind as this one of the team, which is of its own kind, too."""
    other = aliased(Incident)
    kind = select(*kind_of(other)).where(other.id == incident_id, other.team_id == team_id)
    return tuple_(*kind_of(Incident)).in_(kind)
