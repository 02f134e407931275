"""A person says what the cause was: that stands from then on, over whatever an investigation concludes."""

import uuid
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from backend import jobs
from backend.actor import Actor
from backend.incident import service
from backend.incident.kinds import Category
from backend.incident.model import Incident

_LONGEST_MESSAGE = 300
# What an investigation writes and must leave alone once a person has spoken.
STATED = ("root_cause", "incident_type", "verdict", "confidence")


async def correct(
    session: AsyncSession, incident_id: uuid.UUID, root_cause: str, category: Category, actor: Actor, now: datetime
) -> Incident:
    """Keeps who said it and when; the agent's own conclusion stays in its report. Also on finished incidents, whose
    post-mortem is then written again. Raises NotFound.
    """
    incident = await service.lock(session, incident_id)
    before = {"root_cause": incident.root_cause, "category": incident.incident_type}
    incident.root_cause, incident.incident_type = root_cause, category
    incident.verdict = "not_an_incident" if category == "healthy" else "incident"
    # How sure the agent was of something else says nothing about this.
    incident.confidence = None
    incident.root_cause_by, incident.root_cause_by_id, incident.root_cause_at = actor.name, actor.id, now
    incident.updated_at = now
    after = {"root_cause": root_cause, "category": category}
    message = f"{actor.name} said what the cause was ({category}): {_short(root_cause)}"
    service.note(session, incident, "correct", actor, message, {"before": before, "after": after}, now)
    await session.flush()
    if incident.state == "resolved":
        await jobs.defer(session, jobs.WRITE_POST_MORTEM, lock=str(incident.id), incident_id=str(incident.id))
    return incident


def hand_on(session: AsyncSession, ended: Incident, into: Incident, actor: Actor, now: datetime) -> None:
    """What a person said of an incident holds for the one that takes it over, unless somebody spoke there, too."""
    if ended.root_cause_at is None or into.root_cause_at is not None:
        return
    before = {"root_cause": into.root_cause, "category": into.incident_type}
    into.root_cause, into.incident_type = ended.root_cause, ended.incident_type
    into.verdict, into.confidence = ended.verdict, None
    into.root_cause_by, into.root_cause_by_id = ended.root_cause_by, ended.root_cause_by_id
    into.root_cause_at = ended.root_cause_at
    said = _short(ended.root_cause or "")
    message = f"{ended.root_cause_by} said of #{ended.number} what the cause was ({ended.incident_type}): {said}"
    after = {"root_cause": ended.root_cause, "category": ended.incident_type}
    service.note(session, into, "correct", actor, message, {"before": before, "after": after}, now)


def take_back(incident: Incident) -> None:
    """Nothing is known any more of the cause, by whoever it was stated."""
    incident.root_cause = incident.incident_type = incident.verdict = incident.confidence = None
    incident.root_cause_by = incident.root_cause_by_id = incident.root_cause_at = None


def _short(said: str) -> str:
    return said if len(said) <= _LONGEST_MESSAGE else said[: _LONGEST_MESSAGE - 1] + "…"
