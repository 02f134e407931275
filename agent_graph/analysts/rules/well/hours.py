"""Do hours that somebody registered beforehand hold now: did the trouble begin in them, and are they not over?"""

import re
from datetime import datetime, timedelta

from agent_graph.analysts.rules.facts import Facts, LogLine
from agent_graph.sources.dates import days_of

_HOURS = re.compile(r"\b([01]?\d|2[0-3]):([0-5]\d) ?(?:-|–|to|until|till|bis) ?([01]?\d|2[0-4]):([0-5]\d)\b")
_OFF = re.compile(r"cancel|postpone|call(?:ed)? off|moved to|\bnot take place|\bended|\bis over\b", re.IGNORECASE)
# What names its day may be said long before; what does not is of the same day or the next.
_AHEAD, _SOON = timedelta(days=60), timedelta(days=1)
_EARLY, _LATE, _DAY = timedelta(minutes=3), timedelta(minutes=5), timedelta(days=1)


def in_force(said: LogLine, facts: Facts) -> bool:
    """`said`: a registered change, with its hours in UTC as all that is registered."""
    hours, began = _HOURS.search(said.message), facts.case.started_at
    if hours is None or said.at is None or said.at > began or _OFF.search(said.message):
        return False
    days = days_of(said.message)
    if began - said.at > (_AHEAD if days else _SOON):
        return False
    return any(_holds(hours, start, days, facts) for start in (began, began - _DAY))


def _holds(hours: re.Match[str], day: datetime, days: set[tuple[int, int]], facts: Facts) -> bool:
    midnight = day.replace(hour=0, minute=0, second=0, microsecond=0)
    begins, ends = (midnight + timedelta(hours=int(hours[n]), minutes=int(hours[n + 1])) for n in (1, 3))
    ends += _DAY if ends <= begins else timedelta()
    if days and (begins.month, begins.day) not in days:
        return False
    return begins - _EARLY <= facts.case.started_at <= ends and facts.case.now <= ends + _LATE
