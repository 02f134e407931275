"""Since when the very series that an alert is about has been different: alerts on what piles up come long after."""

import re
from datetime import UTC, datetime, timedelta
from statistics import median

from agent_graph.analysts.rules.facts import Facts, Metric
from backend.investigation.kinds import AlertFact

# What tells where a series comes from, and not which of its machine's it is.
_OF_ITS_PLACE = re.compile(
    r"alertname|severity|job|instance|host(?:name)?|node(?:name)?|server|name|container(?:_name)?|pod|namespace|service"
    r"|deployment|statefulset|daemonset|cronjob|app|image|cluster|region|env(?:ironment)?|team|prometheus|endpoint|container_label_.*|compose_.*|__name__"
)
# What changed longer before than this is another story.
_LONGEST = timedelta(hours=3)
_SHORTLY, _TIMES = timedelta(minutes=30), 5
# How long ago something last was done, in seconds: it grows as fast as the clock while nothing is.
_AGE = re.compile(r"(?<![a-z])(?:age|staleness)(?![a-z])|(?<![a-z])since_|_since(?![a-z])", re.IGNORECASE)
_USUAL, _AT_LEAST, _OFF_BY, _OLDER = 3, 5, 60.0, 2


def changed_at(facts: Facts) -> datetime | None:
    """When it left what it was; None where nobody knows which series it is, or it is no different."""
    started = facts.case.started_at
    found = [m.change_at for alert in facts.case.alerts for m in facts.metrics if m.change_at and _is_of(alert, m)]
    return min([at for at in found if started - _LONGEST <= at <= started], default=None)


def stood_still_at(facts: Facts) -> datetime | None:
    """When some work of the target nearly stopped, for good and shortly before the alert: what an alert on age or on
    what is missing notices late."""
    started = facts.case.started_at
    found = [at for metric in facts.metrics if metric.role == "other" and (at := _stopped(metric))]
    last_done = grows_old_since(facts)
    found = [at for at in found if started - _SHORTLY <= at <= started]
    return min([*found, *([last_done] if last_done is not None else [])], default=None)


def grows_old_since(facts: Facts) -> datetime | None:
    """When something was done last, of which a series tells the age, where that is older than ever and still grows."""
    started = facts.case.started_at
    found = [at for metric in facts.metrics if _AGE.search(metric.name) and (at := _last_done(metric))]
    return min([at for at in found if started - _LONGEST <= at <= started], default=None)


def _last_done(metric: Metric) -> datetime | None:
    """What is as old as that moment is long ago was made then."""
    until, age = metric.points[-1]
    made = until - age
    before = [value for at, value in metric.points if at < made]
    since = [(at, value) for at, value in metric.points if at >= made + _OFF_BY]
    by_the_clock = all(abs(value - (at - made)) <= _OFF_BY for at, value in since)
    if len(before) < _USUAL or len(since) < _AT_LEAST or not by_the_clock or age <= _OLDER * max(before):
        return None
    return datetime.fromtimestamp(made, UTC)


def _stopped(metric: Metric) -> datetime | None:
    if metric.change_at is None:
        return None
    before = [value for at, value in metric.points if at < metric.change_at.timestamp()]
    after = [value for at, value in metric.points if at >= metric.change_at.timestamp()]
    return metric.change_at if before and after and median(before) > _TIMES * max(median(after), 0.0) else None


def series_of(alert: AlertFact, facts: Facts) -> list[Metric]:
    """Of what it is about, where that can be told from others of its place."""
    return [metric for metric in facts.metrics if _is_of(alert, metric)]


def _is_of(alert: AlertFact, metric: Metric) -> bool:
    """Does the series carry all that the alert is told apart by from others of its place?"""
    labels = [(key, value) for key, value in alert.labels.items() if not _OF_ITS_PLACE.fullmatch(key)]
    return bool(labels) and all(f'{key}="{value}"' in metric.line for key, value in labels)
