"""Less is done than should be: whoever is told of that is not answered by what is well besides, until it is back."""

import re
from datetime import timedelta
from statistics import fmean

from agent_graph.analysts.rules.facts import Facts, Metric

_LESS = re.compile(
    r"\bbelow\b|\b(?:low|few)(?:er)?\b|\bdrop(?:s|ped)?\b|\bless than\b|decreas|declin|\bfell\b|\bfall(?:s|en)?\b",
    re.IGNORECASE,
)
# What may fall, and had better.
_NO_WORK = re.compile(
    r"error|fail|reject|denied|latency|duration|seconds|wait|pending|queue|lag|mem|cpu|disk|bytes|avail|free|load|5\.?xx"
    r"|status=\"5|code=\"[45]",
    re.IGNORECASE,
)
_BEFORE, _AFTER = timedelta(minutes=30), timedelta(minutes=5)
_FELL, _LATELY = 0.75, 3


def too_little(facts: Facts) -> Metric | None:
    """What fell as the alert began, where the alert says that there is too little of something."""
    words = [
        f"{re.sub(r'(?<=[a-z])(?=[A-Z])', ' ', a.name)} {' '.join(a.annotations.values())}" for a in facts.case.alerts
    ]
    if not any(_LESS.search(text) for text in words):
        return None
    return next((m for m in facts.metrics if not _NO_WORK.search(m.line.partition(": ")[0]) and _fell(m, facts)), None)


def _fell(metric: Metric, facts: Facts) -> bool:
    began, at = facts.case.started_at, metric.change_at
    if metric.role not in ("other", "traffic", "requests") or at is None or not began - _BEFORE <= at <= began + _AFTER:
        return False
    before = [value for when, value in metric.points if when < at.timestamp()]
    since = [value for when, value in metric.points if when >= at.timestamp()]
    if not before or not since or fmean(since) > _FELL * fmean(before):
        return False
    return min(since[-_LATELY:]) <= _FELL * fmean(before)
