"""Reads how long the last run of a schedule took, where no job of it is left: from when it is due and when it ended."""

import re
from datetime import datetime, timedelta

from agent_graph.sources.kubernetes.objects import Object, dict_of, list_of, name_of
from agent_graph.sources.signs import Book, when

# Schedules with one moment in each hour, day or week, and how far those are apart.
_FIXED = (
    (re.compile(r"\d{1,2} \* \* \* \*|@hourly"), timedelta(hours=1)),
    (re.compile(r"\d{1,2} \d{1,2} \* \* \*|@daily|@midnight"), timedelta(days=1)),
    (re.compile(r"\d{1,2} \d{1,2} \* \* (?:\d|\w{3})|@weekly"), timedelta(weeks=1)),
)
# By so much longer than the last one a run may take.
_LONGER = 1.2
# What came well in a later part of the time between two moments was started by hand, and nobody knows when.
_LATE = 0.25


def read_last_run(book: Book, cronjob: Object, now: datetime) -> None:
    """The one run that goes on, where it has gone on for no longer than the last one took that came well."""
    spec, status = dict_of(cronjob, "spec"), dict_of(cronjob, "status")
    runs, began = list_of(status, "active"), when(status.get("lastScheduleTime"))
    took = _took(str(spec.get("schedule") or ""), began, when(status.get("lastSuccessfulTime")))
    known = any(sign["category"] == "on_time" for sign in book.signs)
    if known or len(runs) != 1 or began is None or took is None or not timedelta() <= now - began <= _LONGER * took:
        return
    who, minutes = f"cronjob {name_of(cronjob)}: run {runs[0].get('name')}", took.total_seconds() / 60
    line = f"{who} goes on since {began:%Y-%m-%dT%H:%M:%SZ}, no longer than the last one took ({minutes:.0f} minutes)"
    # With the time at which half of it was over: before that, being on time says little.
    book.sign("on_time", "weak", line, subject=name_of(cronjob), at=began + took / 2, means=line)


def _took(schedule: str, began: datetime | None, ended: datetime | None) -> timedelta | None:
    """From the moment that was due before its end to its end; the run that is due now has a moment of its own."""
    apart = next((period for form, period in _FIXED if form.fullmatch(schedule.strip())), None)
    if apart is None or began is None or ended is None or ended >= began:
        return None
    since = (began - ended) % apart
    return apart - since if since and apart - since <= _LATE * apart else None
