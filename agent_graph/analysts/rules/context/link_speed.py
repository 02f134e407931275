"""Does a link run slower than it did? It came up again at less than both ends can: a cable, a port, a setting."""

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from statistics import median

from agent_graph.analysts.rules.facts import Facts, LogLine, Metric
from agent_graph.analysts.rules.parts import said
from backend.investigation.kinds import Citation

# How exporters call the speed that was agreed on, and how kernels tell it.
_SPEED = re.compile(r"network_speed_bytes|if_?(?:high_?)?speed|link_speed|(?:nic|port|interface)_speed", re.IGNORECASE)
_AGREED = re.compile(
    r"\blink (?:is )?(?:up|becomes up)\b.{0,40}?\b\d+(?:\.\d+)? ?[MG](?:bps|bit)|\bhalf[- ]duplex|\b\d+baseT",
    re.IGNORECASE,
)
_SLOWER, _LEAST, _AT_ONCE = 0.6, 3, timedelta(minutes=10)
# How long before the first failure it fell, and how much later that is seen: it is measured every so often.
_SOON, _SEEN = timedelta(minutes=15), timedelta(minutes=5)


def slower_link(facts: Facts, onset: datetime | None) -> list[Citation]:
    """The speed as it is measured, and who tells of it; empty where none fell for good just before the onset."""
    found = _slower(facts, onset)
    if found is None:
        return []
    told = [line.cite("at what it came up") for line in _told(found, facts)]
    return [found.cite("the link runs slower than before"), *told]


def slower_in_words(facts: Facts, onset: datetime | None) -> str:
    """How a sentence about broken connections goes on."""
    found = _slower(facts, onset)
    if found is None:
        return ""
    told = "".join(f" ({said(line, 160)})" for line in _told(found, facts))
    return f"; the link runs at {found.last / _usual_speed(found):.0%} of the speed that it had{told}"


def _slower(facts: Facts, onset: datetime | None) -> Metric | None:
    speeds = [metric for metric in facts.metrics if _SPEED.search(metric.name) and _then(metric, onset)]
    return next((metric for metric in speeds if _fell(metric)), None)


def _then(metric: Metric, onset: datetime | None) -> bool:
    """Was it just before what fails over it began to fail? What works for long over a slow link fails for another."""
    at = metric.change_at
    return at is not None and onset is not None and -_SEEN <= onset - at <= _SOON


def _told(metric: Metric, facts: Facts) -> list[LogLine]:
    lines: Sequence[LogLine] = [*facts.lines, *facts.usual, *facts.around]
    at = metric.change_at
    near = [line for line in lines if line.at and at and abs(line.at - at) <= _AT_ONCE]
    return [line for line in near if _AGREED.search(line.message)][-1:]


def _usual_speed(metric: Metric) -> float:
    at = metric.change_at
    return median([value for moment, value in metric.points if at is None or moment < at.timestamp()] or [0.0])


def _fell(metric: Metric) -> bool:
    """To less than what it was, and has it stayed there? Zero, or less, is no speed: then the link is down."""
    at = metric.change_at
    later = [value for moment, value in metric.points if at is not None and moment >= at.timestamp()]
    later = [value for value in later if value > 0]
    return len(later) >= _LEAST and metric.last > 0 and max(later) <= _SLOWER * _usual_speed(metric)
