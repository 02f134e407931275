"""Reads the record of a finished incident for its export."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.action.model import Action
from backend.action.rules import EXECUTED
from backend.errors import Conflict, NotFound
from backend.incident.model import Incident
from backend.incident.rules import CLOSED
from backend.investigation import case
from backend.investigation.evidence import read_evidence
from backend.investigation.kinds import CaseFile
from backend.investigation.model import Investigation
from backend.scenario.kinds import Outcome, Record, Remedy
from backend.secretpattern import service as secretpattern
from backend.team import service as teams

_WORKED: dict[str | None, bool] = {"recovered": True, "not_recovered": False}
# Of an incident that nobody looked into there is a case all the same, and nothing found.
_NO_ROUND = UUID(int=0)


class IncidentOpen(Conflict):
    """The incident is still open: what it was is known when it is over. Resolve it, then export it."""

    code = "incident_open"


async def read(session: AsyncSession, team_id: UUID, incident_id: UUID) -> tuple[int, Record]:
    """The incident's number and its record. Raises NotFound, IncidentOpen."""
    query = select(Incident).where(Incident.id == incident_id, Incident.team_id == team_id)
    incident = (await session.scalars(query)).one_or_none()
    if incident is None:
        raise NotFound()
    if incident.state not in CLOSED:
        raise IncidentOpen()
    investigation = await _decisive(session, incident_id)
    told = await _case(session, incident, investigation)
    patterns = [row.pattern for row in await secretpattern.of_team(session, team_id)]
    return incident.number, Record(
        case=told,
        evidence=await read_evidence(session, investigation.id) if investigation else [],
        outcome=await _outcome(session, incident),
        patterns=[*patterns, *told.secret_patterns],
        people=await _people(session, incident, told),
    )


async def _decisive(session: AsyncSession, incident_id: UUID) -> Investigation | None:
    """The round whose conclusion stands; where none came to one, the last."""
    query = select(Investigation).where(Investigation.incident_id == incident_id)
    order = (Investigation.report.is_(None), Investigation.round.desc())
    return (await session.scalars(query.order_by(*order).limit(1))).one_or_none()


async def _case(session: AsyncSession, incident: Incident, investigation: Investigation | None) -> CaseFile:
    """As the agent was told it; where nobody looked into it, as it would have been told at the end."""
    if investigation is not None and investigation.case_file is not None:
        return CaseFile.model_validate(investigation.case_file)
    return await case.build(session, incident, _NO_ROUND, 1, _over_at(incident), None)


def _over_at(incident: Incident) -> datetime:
    return incident.resolved_at or incident.updated_at or incident.last_seen_at


async def _outcome(session: AsyncSession, incident: Incident) -> Outcome:
    query = select(Action).where(Action.incident_id == incident.id, Action.status.in_(EXECUTED))
    executed = (await session.scalars(query.order_by(Action.started_at.desc(), Action.id).limit(1))).one_or_none()
    return Outcome(
        verdict=incident.verdict or "inconclusive",
        category=incident.incident_type,
        root_cause=incident.root_cause,
        by_person=incident.root_cause_at is not None,
        remedy=Remedy(executed.kind, _worked(executed)) if executed else None,
    )


def _worked(action: Action) -> bool | None:
    return False if action.state == "failed" else _WORKED.get(action.verification)


async def _people(session: AsyncSession, incident: Incident, told: CaseFile) -> list[str]:
    """Everybody whose name may stand in what was written: members, who acted, who changed something."""
    members = await teams.members(session, incident.team_id)
    acted = (incident.owner, incident.acknowledged_by, incident.resolved_by, incident.root_cause_by)
    named = [*(m.name for m in members), *(m.email for m in members), *acted, incident.approved_by]
    return [name for name in [*named, *(change.by for change in told.changes)] if name]
