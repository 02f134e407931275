"""Who may be visited by support, and for how long. Pure."""

from datetime import timedelta

from backend.errors import Conflict, Forbidden, NightdeskError, NotFound

VISIT = timedelta(minutes=30)


class NotInTeam(NotFound):
    """Nobody of that id is in the team."""


class PlatformAdminVisited(Forbidden):
    """Nobody acts as somebody who runs the installation."""

    code = "platform_admin"


class AlreadyVisiting(Conflict):
    """You act as somebody already. End that first."""

    code = "already_visiting"


def visit_refusal(*, member: bool, target_is_platform_admin: bool, visiting: bool) -> NightdeskError | None:
    """Why this visit may not begin, or None. `visiting`: the one who asks is on a visit already."""
    if not member:
        return NotInTeam()
    if target_is_platform_admin:
        return PlatformAdminVisited()
    if visiting:
        return AlreadyVisiting()
    return None
