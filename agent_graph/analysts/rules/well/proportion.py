"""More fail because more is asked: of as many requests as ever as few fail, and an alert counts only the failures."""

import re
from collections.abc import Sequence
from datetime import datetime
from statistics import median

from agent_graph.analysts.rules.facts import Facts, Metric
from agent_graph.analysts.rules.finding import Finding
from agent_graph.analysts.rules.parts import name, trouble_signals
from agent_graph.analysts.rules.well.complaints import complains
from agent_graph.analysts.rules.well.wellness import good_signs
from backend.investigation.kinds import Category

_ASKED = re.compile(r"requests|visits|visitors|sessions|hits|calls|queries|orders|logins", re.IGNORECASE)
_ANSWERS = re.compile(
    r"error|fail|reject|ratio|percent|duration|latency|seconds|=\"[45]\d\d|=\"5xx|=\"4xx", re.IGNORECASE
)
# How much more must be asked, and how far the failures may be ahead of it.
_MORE, _AHEAD = 1.5, 1.25


def in_proportion(facts: Facts, likely: Sequence[Category]) -> Finding | None:
    """All that is too high is failures, they rose together with what is asked, and nothing else is worse."""
    lines = {metric.cite().quote: metric for metric in facts.metrics if metric.role == "errors"}
    failing = [lines.get(signal.quote) for signal in trouble_signals(facts)]
    known = [metric for metric in failing if metric is not None and metric.change_at is not None]
    if not failing or len(known) < len(failing) or likely or complains(facts):
        return None
    asked, good = [m for m in facts.metrics if _is_asked(m)], good_signs(facts)
    at = min(metric.change_at for metric in known if metric.change_at is not None)
    # By the one that rose least: a cache that is asked more says nothing of its users.
    most = min(asked, key=lambda m: _factor(m, at), default=None)
    if most is None or not good or _factor(most, at) < _MORE:
        return None
    grown = _factor(most, at)
    if any(not 0 < _factor(metric, at) <= _AHEAD * grown for metric in known):
        return None
    return Finding(
        category="healthy",
        statement=f"{name(facts)} is asked {grown:.1f} times as much as before, and as few of as many fail as ever:"
        f" {known[0].line[:160]}. An alert on the share of failures would not have fired.",
        supporting=[most.cite("so much is asked"), known[0].cite("rose with it"), *good[:3]],
        strength="strong",
        disproof="Divide the failures by the requests: a larger share than last week's would be an incident.",
    )


def _is_asked(metric: Metric) -> bool:
    called = metric.line.split(": ")[0]
    return _ASKED.search(called) is not None and _ANSWERS.search(called) is None


def _factor(metric: Metric, at: datetime) -> float:
    """What it is at since then, against what it was; 0 where one of the two is not known."""
    before = [value for t, value in metric.points if t < at.timestamp()]
    since = [value for t, value in metric.points if t >= at.timestamp()]
    usual = median(before) if before else 0.0
    return median(since) / usual if since and usual > 0 else 0.0
