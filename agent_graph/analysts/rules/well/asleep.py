"""Who is scaled to zero while nobody asks, and comes up as soon as somebody does, is asleep and not missing."""

import re
from collections.abc import Sequence
from itertools import pairwise

from agent_graph.analysts.rules.facts import Facts, Metric, Sign
from agent_graph.analysts.rules.finding import Finding
from agent_graph.analysts.rules.parts import name, trouble_signals
from agent_graph.analysts.rules.well.complaints import complains
from agent_graph.analysts.rules.well.stood_in import only_missed
from agent_graph.sources.signs import aliases, belongs
from backend.investigation.kinds import Category

_REPLICAS = re.compile(r"replicas|pods|instances|scale", re.IGNORECASE)
_ASKED = re.compile(r"request|invocation|events?_count|messages", re.IGNORECASE)
# Counted by who stands before it, and hence while it is gone, too; and by who wakes it for whoever asks.
_DOOR = re.compile(r"^activator_|interceptor|ingress|gateway|load_?balancer|^(?:traefik|haproxy|kong)_", re.IGNORECASE)
_WAKER = re.compile(r"^(?:activator|autoscaler|keda)_|^keda|interceptor", re.IGNORECASE)
_SCALING = re.compile(r"replica|scal(?:e|ed|er|ing)\b|\bkeda\b|knative|suspend|paus", re.IGNORECASE)
# What goes is seen to be there for a while.
_SLACK = 600.0
_FAILED = re.compile(r"non_?2xx|5xx|[45]\.\.|\"5\d\d\"|error|fail|reject|timeout", re.IGNORECASE)


def asleep(facts: Facts, likely: Sequence[Category]) -> Finding | None:
    """It was at zero before, came up when asked, nobody asks now, no one was refused, and nobody scaled it.

    Whoever is gone counts no requests: what is asked is measured by who stands before it.
    """
    wrong = facts.signs_of("config_error")
    at_zero = bool(wrong) and all("scaled to zero" in sign.means for sign in wrong)
    if not at_zero or set(likely) - {"config_error"} or not only_missed(facts) or facts.signs_of("bad_deploy"):
        return None
    if trouble_signals(facts) or complains(facts):
        return None
    subject = wrong[0].subject
    asked = [metric for metric in facts.metrics if _ASKED.search(metric.name)]
    failed = [metric for metric in facts.metrics if _FAILED.search(metric.name)]
    served = [metric for metric in asked if metric not in failed and _at_its_door(metric, subject, facts)]
    own = [m for m in facts.metrics if _REPLICAS.search(m.name) and f'"{subject}"' in m.line]
    woke = [metric for metric in own if _came_and_went(metric)]
    refused = [metric for metric in failed if _at_its_door(metric, subject, facts)]
    if not woke or not refused or any(metric.highest > 0 for metric in failed):
        return None
    if not served or any(metric.last > 0 for metric in served) or not any(_came_and_went(m) for m in served):
        return None
    if not _is_woken(facts, subject, woke) or _was_changed(facts, subject, woke):
        return None
    return _sleeps(facts, wrong[0], woke[0], served[0], refused[0])


def _sleeps(facts: Facts, wrong: Sign, woke: Metric, served: Metric, refused: Metric) -> Finding:
    return Finding(
        category="healthy",
        statement=f"{name(facts)} sleeps because nobody asks for it: it was at zero before, came up when it was asked,"
        f" and no request failed: {woke.line}; {refused.line}. The rule should not ask for replicas of what may"
        " have none.",
        supporting=[
            wrong.cite("it wants none"),
            woke.cite("it came up and went to sleep again"),
            served.cite("nobody asks now"),
            refused.cite("nobody was refused"),
        ],
        strength="strong",
        disproof="Ask it for something: an error, or no answer within its usual start, would be an incident.",
    )


def _came_and_went(metric: Metric) -> bool:
    return metric.points[0][1] == 0 and metric.highest > 0 and metric.last == 0


def _at_its_door(metric: Metric, subject: str, facts: Facts) -> bool:
    return _DOOR.search(metric.name) is not None and _is_of(metric, subject, facts)


def _is_of(metric: Metric, subject: str, facts: Facts) -> bool:
    """Does a label name it, or what it is made from, and none says that it was counted at itself?"""
    labels, known = metric.labels, aliases(facts.case)
    if any(belongs(labels.get(key, ""), [subject, *known]) for key in ("pod", "instance", "container")):
        return False
    return any(v and (belongs(v, known) or subject == v or subject.startswith(f"{v}-")) for v in labels.values())


def _is_woken(facts: Facts, subject: str, woke: Sequence[Metric]) -> bool:
    """Is there who wakes it, or did it wake more than once? Once may be somebody who began it and took it away."""
    wakers = [m for m in facts.metrics if _WAKER.search(m.name) and _is_of(m, subject, facts)]
    return bool(wakers) or any(_times_up(metric) > 1 for metric in woke)


def _times_up(metric: Metric) -> int:
    return sum(before == 0 < value for (_, before), (_, value) in pairwise(metric.points))


def _was_changed(facts: Facts, subject: str, woke: Sequence[Metric]) -> bool:
    """Did anybody change it, or how many there are of anything, since it was there last?"""
    up = max(at for metric in woke for at, value in metric.points if value > 0)
    names = [one.lower() for one in (subject, *aliases(facts.case))]
    for change in facts.changes:
        since = change.at is None or up > facts.case.now.timestamp() or change.at.timestamp() >= up - _SLACK
        if since and (_SCALING.search(change.text) or any(one in change.text.lower() for one in names)):
            return True
    return False
