"""Reads schedules: one that starts nothing, because it is suspended or because an earlier run still holds its place."""

import re
from collections.abc import Sequence
from datetime import datetime, timedelta

from agent_graph.sources.kubernetes.objects import Object, dict_of, list_of, name_of, namespace_of, notes_of
from agent_graph.sources.signs import Book, stems, when

# As whoever puts another schedule in the place of one notes it there.
# Then the successor's name, within the same clause; or the name, and "instead".
_REPLACED = r"(?:replaced|superseded|succeeded) by|successor|\b(?:moved|migrated) to\b"
# So many runs that came well tell how long one takes, and a run may take by so much longer.
_KNOWN, _LONGER = 2, 1.2


def read_schedule(
    book: Book, cronjob: Object, jobs: Sequence[Object], now: datetime, others: Sequence[Object] = ()
) -> None:
    """Only a hint: it may be meant so, and why a run does not end is in what it says. `others`: who else is there."""
    name, spec, status = name_of(cronjob), dict_of(cronjob, "spec"), dict_of(cronjob, "status")
    well = f", the last run that came well was at {status.get('lastSuccessfulTime') or 'no time that is known'}"
    if spec.get("suspend"):
        line = f"cronjob {name}: suspended, it starts nothing{well}"
        if (instead := _successor(cronjob, others)) is not None:
            at = dict_of(instead, "status").get("lastSuccessfulTime")
            line = f"{line}; cronjob {name_of(instead)}, whose last run came well at {at}, runs in its place"
            book.sign("healthy", "strong", line, subject=name, means=line)
            return
        book.sign("config_error", "weak", line, subject=name, means=line)
        return
    known = {name_of(job): dict_of(job, "status").get("startTime") for job in jobs}
    longest = _longest(name, jobs)
    for run in list_of(status, "active"):
        since = known.get(str(run.get("name"))) or "a time that is not known"
        began = when(since)
        if began is not None and longest is not None and now - began <= _LONGER * longest:
            _on_time(book, f"cronjob {name}: run {run.get('name')}", name, began, longest)
            continue
        if spec.get("concurrencyPolicy") != "Forbid":
            continue
        line = f"cronjob {name}: run {run.get('name')} goes on since {since} and lets no other start{well}"
        book.sign("app_crash", "weak", line, subject=name, means=line)


def _successor(cronjob: Object, others: Sequence[Object]) -> Object | None:
    """Whom a suspended schedule names as its successor, where that one starts its runs and the last came well."""
    told = list(notes_of(cronjob).values())
    for other in others:
        status = dict_of(other, "status")
        well, begun = when(status.get("lastSuccessfulTime")), when(status.get("lastScheduleTime"))
        runs = not dict_of(other, "spec").get("suspend") and well is not None and begun is not None and well >= begun
        # An image of that name, with its tag, is no schedule.
        name = rf"(?<![\w-]){re.escape(name_of(other))}(?![\w-]|:\w|@)"
        named = re.compile(rf"(?i:{_REPLACED})[^;,.\n]{{0,40}}?{name}|{name}[^;,.\n]{{0,40}}? instead\b")
        near = namespace_of(other) == namespace_of(cronjob) and name_of(other) != name_of(cronjob)
        if runs and near and any(named.search(text) for text in told):
            return other
    return None


def read_runs(book: Book, jobs: Sequence[Object], everybody: Sequence[Object], now: datetime) -> None:
    """Runs of the target that go on, where who starts them was not read: by how long their like took."""
    if any(sign["category"] == "on_time" for sign in book.signs):
        return
    for job in jobs:
        status, owner = dict_of(job, "status"), next(iter(stems(name_of(job))), "")
        began, longest = when(status.get("startTime")), _longest(owner, everybody)
        runs = bool(owner) and not status.get("completionTime") and not list_of(status, "conditions")
        if runs and began is not None and longest is not None and now - began <= _LONGER * longest:
            _on_time(book, f"job {name_of(job)}", name_of(job), began, longest)


def _on_time(book: Book, who: str, name: str, began: datetime, longest: timedelta) -> None:
    """With the time at which half of what a run takes was over: before that, being on time says little."""
    took = f"no longer than earlier ones took ({longest.total_seconds() / 60:.0f} minutes)"
    line = f"{who} goes on since {began:%Y-%m-%dT%H:%M:%SZ}, {took}"
    book.sign("on_time", "weak", line, subject=name, at=began + longest / 2, means=line)


def _longest(name: str, jobs: Sequence[Object]) -> timedelta | None:
    """What the longest of its runs took that came well, where several are known."""
    states = [dict_of(job, "status") for job in jobs if name and name in stems(name_of(job))]
    ends = [(when(one.get("startTime")), when(one.get("completionTime"))) for one in states]
    took = [end - start for start, end in ends if start is not None and end is not None]
    return max(took) if len(took) >= _KNOWN else None
