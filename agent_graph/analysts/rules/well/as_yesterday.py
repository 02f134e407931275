"""Is what the alert is about as it was a day or a week ago at the same time, by what is measured beside it?"""

import re
from collections.abc import Sequence
from statistics import median

from agent_graph.analysts.rules.facts import Facts, Metric
from agent_graph.analysts.rules.finding import Finding
from agent_graph.analysts.rules.parts import name, trouble_signals
from agent_graph.analysts.rules.well.complaints import complains
from agent_graph.analysts.rules.well.wellness import good_signs
from backend.investigation.kinds import AlertFact, Category

# How recorded series are called that tell what another one was then.
_AGO = re.compile(r"[:_](?:offset_?\d+[dw]|\d+[dw]_(?:ago|offset)|yesterday|last_?week|(?:day|week)_(?:ago|before))$")
# The same, told by a label of a series of the same name.
_SHIFT = re.compile(r"offset|shift(?:ed)?|period|compared?(?:_to)?|as_of|when|ago", re.IGNORECASE)
_THEN = re.compile(r"-?\d+ ?(?:[dw]|days?|weeks?)(?:[ _]?ago)?|yesterday|last[ _]?week|(?:day|week)[ _](?:ago|before)")
# What tells where it was measured, and not of what.
_NOT_OF_IT = ("job", "prometheus", "cluster", "namespace", "env")
_LOAD: frozenset[Category] = frozenset({"cpu_throttling", "slow_query", "lock_contention"})
# So much it rose, at so many of its points it was the same then, and so near.
_ROSE, _MOSTLY, _NEAR = 2.0, 0.85, 0.15
# Less than this of it is left: it stopped, and what stops each day stops.
_STOPPED = 0.01
_POINTS = 10
# What is no load, however often it was so; and what tells what users get.
_ILL = ("errors", "few_errors", "probe", "up")
_FAILS = re.compile(r"error|fail|5xx|\b50\d\b|oom|memory|leak|down\b", re.IGNORECASE)
_USERS = ("success", "errors", "few_errors", "latency", "probe")


def as_yesterday(facts: Facts, likely: Sequence[Category]) -> Finding | None:
    """The alert's own series rose, or fell, at the same moment to the same height then, and what its users get is as
    ever."""
    alerts, pairs = facts.case.alerts, with_past(facts.metrics)
    meant = [pair for pair in pairs if alerts and all(_is_about(pair[0], alert) for alert in alerts)]
    again = [(now, then) for now, then in meant if _left(now) and _left(then) and same(now, then)]
    good = [cite for cite in good_signs(facts) if all(cite.quote not in then.line for _, then in pairs)]
    users = {metric.cite().quote for metric in facts.metrics if metric.role in _USERS}
    good = good if any(cite.quote in users for cite in good) else []
    own = {metric.cite().quote for pair in pairs for metric in pair}
    others = [signal for signal in trouble_signals(facts) if signal.quote not in own]
    if not again or len(again) < len(meant) or not good or others or set(likely) - _LOAD or complains(facts):
        return None
    now, then = again[0]
    if any(one.role in _ILL for one, _ in meant) or any(map(_speaks_of_failures, alerts)):
        return None
    return Finding(
        category="healthy",
        statement=f"{name(facts)} does what it did at the same time before: what the alert is about {_how(now)} then at"
        f" the same moment to the same height, and came back in between. Now: {now.line}. Then: {then.line}.",
        supporting=[now.cite("now"), then.cite("at the same time before"), *good[:3]],
        strength="strong",
        disproof="Look at it again when it was over then: still as it is now would be an incident.",
    )


def _speaks_of_failures(alert: AlertFact) -> bool:
    """What fails every day at the same time fails."""
    return any(_FAILS.search(text) for text in (alert.name, *alert.annotations.values()))


def with_past(metrics: Sequence[Metric]) -> list[tuple[Metric, Metric]]:
    """Each series that has one beside it which tells what it was, with that one."""
    found: list[tuple[Metric, Metric]] = []
    for then in metrics:
        called = then.name
        base = _AGO.sub("", called)
        shifts = {key for key, value in then.labels.items() if _SHIFT.fullmatch(key) and _THEN.fullmatch(value)}
        if base != called or shifts:
            labels = {key: value for key, value in then.labels.items() if key not in shifts}
            found += [(now, then) for now in metrics if now.name == base and now.labels == labels]
    return found


def _is_about(metric: Metric, alert: AlertFact) -> bool:
    """Is it of the very thing that the alert names, by all that tells which one it is?"""
    of_it = {key: value for key, value in metric.labels.items() if key not in _NOT_OF_IT}
    return bool(of_it) and all(alert.labels.get(key) == value for key, value in of_it.items())


def _left(metric: Metric) -> bool:
    """Is it at last far from where it was at first, and not at nothing? What is always high says nothing by being as
    high as ever."""
    values = [value for _, value in metric.points]
    early = median(values[: max(2, len(values) // 10)])
    rose = min(values[-3:]) > _ROSE * max(early, 0.0) and metric.last > 0
    fell = early > _ROSE * max(0.0, *values[-3:]) and min(values[-3:]) > _STOPPED * early
    return len(values) >= _POINTS and (rose or fell)


def _how(metric: Metric) -> str:
    return "rose" if metric.last > metric.points[0][1] else "fell"


def same(now: Metric, then: Metric) -> bool:
    """Nowhere much higher than then, but for the moment at which it rises."""
    before = dict(then.points)
    both = [(value, before[at]) for at, value in now.points if at in before]
    near = [one for one, other in both if abs(one - other) <= _NEAR * max(now.highest, then.highest)]
    return len(both) >= _POINTS and len(near) >= _MOSTLY * len(both)
