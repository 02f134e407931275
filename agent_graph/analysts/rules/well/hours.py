"""Do hours that somebody registered beforehand hold now: did the trouble begin in them, and are they not over?"""

import re
from datetime import datetime, timedelta

from agent_graph.analysts.rules.facts import Facts, LogLine
from agent_graph.sources.dates import days_of

_HOURS = re.compile(
    r"\b([01]?\d|2[0-3]):([0-5]\d)(?: ?Z| UTC)? ?(?:-|–|to|until|till|bis) ?([01]?\d|2[0-4]):([0-5]\d)(?=Z?\b)"
)
# What was begun as it was registered says how long it lasts: duration=900s, for 15 minutes.
_LASTS = re.compile(
    r"(?:duration\w*[ =:]{1,3}(?:of )?|\bfor (?:the next )?|\blasts |\btakes )[\"']?(\d{1,4}) ?"
    r"(s|sec\w*|m|min\w*|h|hours?)\b",
    re.IGNORECASE,
)
_BEGUN = re.compile(r"\b(?:started|beg[au]n|launched)\b", re.IGNORECASE)
# What names a day or a time of day may be said long before it begins, and what has yet to be begun is not.
_NOT_YET = re.compile(
    r"\b(?:mon|tue(?:s)?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?s?\b|\bto be\b|(?<!the )\bnext\b"
    r"|\b(?:tomorrow|tonight|yesterday|later|noon|midnight|soon|daily|weekly|once|when|will|not|never)\b"
    r"|\d{1,2}:\d\d|\b\d{1,2} ?(?:am|pm|o'clock|Uhr)\b|\bin \d+ ?(?:m|h|d)",
    re.IGNORECASE,
)
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours"}
_OFF = re.compile(
    r"cancel|postpone|call(?:ed)? off|moved to|\bnot take place|\bended|\bis over\b|\bfinished|\bcompleted\b|\baborted"
    r"|\bterminated early|\bhalted|roll(?:ed)?[- ]?back|(?<!is )(?<!are )(?<!be )\bstopped",
    re.IGNORECASE,
)
# One day of the week beside its hours; "Mon-Fri" and "every" are no day.
_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_WEEKDAY = re.compile(
    rf"(?<!every )(?<!each )(?<![-–/])\b({'|'.join(_WEEKDAYS)})(?:day|sday|nesday|rsday|urday)?\b(?! ?[-–/&,] ?[A-Z])"
    r"(?=[.,]? (?:at |from )?\d)"
)
# What names its day may be said long before; what does not is of the same day or the next.
_AHEAD, _WEEK, _SOON = timedelta(days=60), timedelta(days=7), timedelta(days=1)
_EARLY, _LATE, _DAY = timedelta(minutes=3), timedelta(minutes=5), timedelta(days=1)
# What is said to last longer is no drill, but a state.
_LONGEST = timedelta(hours=12)


def in_force(said: LogLine, facts: Facts) -> bool:
    """`said`: a registered change, with its hours in UTC as all that is registered."""
    return began_in_force(said, facts) is not None


def began_in_force(said: LogLine, facts: Facts) -> datetime | None:
    """When they began, if they hold now."""
    hours, began = _HOURS.search(said.message), facts.case.started_at
    if said.at is None or said.at > began or _OFF.search(said.message):
        return None
    if hours is None:
        return _lasting(said, said.at, facts)
    days, weekday = days_of(said.message), _WEEKDAY.search(said.message)
    if began - said.at > (_AHEAD if days else _WEEK if weekday else _SOON):
        return None
    starts = (_holds(hours, start, days, weekday, facts) for start in (began, began - _DAY))
    return next((start for start in starts if start is not None), None)


def _lasting(said: LogLine, at: datetime, facts: Facts) -> datetime | None:
    """Of what was begun then, for so long."""
    lasts = _LASTS.search(said.message)
    summary = said.message.partition(": ")[2] or said.message
    if lasts is None or not _BEGUN.search(summary) or _NOT_YET.search(summary) or days_of(summary):
        return None
    long = timedelta(**{_UNITS[lasts[2][0].lower()]: int(lasts[1])})
    holds = long <= _LONGEST and facts.case.started_at <= at + long and facts.case.now <= at + long + _LATE
    return at if holds else None


def _holds(
    hours: re.Match[str], day: datetime, days: set[tuple[int, int]], weekday: re.Match[str] | None, facts: Facts
) -> datetime | None:
    midnight = day.replace(hour=0, minute=0, second=0, microsecond=0)
    begins, ends = (midnight + timedelta(hours=int(hours[n]), minutes=int(hours[n + 1])) for n in (1, 3))
    ends += _DAY if ends <= begins else timedelta()
    if days and (begins.month, begins.day) not in days:
        return None
    if weekday is not None and begins.weekday() != _WEEKDAYS.index(weekday[1]):
        return None
    return begins if begins - _EARLY <= facts.case.started_at <= ends and facts.case.now <= ends + _LATE else None
