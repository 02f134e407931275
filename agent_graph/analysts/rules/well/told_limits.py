"""Is a series that the alert itself tells of, by its name and its limit or by its very value, within limits again?"""

import re
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import groupby
from math import isfinite
from operator import eq, ge, gt, le, lt, ne
from statistics import median

from agent_graph.analysts.rules.facts import Facts, LogLine, Metric
from agent_graph.analysts.rules.well.hours import in_force
from agent_graph.analysts.rules.well.measured_now import measured_now
from backend.investigation.kinds import AlertFact

Holds = Callable[[float], bool]

# A rule's own words: upsOutputSource == 5, queue_size{queue="mail"} > 50.
_CONDITION = re.compile(
    r"(?<![\w.:])([a-zA-Z][\w:]{5,80})(?:\{[^{}]{0,120}\})? ?(==|!=|>=|<=|>|<) ?(\d{1,12}(?:\.\d{1,6})?)(?![\w.%:-])"
)
# The same in words, with the value that it had: 0.31 below 0.6, 1,204 is above the threshold of 1,000.
_IN_WORDS = re.compile(
    r"(?<![\w.,-])(\d[\d,]{0,11}(?:\.\d{1,6})?) ?(?:is |was )?(below|under|less than|above|over|more than|exceeds)"
    r" (?:the |its )?(?:threshold |limit |target |minimum |maximum )?(?:of )?(\d[\d,]{0,11}(?:\.\d{1,6})?)(?![\w%])",
    re.IGNORECASE,
)
_LESS, _WORDS = ("below", "under", "less than"), re.compile(r"[A-Z]?[a-z]{3,}|[A-Z]{3,}")
_TELLING, _EARLY = 2, 3
_COMPARED: dict[str, Callable[[float, float], bool]] = {"==": eq, "!=": ne, ">=": ge, "<=": le, ">": gt, "<": lt}
# What share it had as the alert fired, and at which it may be told: "at 91.3%", "over 90 %".
_PERCENT = re.compile(r"(?<![\d.])(\d{1,3}(?:\.\d{1,3})?) ?(?:%|percent\b)", re.IGNORECASE)
_ABOVE = re.compile(r"(?:over|above|exceeds|more than|>=?) ?$", re.IGNORECASE)
_ALIKE, _FAR = 0.006, 0.1
_SHARE = re.compile(r"ratio|share|percent|fraction|rate", re.IGNORECASE)
# Which of its machine's it is.
_PART = ("mountpoint", "device", "volume", "persistentvolumeclaim", "datname", "queue", "topic", "pool")
_PLACE = ("instance", "host", "hostname", "node")
# Labels that say how bad it is, and not where.
_NO_PLACE = ("alertname", "severity", "priority", "job", "team", "env", "receiver", "prometheus")
# How near to the alert it was beyond it, how often that may have been, and how long it must be within since: less
# where hours that were announced for the place hold.
_NEAR, _OFTEN, _LONG, _AS_ANNOUNCED = timedelta(minutes=15), 2, timedelta(minutes=5), timedelta(minutes=2)


def within_again(metric: Metric, facts: Facts) -> datetime | None:
    """Since when it is within what the alert says; None where it is not, is not meant, or comes and goes."""
    alert = next(iter(facts.case.alerts), None)
    beyond = _beyond(metric, alert, facts) if alert is not None else None
    if alert is None or beyond is None or not measured_now(metric, facts):
        return None
    if _others_beyond(metric, beyond, alert, facts) or _is_of_nothing(metric, facts):
        return None
    runs = [(bad, [at for at, _ in points]) for bad, points in groupby(metric.points, key=lambda p: beyond(p[1]))]
    times = [run for bad, run in runs if bad]
    if not times or runs[-1][0] or len(times) > _OFTEN:
        return None
    last, back = (datetime.fromtimestamp(at, UTC) for at in (times[-1][-1], runs[-1][1][0]))
    planned = any(_is_for(change, alert, facts) and in_force(change, facts) for change in facts.changes)
    held = datetime.fromtimestamp(metric.points[-1][0], UTC) - back
    near = last >= facts.case.started_at - _NEAR
    return back if near and held >= (_AS_ANNOUNCED if planned else _LONG) else None


def _is_of_nothing(metric: Metric, facts: Facts) -> bool:
    """Is a share nothing now that never was before? So is what it is a share of."""
    before = [value for at, value in metric.points if at < facts.case.started_at.timestamp()]
    return _SHARE.search(metric.name) is not None and metric.last == 0 and min(before, default=1.0) > 0


def _others_beyond(metric: Metric, beyond: Holds, alert: AlertFact, facts: Facts) -> bool:
    """Is another one of its name there beyond it, or what else the alert has a condition for?"""
    told = [one for text in (facts.case.title, *alert.annotations.values()) for one in _CONDITION.findall(text)]
    for other in facts.metrics:
        if other is metric or any(alert.labels.get(key, value) != value for key, value in other.labels.items()):
            continue
        named = any(other.name == called and _COMPARED[sign](other.last, float(at)) for called, sign, at in told)
        if named or (other.name == metric.name and (beyond(other.last) or not isfinite(other.last))):
            return True
    return False


