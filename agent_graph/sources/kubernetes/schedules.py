"""Reads schedules: one that starts nothing, because it is suspended or because an earlier run still holds its place."""

from collections.abc import Sequence

from agent_graph.sources.kubernetes.objects import Object, dict_of, list_of, name_of
from agent_graph.sources.signs import Book


def read_schedule(book: Book, cronjob: Object, jobs: Sequence[Object]) -> None:
    """Only a hint: it may be meant so, and why a run does not end is in what it says."""
    name, spec, status = name_of(cronjob), dict_of(cronjob, "spec"), dict_of(cronjob, "status")
    well = f", the last run that came well was at {status.get('lastSuccessfulTime') or 'no time that is known'}"
    if spec.get("suspend"):
        line = f"cronjob {name}: suspended, it starts nothing{well}"
        book.sign("config_error", "weak", line, subject=name, means=line)
        return
    if spec.get("concurrencyPolicy") != "Forbid":
        return
    known = {name_of(job): dict_of(job, "status").get("startTime") for job in jobs}
    for run in list_of(status, "active"):
        since = known.get(str(run.get("name"))) or "a time that is not known"
        line = f"cronjob {name}: run {run.get('name')} goes on since {since} and lets no other start{well}"
        book.sign("app_crash", "weak", line, subject=name, means=line)
