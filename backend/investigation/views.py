"""Reads investigations for the API, as the caller: row-level security decides what is there."""

from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from backend import cursor as cursors
from backend.errors import NotFound
from backend.incident.model import Incident
from backend.investigation.kinds import Citation
from backend.investigation.model import EvidenceRow, ExchangeRow, HypothesisRow, Investigation, StepRow
from backend.investigation.schemas import (
    CitationOut,
    EvidenceOut,
    ExchangeOut,
    HypothesisOut,
    InvestigationOut,
    StepList,
    StepOut,
    Transcript,
)

# Enough for every round a person would read; older rounds of a long story are left out.
_MOST = 200
# An exchange can have a hundred thousand characters.
_EXCHANGES = 2


async def investigations(session: AsyncSession, incident_id: UUID) -> list[InvestigationOut]:
    """Newest round first. Raises NotFound."""
    await _must_see(session, incident_id)
    query = select(Investigation).where(Investigation.incident_id == incident_id)
    rows = await session.scalars(query.order_by(Investigation.round.desc()).limit(_MOST))
    return [investigation_out(row) for row in rows]


async def latest(session: AsyncSession, incident_id: UUID) -> InvestigationOut | None:
    """The newest round, if there is one."""
    query = select(Investigation).where(Investigation.incident_id == incident_id)
    row = (await session.scalars(query.order_by(Investigation.round.desc()).limit(1))).one_or_none()
    return investigation_out(row) if row is not None else None


async def evidence(session: AsyncSession, incident_id: UUID) -> list[EvidenceOut]:
    """Newest round first, in it by label. Raises NotFound."""
    await _must_see(session, incident_id)
    query = (
        select(EvidenceRow, Investigation.round)
        .join(Investigation, Investigation.id == EvidenceRow.investigation_id)
        .where(EvidenceRow.incident_id == incident_id)
        .order_by(Investigation.round.desc(), func.length(EvidenceRow.label), EvidenceRow.label)
        .limit(_MOST)
    )
    names = EvidenceOut.model_fields.keys() - {"round"}
    return [
        EvidenceOut(**{name: getattr(row, name) for name in names}, round=number)
        for row, number in await session.execute(query)
    ]


async def hypotheses(session: AsyncSession, incident_id: UUID) -> list[HypothesisOut]:
    """Newest round first, in it by rank. Raises NotFound."""
    await _must_see(session, incident_id)
    ids = await _evidence_ids(session, incident_id)
    query = (
        select(HypothesisRow, Investigation.round)
        .join(Investigation, Investigation.id == HypothesisRow.investigation_id)
        .where(HypothesisRow.incident_id == incident_id)
        .order_by(Investigation.round.desc(), HypothesisRow.rank)
        .limit(_MOST)
    )
    return [_hypothesis_out(row, number, ids) for row, number in await session.execute(query)]


async def steps(
    session: AsyncSession, incident_id: UUID, investigation_id: UUID, cursor: str | None, limit: int
) -> StepList:
    """In the order in which they began. Raises NotFound, BadCursor."""
    await _must_have(session, incident_id, investigation_id)
    after = cursors.decode_int(cursor)[1] if cursor else 0
    query = select(StepRow).where(StepRow.investigation_id == investigation_id, StepRow.seq > after)
    rows = list(await session.scalars(query.order_by(StepRow.seq).limit(limit + 1)))
    shown = rows[:limit]
    more = cursors.encode(shown[-1].at, shown[-1].seq) if len(rows) > limit else None
    return StepList(items=[StepOut.model_validate(row) for row in shown], next_cursor=more)


async def transcript(
    session: AsyncSession, incident_id: UUID, investigation_id: UUID, cursor: str | None
) -> Transcript:
    """In the order of the calls. Raises NotFound, BadCursor."""
    await _must_have(session, incident_id, investigation_id)
    after = cursors.decode_int(cursor)[1] if cursor else 0
    query = select(ExchangeRow).where(ExchangeRow.investigation_id == investigation_id, ExchangeRow.number > after)
    rows = list(await session.scalars(query.order_by(ExchangeRow.number).limit(_EXCHANGES + 1)))
    shown = rows[:_EXCHANGES]
    more = cursors.encode(shown[-1].at, shown[-1].number) if len(rows) > _EXCHANGES else None
    return Transcript(items=[_exchange_out(row) for row in shown], next_cursor=more)


def _exchange_out(row: ExchangeRow) -> ExchangeOut:
    names = ExchangeOut.model_fields.keys() - {"tokens_in", "tokens_out", "cost_usd", "estimated"}
    counted = {name: row.usage.get(name, 0) for name in ("tokens_in", "tokens_out", "cost_usd")}
    estimated = bool(row.usage.get("estimated"))
    return ExchangeOut(**{name: getattr(row, name) for name in names}, **counted, estimated=estimated)


async def _must_have(session: AsyncSession, incident_id: UUID, investigation_id: UUID) -> None:
    query = select(Investigation.id).where(
        Investigation.id == investigation_id, Investigation.incident_id == incident_id
    )
    if (await session.scalars(query)).one_or_none() is None:
        raise NotFound()


def investigation_out(row: Investigation) -> InvestigationOut:
    """A round with what its report says in short."""
    report: dict[str, Any] = row.report or {}
    names = InvestigationOut.model_fields.keys() - {"summary", "missing", "analyst_note", "dropped_claims"}
    return InvestigationOut(
        **{name: getattr(row, name) for name in names},
        summary=report.get("summary", ""),
        missing=report.get("missing", []),
        analyst_note=report.get("analyst_note", ""),
        dropped_claims=report.get("dropped_claims", 0),
    )


def _hypothesis_out(row: HypothesisRow, number: int, ids: dict[tuple[UUID, str], UUID]) -> HypothesisOut:
    def cited(citations: list[dict[str, Any]]) -> list[CitationOut]:
        found = [Citation.model_validate(citation) for citation in citations]
        return [
            CitationOut(evidence_id=ids.get((row.investigation_id, c.evidence)), beside=c.beside, **c.model_dump())
            for c in found
        ]

    names = HypothesisOut.model_fields.keys() - {"round", "supporting", "contradicting"}
    return HypothesisOut(
        **{name: getattr(row, name) for name in names},
        supporting=cited(row.supporting),
        contradicting=cited(row.contradicting),
        round=number,
    )


async def _evidence_ids(session: AsyncSession, incident_id: UUID) -> dict[tuple[UUID, str], UUID]:
    query = select(EvidenceRow.investigation_id, EvidenceRow.label, EvidenceRow.id)
    rows = await session.execute(query.where(EvidenceRow.incident_id == incident_id))
    return {(investigation_id, label): evidence_id for investigation_id, label, evidence_id in rows}


async def _must_see(session: AsyncSession, incident_id: UUID) -> None:
    if (await session.scalars(select(Incident.id).where(Incident.id == incident_id))).one_or_none() is None:
        raise NotFound()