def _beyond(metric: Metric, alert: AlertFact, facts: Facts) -> Holds | None:
    """What is too much or wrong for it, if the alert tells of it."""
    told = [facts.case.title, *alert.annotations.values()]
    for text in told:
        for called, sign, limit in _CONDITION.findall(text):
            if called == metric.name and _is_there(metric, alert) and _is_alone(metric, facts):
                compared, value = _COMPARED[sign], float(limit)
                return lambda one: compared(one, value)
    if (in_words := _in_words(metric, alert, told, facts)) is not None:
        return in_words
    if metric.limit != 1.0 or not _names_its_part(metric, alert):
        return None
    limit = _limit(metric, told, facts)
    return None if limit is None else lambda one: one >= limit


def _in_words(metric: Metric, alert: AlertFact, told: Sequence[str], facts: Facts) -> Holds | None:
    """What a sentence says that is too little or too much, where it speaks of what this one is called and it was so."""
    if metric.limit is not None or not (_is_named(metric, alert) and _is_alone(metric, facts)):
        return None
    began = facts.case.started_at.timestamp()
    then = [value for at, value in metric.points if abs(at - began) <= _NEAR.total_seconds()]
    called = _words_of(metric.name.replace("_", " "))
    for text in told:
        spoken = _words_of(f"{alert.name} {text}")
        for was, how, limit in _IN_WORDS.findall(text):
            compared, bound = (lt if how.lower() in _LESS else gt), _number(limit)
            so = compared(_number(was), bound) and any(compared(value, bound) for value in then)
            if so and len(called & spoken) >= _TELLING and _is_far(metric, bound, facts):
                return lambda one: compared(one, bound)
    return None


def _is_far(metric: Metric, bound: float, facts: Facts) -> bool:
    """Is it nearer by now to where it was before than to the limit? Just within it is what comes back."""
    before = [value for at, value in metric.points if at < (facts.case.started_at - _NEAR).timestamp()]
    return len(before) >= _EARLY and abs(metric.last - bound) >= abs(median(before) - bound) / 2 > 0


def _number(text: str) -> float:
    return float(text.replace(",", ""))


def _words_of(text: str) -> set[str]:
    return {word.lower() for word in _WORDS.findall(text)}


def _is_named(metric: Metric, alert: AlertFact) -> bool:
    """Does the alert tell all that this one is told apart by?"""
    own = {key: value for key, value in metric.labels.items() if key not in _NO_PLACE}
    return bool(own) and all(alert.labels.get(key) == value for key, value in own.items())


def _limit(metric: Metric, told: Sequence[str], facts: Facts) -> float | None:
    """The share that it must be below: what it had as the alert fired is told, and is far above what it has now."""
    then = [value for at, value in metric.points if abs(at - facts.case.started_at.timestamp()) <= 60]
    shares = list(_shares(told))
    same = [share for share, _ in shares if any(abs(share - value) <= _ALIKE for value in then)]
    if not same or metric.last > max(same) - _FAR:
        return None
    return min([*(share for share, is_limit in shares if is_limit and share <= max(same)), max(same) - _FAR / 2])


def _shares(told: Sequence[str]) -> Iterator[tuple[float, bool]]:
    for text in told:
        for found in _PERCENT.finditer(text):
            yield float(found[1]) / 100, _ABOVE.search(text[: found.start()]) is not None


def _is_for(change: LogLine, alert: AlertFact, facts: Facts) -> bool:
    """Is it of the target, or of a place that the alert names?"""
    head = change.message.partition(": ")[0].split(" ", 1)[-1]
    places = {value for key, value in alert.labels.items() if key not in _NO_PLACE} | {facts.case.target.name}
    return not places.isdisjoint(re.split(r"[/\s:@,]+", head))


def _is_there(metric: Metric, alert: AlertFact) -> bool:
    """Is nothing that both tell different, and the machine the same, if the alert tells one?"""
    both = [key for key in metric.labels if key in alert.labels]
    return all(metric.labels[key] == alert.labels[key] for key in both) and bool(both)


def _is_alone(metric: Metric, facts: Facts) -> bool:
    """Is it the only one of its name there? What several make together may be too much while none of them is."""
    alike = [m for m in facts.metrics if m.name == metric.name and m is not metric]
    return not any(all(m.labels.get(key) == metric.labels.get(key) for key in _PLACE) for m in alike)


def _names_its_part(metric: Metric, alert: AlertFact) -> bool:
    """Does the alert name this very disk or volume, and no other machine's?"""
    parts = [key for key in _PART if key in alert.labels and alert.labels[key] == metric.labels.get(key)]
    told = [(alert.labels[key], metric.labels[key]) for key in _PLACE if key in alert.labels and key in metric.labels]
    return bool(parts) and all(one.partition(":")[0] == other.partition(":")[0] for one, other in told)
