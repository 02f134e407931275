"""The one writer of investigations: opens the case, records the report. One worker at a time, see lease.py."""

import uuid
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.action import service as actions
from backend.actor import AGENT, Actor
from backend.incident import joining
from backend.incident import rules as incident_rules
from backend.incident import service as incidents
from backend.incident.correction import STATED
from backend.incident.model import Incident
from backend.incident.rules import Refusal
from backend.investigation import case, rules
from backend.investigation.evidence import read_evidence
from backend.investigation.kinds import CaseFile, Evidence, Report
from backend.investigation.lease import LeaseLost, leased
from backend.investigation.model import HypothesisRow, Investigation
from backend.investigation.steps import end_steps
from backend.memory import service as memory

_MOST_METRICS = 12


async def open_case(
    session: AsyncSession, incident_id: uuid.UUID, worker: str, now: datetime, hint: str | None = None
) -> CaseFile | Refusal:
    """Begins the next round or takes up an interrupted one; the incident is then investigating. Raises NotFound.

    A resumed round keeps its id, its case file and therefore its windows: what was asked once is not asked again.
    """
    incident = await incidents.lock(session, incident_id)
    running = await _running(session, incident_id)
    lease = rules.Running(running.leased_by, running.lease_until) if running else None
    decision = rules.start(incident.state, lease, worker, now)
    if isinstance(decision, Refusal):
        return decision
    if running is not None and decision == "resume":
        running.leased_by, running.lease_until = worker, now + rules.LEASE
        incidents.note(
            session, incident, "resume", AGENT, "The investigation goes on after an interruption.", None, now
        )
        await session.flush()
        return CaseFile.model_validate(running.case_file)
    if running is not None:
        _end(running, "superseded", now)
        await end_steps(session, running.id)
    return await _begin(session, incident, worker, now, hint)


async def _begin(session: AsyncSession, incident: Incident, worker: str, now: datetime, hint: str | None) -> CaseFile:
    query = select(func.coalesce(func.max(Investigation.round), 0)).where(Investigation.incident_id == incident.id)
    number = int((await session.execute(query)).scalar_one()) + 1
    investigation_id = uuid.uuid4()
    told = await case.build(session, incident, investigation_id, number, now, hint)
    session.add(
        Investigation(
            id=investigation_id,
            team_id=incident.team_id,
            incident_id=incident.id,
            round=number,
            status="running",
            step="opening the case",
            hint=hint,
            case_file=told.model_dump(mode="json"),
            leased_by=worker,
            lease_until=now + rules.LEASE,
            created_at=now,
            started_at=now,
        )
    )
    nth = incident.investigation_round + 1
    again = "" if nth == 1 else f", round {nth}"
    incidents.apply(
        session,
        incident,
        "investigate",
        AGENT,
        now,
        message=f"Investigation started{again}.",
        data={"investigation_id": str(investigation_id), "round": number},
        investigation_round=nth,
    )
    await session.flush()
    return told


async def record(
    session: AsyncSession, investigation_id: uuid.UUID, worker: str, report: Report, now: datetime
) -> None:
    """Keeps the report; an open incident becomes analyzed and gets its draft action. Raises LeaseLost, NotFound.

    An incident that was closed meanwhile keeps the report and is otherwise left alone.
    """
    incident_id = await _incident_of(session, investigation_id)
    incident = await incidents.lock(session, incident_id)
    investigation = await leased(session, investigation_id, worker)
    investigation.report = report.model_dump(mode="json")
    investigation.analyst, investigation.verdict = report.analyst, report.verdict
    investigation.model = report.usage.model
    investigation.tokens_in, investigation.tokens_out = report.usage.tokens_in, report.usage.tokens_out
    investigation.cost_usd, investigation.usage_estimated = Decimal(str(report.usage.cost_usd)), report.usage.estimated
    _end(investigation, "done", now)
    evidence = await read_evidence(session, investigation_id)
    logs = [found for found in evidence if found.kind == "log" and found.data.get("own") is not False]
    await memory.remember(session, incident, [found.data for found in logs])
    await end_steps(session, investigation_id)
    _add_hypotheses(session, investigation, report)
    if incident.state != "investigating":
        await session.flush()
        return
    incidents.apply(
        session,
        incident,
        "conclude",
        AGENT,
        now,
        message=rules.sentence(report),
        data={"investigation_id": str(investigation_id), "verdict": report.verdict, "category": report.category},
        **_columns(incident, report, evidence),
    )
    await session.flush()
    needed = rules.seen_dependency(report, evidence)
    if needed is not None:
        await joining.saw_dependency(session, incident.team_id, incident.target, needed, incident.id)
    if report.proposal is not None:
        await actions.draft(session, incident, report.proposal, investigation_id, now)


