"""Keeps what was found: labelled, once per question, with the hash of what it said."""

import hashlib
import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.investigation.kinds import Evidence
from backend.investigation.lease import leased
from backend.investigation.model import EvidenceRow, Investigation


async def store_evidence(
    session: AsyncSession, investigation_id: uuid.UUID, worker: str, found: Sequence[Evidence], now: datetime
) -> list[Evidence]:
    """Labels and stores what was found, in its order. Raises LeaseLost.

    The same question (source, title, query, window) has one answer per investigation: after an interruption, the
    stored one comes back.
    """
    investigation = await leased(session, investigation_id, worker)
    rows = list(await session.scalars(_evidence_of(investigation_id)))
    known = {_question(to_evidence(row)): row for row in rows}
    stored: list[Evidence] = []
    for evidence in found:
        row = known.get(_question(evidence))
        if row is None:
            row = known[_question(evidence)] = _row(investigation, f"E{len(known) + 1}", evidence, now)
            session.add(row)
        stored.append(to_evidence(row))
    await session.flush()
    return stored


async def read_evidence(session: AsyncSession, investigation_id: uuid.UUID) -> list[Evidence]:
    """Everything stored for an investigation, in the order of its labels."""
    return [to_evidence(row) for row in await session.scalars(_evidence_of(investigation_id))]


def _evidence_of(investigation_id: uuid.UUID) -> Any:
    query = select(EvidenceRow).where(EvidenceRow.investigation_id == investigation_id)
    return query.order_by(func.length(EvidenceRow.label), EvidenceRow.label)


def _question(found: Evidence) -> tuple[Any, ...]:
    return (found.source, found.kind, found.title, found.query, found.window_start)


def _row(investigation: Investigation, label: str, found: Evidence, now: datetime) -> EvidenceRow:
    return EvidenceRow(
        id=uuid.uuid4(),
        team_id=investigation.team_id,
        incident_id=investigation.incident_id,
        investigation_id=investigation.id,
        label=label,
        sha256=hashlib.sha256(found.content.encode()).hexdigest(),
        collected_at=now,
        data={**found.data, "inventory": found.inventory} if found.inventory else found.data,
        **found.model_dump(exclude={"label", "data", "inventory"}),
    )


def to_evidence(row: EvidenceRow) -> Evidence:
    """A stored row as the agent knows it."""
    data = dict(row.data)
    return Evidence(
        label=row.label,
        source=row.source,
        kind=row.kind,  # pyright: ignore[reportArgumentType]
        title=row.title,
        query=row.query,
        window_start=row.window_start,
        window_end=row.window_end,
        summary=row.summary,
        content=row.content,
        inventory=data.pop("inventory", []),
        data=data,
        truncated=row.truncated,
        error=row.error,
    )
