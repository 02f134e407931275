"""The audit log of a team or of the installation, newest first: filtered, page by page."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from backend import cursor as cursors
from backend.audit.model import AuditLog
from backend.audit.schemas import AuditEntry, AuditPage


@dataclass(frozen=True)
class Filters:
    """What to show; None does not filter. `action` ends in a dot for all of a kind: `monitor.`"""

    actor: str | None = None
    action: str | None = None
    object: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    q: str | None = None


async def page(
    session: AsyncSession, team_id: uuid.UUID | None, filters: Filters, cursor: str | None, limit: int
) -> AuditPage:
    """One page; `team_id` None: what is kept for the installation. Raises BadCursor."""
    query = select(AuditLog).where(AuditLog.team_id == team_id, *_conditions(filters))
    if cursor is not None:
        query = query.where(AuditLog.seq < cursors.decode_int(cursor)[1])
    found = (await session.scalars(query.order_by(AuditLog.seq.desc()).limit(limit + 1))).all()
    rows, following = cursors.cut(found, limit, lambda row: (row.created_at, row.seq))
    return AuditPage(items=[entry(row) for row in rows], next_cursor=following)


def entry(row: AuditLog) -> AuditEntry:
    """A row as the API shows it."""
    values = {name: getattr(row, name) for name in AuditEntry.model_fields}
    values["ip_address"] = None if row.ip_address is None else str(row.ip_address)
    return AuditEntry.model_validate(values)


def _conditions(filters: Filters) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if filters.actor:
        found.append(or_(AuditLog.actor == filters.actor, AuditLog.impersonator == filters.actor))
    if filters.action:
        whole = not filters.action.endswith(".")
        found.append(
            AuditLog.action == filters.action if whole else AuditLog.action.startswith(filters.action, autoescape=True)
        )
    if filters.object:
        found.append(or_(AuditLog.object_type == filters.object, AuditLog.object_id == filters.object))
    if filters.since:
        found.append(AuditLog.created_at >= filters.since)
    if filters.until:
        found.append(AuditLog.created_at < filters.until)
    if filters.q and filters.q.strip():
        texts = (AuditLog.actor, AuditLog.impersonator, AuditLog.action, AuditLog.object_name, AuditLog.object_id)
        found.append(or_(*(column.icontains(filters.q.strip(), autoescape=True) for column in texts)))
    return found