def _columns(incident: Incident, report: Report, evidence: list[Evidence]) -> dict[str, Any]:
    metrics = [found for found in evidence if found.kind == "metric" and found.data.get("series")][:_MOST_METRICS]
    stated = STATED if incident.root_cause_at is not None else ()
    columns = {
        "incident_type": report.category,
        "verdict": report.verdict,
        "root_cause": report.root_cause,
        "confidence": report.confidence,
        "analyst": report.analyst,
        "agent_reasoning": rules.reasoning(report),
        "logs": rules.decisive_log(report, evidence) or None,
        "metrics_snapshot": [_snapshot(metric) for metric in metrics] or None,
        "proposed_action": None,
        "needs_person": rules.needs_person(report),
    }
    return {name: value for name, value in columns.items() if name not in stated}


def _snapshot(metric: Evidence) -> dict[str, Any]:
    return {"title": metric.title, "query": metric.query, "summary": metric.summary, **metric.data}


def _add_hypotheses(session: AsyncSession, investigation: Investigation, report: Report) -> None:
    for rank, hypothesis in enumerate(report.hypotheses, start=1):
        session.add(
            HypothesisRow(
                id=uuid.uuid4(),
                team_id=investigation.team_id,
                incident_id=investigation.incident_id,
                investigation_id=investigation.id,
                rank=rank,
                **hypothesis.model_dump(mode="json"),
            )
        )


async def look_anew(session: AsyncSession, incident: Incident, actor: Actor, now: datetime, *, message: str) -> None:
    """A locked incident is about something else now: whatever looked at it ends, and a round begins.

    One that nobody has begun with is left to those who will.
    """
    if incident.state == "detected":
        return
    running = await _running(session, incident.id)
    if running is not None:
        _end(running, "superseded", now)
        await end_steps(session, running.id)
    await incidents.begin_round(session, incident, actor, now, message=message)


async def fail(session: AsyncSession, incident_id: uuid.UUID, error: str, now: datetime) -> None:
    """The last attempt has failed: a person is asked, and the incident is not stuck. Raises NotFound."""
    incident = await incidents.lock(session, incident_id)
    running = await _running(session, incident_id)
    if running is not None and rules.Running(running.leased_by, running.lease_until).held_by_another("", now):
        return
    if running is not None:
        _end(running, "failed", now)
        await end_steps(session, running.id)
        running.error = error[:2000]
    if incident.state in incident_rules.CLOSED or incident.state not in ("detected", "investigating"):
        await session.flush()
        return
    if incident.state == "detected":
        incidents.apply(session, incident, "investigate", AGENT, now, message="Investigation started.")
    why = "The investigation failed again and again; look at the System page, then ask for another one."
    incidents.apply(session, incident, "conclude", AGENT, now, message="The investigation failed.", needs_person=why)
    await session.flush()


async def _running(session: AsyncSession, incident_id: uuid.UUID) -> Investigation | None:
    query = select(Investigation).where(Investigation.incident_id == incident_id, Investigation.status == "running")
    locked = query.order_by(Investigation.round.desc()).limit(1).with_for_update()
    return (await session.scalars(locked.execution_options(populate_existing=True))).one_or_none()


async def _incident_of(session: AsyncSession, investigation_id: uuid.UUID) -> uuid.UUID:
    query = select(Investigation.incident_id).where(Investigation.id == investigation_id)
    incident_id = (await session.scalars(query)).one_or_none()
    if incident_id is None:
        raise LeaseLost()
    return incident_id


def _end(investigation: Investigation, status: str, now: datetime) -> None:
    investigation.status, investigation.finished_at, investigation.step = status, now, ""
    investigation.leased_by = investigation.lease_until = None
