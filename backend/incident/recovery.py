"""The sources behind many incidents have recovered: the kernel's recover, in a few statements for all of them."""

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncSession

from backend import jobs
from backend.actor import Actor
from backend.incident import rules, timeline
from backend.incident.rules import Refusal
from backend.incident.timeline import Line


async def lock_many(session: AsyncSession, incident_ids: Sequence[uuid.UUID]) -> Sequence[Row[Any]]:
    """The incidents, locked until the transaction ends, in the order in which the intake locks."""
    rows = await session.execute(
        text(
            "select id, team_id, status, firing from public.incidents where id = any(cast(:ids as uuid[]))"
            " order by team_id, fingerprint, id for update"
        ),
        {"ids": list(incident_ids)},
    )
    return rows.all()


async def still_firing(session: AsyncSession, incident_ids: Sequence[uuid.UUID]) -> set[uuid.UUID]:
    """Those of the incidents that have an alert which fires, or a monitor that is down."""
    rows = await session.execute(
        text(
            "select incident_id from public.alerts"
            " where incident_id = any(cast(:ids as uuid[])) and status = 'firing'"
            " union select i.id from public.incidents i join public.monitors m on m.id = i.monitor_id"
            " where i.id = any(cast(:ids as uuid[])) and m.status = 'down' and m.is_active and not m.is_paused"
            " union select j.incident_id from public.incident_joins j join public.monitors m"
            " on m.team_id = j.team_id and j.fingerprint = 'monitor:' || m.id"
            " where j.incident_id = any(cast(:ids as uuid[])) and m.status = 'down' and m.is_active and not m.is_paused"
        ),
        {"ids": list(incident_ids)},
    )
    return set(rows.scalars())


async def recover_many(
    session: AsyncSession, locked: Sequence[Row[Any]], actor: Actor, now: datetime, *, message: str
) -> list[uuid.UUID]:
    """What service.recover does to each of the incidents of lock_many. Answers which ones it resolved."""
    resolved: list[uuid.UUID] = []
    lines: list[Line] = []
    for row in locked:
        refusal = rules.recovers(row.status)
        if refusal is None:
            after = rules.next_status(row.status, "resolve")
            assert not isinstance(after, Refusal)
            resolved.append(row.id)
            lines.append(Line(row.id, row.team_id, "resolve", row.status, after, actor, message))
        elif row.firing:
            told = f"{message} {refusal.reason}"
            lines.append(Line(row.id, row.team_id, "recover", row.status, row.status, actor, told))
    await _close(session, [row.id for row in locked], resolved, actor, now)
    await timeline.append(session, lines, now)
    if resolved:
        waiting = [(str(incident_id), {"incident_id": str(incident_id)}) for incident_id in resolved]
        await jobs.defer_many(session, jobs.WRITE_POST_MORTEM, waiting)
    return resolved


async def _close(
    session: AsyncSession, recovered: Sequence[uuid.UUID], resolved: Sequence[uuid.UUID], actor: Actor, now: datetime
) -> None:
    still_open = set(recovered).difference(resolved)
    if still_open:
        await session.execute(
            text("update public.incidents set firing = false where id = any(cast(:ids as uuid[])) and firing"),
            {"ids": sorted(still_open)},
        )
    await session.execute(
        text(
            "update public.incidents set status = 'resolved', firing = false, updated_at = :now, resolved_at = :now,"
            " resolved_by = :who, needs_person = null where id = any(cast(:ids as uuid[]))"
        ),
        {"now": now, "who": actor.name, "ids": list(resolved)},
    )
