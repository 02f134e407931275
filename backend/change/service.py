"""The one writer of changes: each is stored once, whatever a pipeline repeats, and without secrets."""

import uuid
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from backend import cursor as cursors
from backend.access import Caller
from backend.change import rules
from backend.change.model import Change
from backend.change.schemas import ChangePage, ChangeView, NewChange
from backend.errors import Conflict, Forbidden, Invalid
from backend.redaction.clean import one_line
from backend.redaction.redact import redact

_KEPT = timedelta(days=180)


class KeyReused(Conflict):
    """Another change was registered with this key. Give each change a key of its own."""

    code = "change_key_reused"


async def register(session: AsyncSession, caller: Caller, told: NewChange, now: datetime) -> tuple[Change, bool]:
    """The change, and whether it is new. Raises Forbidden, Invalid, KeyReused."""
    if not caller.may("change.write"):
        raise Forbidden()
    wrong = rules.wrong_time(told.at, now) if told.at is not None else None
    if wrong is not None:
        raise Invalid(wrong.reason, errors=[{"where": "at", "what": wrong.reason}])
    values = _values(told)
    team_id = caller.team.team_id
    await session.execute(delete(Change).where(Change.team_id == team_id, Change.at < now - _KEPT))
    row = insert(Change).values(
        team_id=team_id, **values, at=told.at or now, registered_by=caller.actor.name[:300], created_at=now
    )
    added = (await session.scalars(row.on_conflict_do_nothing().returning(Change))).one_or_none()
    if added is not None:
        return added, True
    known = (await session.scalars(select(Change).where(Change.team_id == team_id, Change.key == values["key"]))).one()
    if not rules.same({column: getattr(known, column) for column in (*values, "at")}, values, told.at):
        raise KeyReused()
    return known, False


def _values(told: NewChange) -> dict[str, Any]:
    """Texts of pipelines come from commits: they may hold anything."""

    def safe(text: str | None, limit: int) -> str | None:
        return (one_line(redact(text), limit) or "?") if text is not None else None

    return {
        "kind": told.kind,
        "target": safe(told.target, 200),
        "summary": safe(told.summary, 1_000),
        "ref": safe(told.ref, 200),
        "url": redact(told.url)[:2_048] if told.url else None,
        "key": one_line(told.key, 200) if told.key is not None else None,
    }


async def page(
    session: AsyncSession,
    team_id: uuid.UUID,
    *,
    target: str | None,
    since: datetime | None,
    cursor: str | None,
    limit: int,
) -> ChangePage:
    """One page, the latest first. Raises BadCursor."""
    query = select(Change).where(Change.team_id == team_id)
    if target:
        query = query.where(Change.target == target)
    if since:
        query = query.where(Change.at >= since)
    found = (await session.scalars(cursors.newest_first(query, Change.at, Change.id, cursor, limit))).all()
    rows, following = cursors.cut(found, limit, lambda row: (row.at, row.id))
    return ChangePage(items=[ChangeView.model_validate(row) for row in rows], next_cursor=following)
