"""Less is done than should be: whoever is told of that is not answered by what is well besides, until it is back."""

import re
from datetime import timedelta
from statistics import fmean, median

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
# A share that is near its whole falls by little where the rest that fails grows by much. A cache that was emptied fills
# by itself, and what is kept in reserve is meant to be used.
_SHARE = re.compile(r"ratio|share|percent|pct|proportion|fraction", re.IGNORECASE)
_NO_SHARE = re.compile(r"hits?\b|hits?_|budget|remaining|idle", re.IGNORECASE)
_WHOLES, _MOST_OF_IT, _GREW = (1.0, 100.0), 0.5, 1.5
_EARLY, _LATE = 5, 3


def too_little(facts: Facts) -> Metric | None:
    """What fell as the alert began, where the alert says that there is too little of something."""
    words = [
        f"{re.sub(r'(?<=[a-z])(?=[A-Z])', ' ', a.name)} {' '.join(a.annotations.values())}" for a in facts.case.alerts
    ]
    if not any(_LESS.search(text) for text in words):
        return None
    meant = [metric for metric in facts.metrics if not _NO_WORK.search(metric.line.partition(": ")[0])]
    return next((metric for metric in meant if _fell(metric, facts) or _sagged(metric, facts)), None)


def _fell(metric: Metric, facts: Facts) -> bool:
    began, at = facts.case.started_at, metric.change_at
    if metric.role not in ("other", "traffic", "requests") or at is None or not began - _BEFORE <= at <= began + _AFTER:
        return False
    before = [value for when, value in metric.points if when < at.timestamp()]
    since = [value for when, value in metric.points if when >= at.timestamp()]
    if not before or not since or fmean(since) > _FELL * fmean(before):
        return False
    return min(since[-_LATELY:]) <= _FELL * fmean(before)


def _sagged(metric: Metric, facts: Facts) -> bool:
    """Is it most of a whole, below all that it was ever since it was reported, and its rest far more than before?"""
    called, began = metric.name, facts.case.started_at
    if metric.role not in ("other", "success") or not _SHARE.search(called) or _NO_SHARE.search(called):
        return False
    before = [value for at, value in metric.points if at < (began - _BEFORE).timestamp()]
    since = [value for at, value in metric.points if at >= began.timestamp()]
    whole = next((whole for whole in _WHOLES if metric.highest <= whole), None)
    if whole is None or len(before) < _EARLY or len(since) < _LATE or max(since) >= min(before):
        return False
    was, now = median(before) / whole, median(since) / whole
    return was >= _MOST_OF_IT and 1 - now >= _GREW * (1 - was)
