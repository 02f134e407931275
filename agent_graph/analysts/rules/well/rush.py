"""So much is asked as somebody had made ready for: enough stands there, and it answers as well as ever."""

import re
from collections.abc import Sequence
from datetime import timedelta

from agent_graph.analysts.rules.facts import Facts, LogLine, Metric
from agent_graph.analysts.rules.finding import Finding
from agent_graph.analysts.rules.parts import name, said, trouble_signals
from agent_graph.analysts.rules.well.complaints import complains
from agent_graph.analysts.rules.well.wellness import good_signs
from agent_graph.sources.signs import aliases, belongs
from backend.investigation.kinds import Category

_OF_VOLUME = re.compile(
    r"traffic|request (?:rate|volume)|requests? per|visits|visitors|surge|spike|anomal|max(?:imum)?[ -]?(?:ed)?[ -]?out"
    r"|max(?:imum)?[ -]?replicas|HpaMax|autoscal|throughput",
    re.IGNORECASE,
)
_OF_HARM = re.compile(r"error|5xx|latency|slow|fail|unavailable|crash|throttl|time-?out|saturat|lag\b", re.IGNORECASE)
_MADE_READY = re.compile(r"pre-?scal|pre-?warm|warm(?:ed)? ?up|scal(?:e|ed|ing)(?:[- ](?:up|out))?\b|capacity", re.I)
_TO = re.compile(r"(?:\bto|->|→|=|min(?:imum)?(?: replicas)?)\s*(\d{1,4})\b", re.IGNORECASE)
_ASKS = re.compile(r"request|visit|session|hits|calls|queries|logins", re.IGNORECASE)
# What comes of it: more is let in and done, by more of them.
_COMES = re.compile(
    r"orders|admitted|accepted|completed|served|processed|(?:current|desired|spec|max)_replicas", re.IGNORECASE
)
_SHARE = re.compile(r"ratio|share|percent|fraction", re.IGNORECASE)
_WAITS = re.compile(
    r"pending|queue|backlog|latency|duration|seconds|error|fail|reject|=\"[45]\d\d|=\"5xx", re.IGNORECASE
)
_READY = timedelta(hours=24)
# How much more is a rush, how much later still is as ever, and how few may fail.
_MORE, _LATER, _FAILS = 1.5, 2.0, 0.005


def prepared_for(facts: Facts, likely: Sequence[Category]) -> Finding | None:
    """Alerts only of how much is asked, somebody scaled it for that before, and that many are ready and enough."""
    told = [f"{alert.name} {' '.join(alert.annotations.values())}" for alert in facts.case.alerts]
    if not told or any(_OF_HARM.search(one) or not _OF_VOLUME.search(one) for one in told):
        return None
    rush = max((m for m in facts.metrics if _is_of(m, _ASKS)), key=_growth, default=None)
    volume = {m.cite().quote for m in facts.metrics if _is_of(m, _ASKS) or _is_of(m, _COMES)}
    if rush is None or _growth(rush) < _MORE or any(c.quote not in volume for c in trouble_signals(facts)):
        return None
    plan, good = _plan(facts, rush), good_signs(facts)
    if plan is None or set(likely) - {"bad_deploy"} or complains(facts) or not _in_time(facts, rush):
        return None
    return Finding(
        category="healthy",
        statement=f"{name(facts)} is asked {_growth(rush):.1f} times as much as before, which was made ready for:"
        f" {said(plan, 240)}. All of them are ready, and it answers as before.",
        supporting=[plan.cite("made ready for it"), rush.cite("so much is asked"), *good[:4]],
        strength="strong",
        disproof="Look at how late it answers and how many fail: more than before would be an incident.",
    )


def _is_of(metric: Metric, words: re.Pattern[str]) -> bool:
    called = metric.line.partition(": ")[0]
    return words.search(called) is not None and _WAITS.search(called) is None


def _growth(metric: Metric) -> float:
    third = max(1, len(metric.points) // 3)
    before = sorted(value for _, value in metric.points[:third])[third // 2]
    return metric.last / before if before > 0 else 0.0


def _plan(facts: Facts, rush: Metric) -> LogLine | None:
    """Who scaled the target before it was asked for more, to as many as are ready now."""
    known, rose = aliases(facts.case), rush.change_at or facts.case.started_at
    for change in reversed(facts.changes):
        head, _, summary = change.message.partition(": ")
        ours = any(belongs(part, known) for part in re.split(r"[/\s,@]+", head) if part)
        before = change.at is not None and timedelta() < rose - change.at <= _READY
        if ours and before and _MADE_READY.search(f"{head} {summary}") and _stands(summary, facts):
            return change
    return None


def _stands(summary: str, facts: Facts) -> bool:
    ready = [s.quote for s in facts.signs_of("healthy", "strong") if s.source == "kubernetes"]
    return any(f": {n} of {n} replicas ready" in quote for n in _TO.findall(summary) for quote in ready)


def _in_time(facts: Facts, rush: Metric) -> bool:
    """Is it measured that it answers hardly later than before, and that hardly any fail?"""
    late = [metric for metric in facts.metrics if metric.role == "latency"]
    failing = [metric for metric in facts.metrics if metric.role in ("errors", "few_errors")]
    as_ever = all(metric.last <= _LATER * max(metric.points[0][1], 1e-9) for metric in late)
    few = all(m.last <= _FAILS * (1 if _SHARE.search(m.name) else rush.last) for m in failing)
    return bool(late) and bool(failing) and as_ever and few
