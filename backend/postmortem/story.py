"""Reads the record of an incident. Evidence, alerts and checks belong to sibling packages: read here by name."""

from typing import Any
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.action.model import Action
from backend.incident.model import Incident, IncidentEvent
from backend.investigation.kinds import Citation
from backend.postmortem.kinds import Cause, Moment, Quote, Remedy, Story

_MOST_EVENTS = 200
_MOST_CAUSES = 4
_MOST_QUOTES = 5


async def read(session: AsyncSession, incident: Incident) -> Story:
    """The story of a resolved incident."""
    assert incident.resolved_at is not None
    report = await _report(session, incident.id)
    return Story(
        incident_id=incident.id,
        number=incident.number,
        title=incident.title,
        target=incident.target,
        severity=incident.severity,
        status=incident.status,
        description=incident.description,
        started_at=incident.started_at,
        detected_at=incident.created_at,
        resolved_at=incident.resolved_at,
        resolved_by=incident.resolved_by,
        acknowledged_at=incident.acknowledged_at,
        acknowledged_by=incident.acknowledged_by,
        occurrences=incident.occurrences,
        verdict=incident.verdict,
        root_cause=incident.root_cause,
        confidence=incident.confidence,
        rounds=incident.investigation_round,
        root_cause_by=incident.root_cause_by,
        category=incident.incident_type,
        timeline=await _timeline(session, incident.id),
        causes=await _causes(session, incident.id),
        remedies=await _remedies(session, incident.id),
        alerts=await _alerts(session, incident.id),
        missing=[str(item) for item in report.get("missing", [])],
        failed_checks=await _failed_checks(session, incident),
    )


async def _timeline(session: AsyncSession, incident_id: UUID) -> list[Moment]:
    query = select(IncidentEvent).where(IncidentEvent.incident_id == incident_id).order_by(IncidentEvent.seq)
    events = await session.scalars(query.limit(_MOST_EVENTS))
    return [Moment(e.created_at, e.actor or "nightdesk", e.verb, e.message) for e in events]


async def _report(session: AsyncSession, incident_id: UUID) -> dict[str, Any]:
    rows = await session.execute(
        text(
            "select report from public.investigations where incident_id = :id and report is not null"
            " order by round desc limit 1"
        ),
        {"id": incident_id},
    )
    return rows.scalar_one_or_none() or {}


async def _causes(session: AsyncSession, incident_id: UUID) -> list[Cause]:
    rows = await session.execute(
        text(
            "select h.* from public.hypotheses h join public.investigations i on i.id = h.investigation_id"
            " where i.incident_id = :id and i.round = (select max(round) from public.investigations"
            " where incident_id = :id and report is not null) order by h.rank limit :most"
        ),
        {"id": incident_id, "most": _MOST_CAUSES},
    )
    return [
        Cause(row.category, row.statement, row.confidence, row.analyst, await _quotes(session, row)) for row in rows
    ]


async def _quotes(session: AsyncSession, hypothesis: Any) -> list[Quote]:
    supporting = [Citation.model_validate(citation) for citation in hypothesis.supporting]
    cited = [citation for citation in supporting if not citation.beside][:_MOST_QUOTES]
    rows = await session.execute(
        text("select label, title, query from public.evidence where investigation_id = :id and label = any(:labels)"),
        {"id": hypothesis.investigation_id, "labels": [c.evidence for c in cited]},
    )
    known = {row.label: row for row in rows}
    return [
        Quote(c.evidence, known[c.evidence].title, known[c.evidence].query, c.quote, c.note)
        for c in cited
        if c.evidence in known
    ]


async def _remedies(session: AsyncSession, incident_id: UUID) -> list[Remedy]:
    query = select(Action).where(Action.incident_id == incident_id).order_by(Action.created_at)
    return [
        Remedy(
            title=a.title,
            kind=a.kind,
            target=a.target,
            status=a.status,
            approved_by=a.approved_by,
            proposed_at=a.proposed_at,
            decided_at=a.decided_at,
            started_at=a.started_at,
            finished_at=a.finished_at,
            result=a.result,
            error=a.error,
            verification=a.verification,
            checks=_checks(a.verification_detail),
            inverse=a.inverse,
        )
        for a in await session.scalars(query)
        if a.status not in ("drafted", "withdrawn")
    ]


def _checks(detail: dict[str, Any] | None) -> list[str]:
    words = {True: "ok", False: "not ok", None: "unknown"}
    found: list[dict[str, Any]] = (detail or {}).get("checks", [])
    return [f"{check.get('name')}: {words[check.get('ok')]} — {check.get('detail', '')}" for check in found]


async def _alerts(session: AsyncSession, incident_id: UUID) -> list[str]:
    rows = await session.execute(
        text(
            "select name, severity, min(starts_at) as since, sum(receipts) as receipts from public.alerts"
            " where incident_id = :id group by name, severity order by since limit 20"
        ),
        {"id": incident_id},
    )
    return [
        f"{r.name} ({r.severity}) since {r.since:%Y-%m-%d %H:%M:%S} UTC, received {_times(r.receipts)}" for r in rows
    ]


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count} times"


async def _failed_checks(session: AsyncSession, incident: Incident) -> int:
    if incident.monitor_id is None:
        return 0
    rows = await session.execute(
        text(
            "select count(*) from public.monitor_checks where monitor_id = :id and status = 'down'"
            " and checked_at >= :since and checked_at <= :until"
        ),
        {"id": incident.monitor_id, "since": incident.started_at, "until": incident.resolved_at},
    )
    return int(rows.scalar_one())
