"""Reads schedules: one that starts nothing, because it is suspended or because an earlier run still holds its place."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from agent_graph.sources.kubernetes.objects import Object, dict_of, list_of, name_of
from agent_graph.sources.signs import Book, stems, when

# So many runs that came well tell how long one takes, and a run may take by so much longer.
_KNOWN, _LONGER = 2, 1.2


def read_schedule(book: Book, cronjob: Object, jobs: Sequence[Object], now: datetime) -> None:
    """Only a hint: it may be meant so, and why a run does not end is in what it says."""
    name, spec, status = name_of(cronjob), dict_of(cronjob, "spec"), dict_of(cronjob, "status")
    well = f", the last run that came well was at {status.get('lastSuccessfulTime') or 'no time that is known'}"
    if spec.get("suspend"):
        line = f"cronjob {name}: suspended, it starts nothing{well}"
        book.sign("config_error", "weak", line, subject=name, means=line)
        return
    known = {name_of(job): dict_of(job, "status").get("startTime") for job in jobs}
    longest = _longest(name, jobs)
    for run in list_of(status, "active"):
        since = known.get(str(run.get("name"))) or "a time that is not known"
        began = when(since)
        if began is not None and longest is not None and now - began <= _LONGER * longest:
            took = f"no longer than earlier ones took ({longest.total_seconds() / 60:.0f} minutes)"
            line = f"cronjob {name}: run {run.get('name')} goes on since {since}, {took}"
            book.sign("on_time", "weak", line, subject=name, means=line)
            continue
        if spec.get("concurrencyPolicy") != "Forbid":
            continue
        line = f"cronjob {name}: run {run.get('name')} goes on since {since} and lets no other start{well}"
        book.sign("app_crash", "weak", line, subject=name, means=line)


def _longest(name: str, jobs: Sequence[Object]) -> timedelta | None:
    """What the longest of its runs took that came well, where several are known."""
    states = [dict_of(job, "status") for job in jobs if name in stems(name_of(job))]
    ends = [(when(one.get("startTime")), when(one.get("completionTime"))) for one in states]
    took = [end - start for start, end in ends if start is not None and end is not None]
    return max(took) if len(took) >= _KNOWN else None
