"""When may a change have happened, and is a repeated one the same?"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Literal

from backend.incident.rules import Refusal

Kind = Literal["deploy", "rollback", "config", "feature_flag", "migration", "scale", "infrastructure", "other"]
# Clocks of build machines are a little off; a change of next week is a mistake.
AHEAD = timedelta(minutes=5)
BACK = timedelta(days=30)
_SAME = ("kind", "target", "summary", "ref", "url")


def wrong_time(at: datetime, now: datetime) -> Refusal | None:
    """Why it cannot have happened then."""
    if at > now + AHEAD:
        return Refusal("A change is registered when it has happened; this time lies in the future.")
    if at < now - BACK:
        return Refusal("A change of more than 30 days ago explains no incident any more.")
    return None


def same(known: Mapping[str, Any], told: Mapping[str, Any], at: datetime | None) -> bool:
    """Is what is told under a known key what is known? A repetition that leaves the time out means the first one's."""
    return all(known[name] == told[name] for name in _SAME) and at in (None, known["at"])
