"""How long did an alert wait before it fired, as its own words say: "no success for 15 minutes"?"""

import re
from datetime import timedelta

from backend.investigation.kinds import CaseFile

_FOR = re.compile(
    r"\b(?:for|older than|since) (?:more than |over |at least |the last )?(\d{1,3}) ?(m(?:in\w*)?|h(?:ours?)?)\b"
    r"|\b(\d{1,3}) ?(m(?:in\w*)?|h(?:ours?)?) (?:old|ago|behind|late|stale|overdue)\b",
    re.IGNORECASE,
)
_UNITS = {"m": "minutes", "h": "hours"}
_LONGEST = timedelta(hours=6)


def waits_told(case: CaseFile) -> list[timedelta]:
    """What is longer than anybody waits for an alert is told of something else."""
    said = " ".join(text for alert in case.alerts for text in alert.annotations.values())
    told = [(one or other, unit or another) for one, unit, other, another in _FOR.findall(said)]
    waits = [timedelta(**{_UNITS[unit[0].lower()]: int(count)}) for count, unit in told]
    return [wait for wait in waits if wait <= _LONGEST]
