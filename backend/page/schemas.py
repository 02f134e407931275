"""JSON of the incident page."""

from typing import Any

from backend.action.schemas import Action
from backend.incident.schemas import Incident, IncidentVerbs
from backend.investigation.schemas import InvestigationOut


class IncidentDetail(Incident):
    """An incident, what you may do to it, and where its investigation and its remedy stand."""

    verbs: IncidentVerbs
    logs: str | None
    agent_reasoning: str | None
    metrics_snapshot: Any | None
    investigation: InvestigationOut | None
    current_action: Action | None
