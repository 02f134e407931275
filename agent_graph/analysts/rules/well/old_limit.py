"""An alert that divides by a limit which is none any more: more is used than all that there is, by what it says.

Who raises a limit seldom thinks of the rules that have the old one written into them. What is enforced is never passed:
where it is, and the limit that is measured lies far above, the rule is wrong and not what it watches.
"""

import re
from collections.abc import Iterator, Sequence
from datetime import timedelta

from agent_graph.analysts.rules.facts import Facts, LogLine, Metric
from agent_graph.analysts.rules.finding import Finding
from agent_graph.analysts.rules.parts import name, said, trouble_signals
from agent_graph.analysts.rules.well.complaints import complains
from agent_graph.analysts.rules.well.wellness import good_signs
from backend.investigation.kinds import AlertFact, Category

_NUMBER = r"(\d+(?:[.,]\d+)*) ?([KMGT]i?B?)?"
# How alerts say how much of how much is used.
_OF = re.compile(rf"(?<![\w.,]){_NUMBER} ?(?:of|out of|/) ?{_NUMBER}(?![\w.,]*\d)")
_UNITS = {"K": 1e3, "M": 1e6, "G": 1e9, "T": 1e12, "Ki": 2**10, "Mi": 2**20, "Gi": 2**30, "Ti": 2**40}
# So near to what the alert says was its series then; so far above lies the limit, and so much of it may be used.
_NEAR, _ABOVE, _ROOM = 0.1, 1.2, 0.8
# A day of a month is no limit, and so few may be what is allowed to fail.
_LEAST = 50
_THEN = timedelta(minutes=20)
# Labels that say who measures and how bad it is, and not what.
_NO_PLACE = ("alertname", "severity", "priority", "job", "team", "env", "prometheus")
_PLACES = ("instance", "host", "hostname", "node", "server", "pod")


def old_limit(facts: Facts, likely: Sequence[Category]) -> Finding | None:
    """Each alert counts against less than is used already, and of the limit that is measured there is room left."""
    alerts = [alert for alert in facts.case.alerts if alert.status == "firing"]
    found = [next(_passed(alert, facts), None) for alert in alerts]
    if not found or None in found or likely or trouble_signals(facts) or complains(facts):
        return None
    metric, limit = next(one for one in found if one is not None)
    good = [cite for cite in good_signs(facts) if cite.quote != metric.cite().quote]
    if not good or metric.limit is None:
        return None
    raised = [change for change in facts.changes if _raised(change, limit, metric.limit)]
    when = f" since {said(raised[-1], 200)}" if raised else ""
    return Finding(
        category="healthy",
        statement=f"{name(facts)} has room; the alert counts against {limit:,.0f}, which is no limit any more{when}:"
        f" {metric.line[:240]}.",
        supporting=[
            metric.cite("far from the limit that is measured"),
            *(change.cite("the limit was raised") for change in raised[-1:]),
            *([facts.alert] if facts.alert else []),
            *good[:3],
        ],
        strength="strong",
        disproof="Ask what is enforced: refused at the limit that the alert counts against, it would be an incident.",
    )


def _passed(alert: AlertFact, facts: Facts) -> Iterator[tuple[Metric, float]]:
    """The series that it speaks of, and what it takes for the limit."""
    for text in alert.annotations.values():
        for used, unit, limit, other in _OF.findall(text):
            whole = _value(limit, other)
            so_much = _value(used, unit or other)
            yield from (
                (m, whole) for m in facts.metrics if so_much > whole >= _LEAST and _is_room(m, so_much, whole, alert)
            )


def _value(number: str, unit: str) -> float:
    plain = number.replace(",", "")
    return float(plain if plain.count(".") < 2 else plain.replace(".", "")) * _UNITS.get(unit.rstrip("B"), 1.0)


def _is_room(metric: Metric, used: float, whole: float, alert: AlertFact) -> bool:
    """Is it of the place that the alert names, was it so much as that began, with room up to a limit far above?"""
    if not _is_there(metric, alert):
        return False
    since = alert.starts_at.timestamp() - _THEN.total_seconds()
    near = any(abs(value - used) <= _NEAR * used for at, value in metric.points if at >= since)
    share = metric.share
    return near and metric.limit is not None and metric.limit >= _ABOVE * whole and share is not None and share < _ROOM


def _is_there(metric: Metric, alert: AlertFact) -> bool:
    """Do both name the same machine, whatever they call it, and is nothing that both tell different?"""
    told, own = (
        {labels[key].split(":")[0] for key in _PLACES if key in labels} for labels in (alert.labels, metric.labels)
    )
    both = [key for key in metric.labels if key in alert.labels and key not in (*_NO_PLACE, *_PLACES)]
    alike = all(metric.labels[key] == alert.labels[key] for key in both)
    return alike and (not told or not own or not told.isdisjoint(own))


def _raised(change: LogLine, old: float, new: float) -> bool:
    """Does it tell of both limits?"""
    numbers = [_value(number, unit) for number, unit in re.findall(_NUMBER, change.message)]
    return old in numbers and any(abs(number - new) <= _NEAR * new for number in numbers)
