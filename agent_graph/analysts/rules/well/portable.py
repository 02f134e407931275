"""Somebody's own device is away, as such devices are: it is registered as one, and all others of its kind are there."""

import re
from collections.abc import Sequence

from agent_graph.analysts.rules.facts import Facts, Metric
from agent_graph.analysts.rules.finding import Finding
from agent_graph.analysts.rules.parts import name, trouble_signals
from agent_graph.analysts.rules.well.complaints import complains
from backend.investigation.kinds import AlertFact, Category

# As whoever registered it calls what people close, pocket and take home.
_PORTABLE = re.compile(
    r"road-?_?warriors?|laptops?|notebooks?|mobiles?|phones?|smartphones?|tablets?|handhelds?|soft-?phones?|byod"
    r"|portables?|wearables?",
    re.IGNORECASE,
)
# Where it is registered, and what tells of nobody in particular.
_KIND = re.compile(r"(?:\w+_)?(?:type|kind|class|category|role|group|form_?factor|profile)", re.IGNORECASE)
_OF_ALL = re.compile(r"\b(?:all|many|several|most|half|percent|ratio|count|number of|fleet|users)\b|%", re.IGNORECASE)
_SEEN = re.compile(
    r"since|last_|_age|handshake|seen|contact|online|connected|registered|reachable|_up$|^up$", re.IGNORECASE
)
_POINTS, _LEAST = 10, 2
# An age grows by the clock while nothing is heard; so much higher is it by then than it is between two signs of life.
_BY_THE_CLOCK, _OLDER, _AS_EVER = 0.2, 5.0, 2.0


def portable_away(facts: Facts, likely: Sequence[Category]) -> Finding | None:
    """Each alert is of one such device, which was there before, and what is measured alike of all others is as ever."""
    alerts = [alert for alert in facts.case.alerts if alert.status == "firing"]
    if not alerts or likely or facts.monitor is not None or complains(facts):
        return None
    found = [_away(alert, facts) for alert in alerts]
    away = [one for one in found if one is not None]
    own = {metric.cite().quote for metric, _ in away}
    if len(away) < len(alerts) or any(signal.quote not in own for signal in trouble_signals(facts)):
        return None
    metric, fellows = away[0]
    return Finding(
        category="healthy",
        statement=f"{name(facts)} is well: the alert is about somebody's own device, registered as one, which is"
        f" closed or taken away as it pleases ({metric.line[:200]}); the others are there as ever. Let the rule leave"
        " such devices out.",
        supporting=[metric.cite("one device is away"), *(one.cite("another is there") for one in fellows[:3])],
        strength="strong",
        disproof="Ask its owner: being at work with it and not let in, that would be a fault of this device.",
    )


def _away(alert: AlertFact, facts: Facts) -> tuple[Metric, list[Metric]] | None:
    """The device's series with those of all its fellows, where it alone is gone."""
    told = " ".join((alert.name, *alert.annotations.values()))
    kinds = {(key, value) for key, value in alert.labels.items() if _KIND.fullmatch(key) and _PORTABLE.fullmatch(value)}
    if not kinds or _OF_ALL.search(told):
        return None
    for metric in facts.metrics:
        if not _SEEN.search(metric.name) or not kinds & set(metric.labels.items()) or not _is_its(metric, alert):
            continue
        fellows = [m for m in facts.metrics if m.name == metric.name and m is not metric]
        there = [m for m in fellows if _is_there(m)]
        if _is_gone(metric) and len(there) >= _LEAST and len(there) == len(fellows):
            return metric, there
    return None


def _is_its(metric: Metric, alert: AlertFact) -> bool:
    """Does it carry whatever the alert does of the labels that it has, and more than its kind?"""
    both = [key for key in metric.labels if key in alert.labels]
    return len(both) > 1 and all(metric.labels[key] == alert.labels[key] for key in both)


def _early(metric: Metric) -> float:
    """How high it was at most in its first third."""
    return max(value for _, value in metric.points[: max(_LEAST, len(metric.points) // 3)])


def _is_gone(metric: Metric) -> bool:
    """It was there, and has not been heard of since: its age grows by the clock, or its state fell from one to none."""
    if len(metric.points) < _POINTS:
        return False
    values = [value for _, value in metric.points]
    if set(values) == {0.0, 1.0}:
        return values[0] == 1 and values[-1] == 0
    (before, lower), (at, last) = metric.points[-_LEAST - 1], metric.points[-1]
    by_the_clock = at > before and abs((last - lower) / (at - before) - 1) <= _BY_THE_CLOCK
    return by_the_clock and last > _OLDER * max(_early(metric), 1.0)


def _is_there(metric: Metric) -> bool:
    values = [value for _, value in metric.points]
    if set(values) <= {0.0, 1.0}:
        return min(values) == 1
    return len(values) >= _POINTS and max(values) <= _AS_EVER * max(_early(metric), 1.0)
