"""Whether a team may be read and changed just now: suspension, the end of a trial, maintenance. Pure."""

from dataclasses import dataclass
from datetime import datetime

from backend.errors import NightdeskError
from backend.permissions import RANK, Role

READING = frozenset({"GET", "HEAD", "OPTIONS"})


class TeamSuspended(NightdeskError):
    """This team is suspended: nothing can be changed, and only its admins can look. Ask who runs this installation."""

    status, code = 403, "team_suspended"


class TrialEnded(NightdeskError):
    """The trial of this team is over: everything can be read and nothing changed until a plan is chosen."""

    status, code = 402, "trial_ended"


class UnderMaintenance(NightdeskError):
    """Nightdesk is under maintenance: nothing can be changed for the moment. Alerts are still taken."""

    status, code = 503, "maintenance"


@dataclass(frozen=True)
class Maintenance:
    """Whether the installation is closed for changes, and what people are told."""

    on: bool = False
    notice: str = ""


def team_refusal(
    method: str,
    role: Role | None,
    *,
    suspended_at: datetime | None,
    suspended_reason: str | None,
    trial_ends_at: datetime | None,
    now: datetime,
) -> NightdeskError | None:
    """Why this request to the team is refused, or None. `role`: None for an API key."""
    reads = method in READING
    if suspended_at is not None and not (reads and role is not None and RANK[role] >= RANK["admin"]):
        return TeamSuspended(f"This team is suspended: {suspended_reason}" if suspended_reason else None)
    if trial_ends_at is not None and trial_ends_at <= now and not reads:
        return TrialEnded()
    return None


def maintenance_refusal(method: str, maintenance: Maintenance, *, platform_admin: bool) -> NightdeskError | None:
    """Why nothing can be changed for the moment, or None. Those who do the maintenance go on."""
    if not maintenance.on or method in READING or platform_admin:
        return None
    return UnderMaintenance(maintenance.notice or None)
