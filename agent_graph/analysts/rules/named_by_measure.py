"""A change of something else that the target's own measurements name: of its kinds, those of the new one went wrong.

Who tells measurements apart by variant, client or version sees which of them is slow or asks for so much; what was just
given to everybody, under that very name, is why.
"""

import re
from collections.abc import Iterator
from datetime import timedelta
from statistics import median

from agent_graph.analysts.rules.facts import Facts, LogLine, Metric
from agent_graph.analysts.rules.finding import Finding
from agent_graph.analysts.rules.parts import name, said, trouble_signals
from agent_graph.sources.signs import aliases
from backend.redaction.clean import one_line

_BEFORE, _AFTER, _CLOCKS = timedelta(minutes=30), timedelta(minutes=5), timedelta(minutes=1)
# Where it is, and what became of it, is no kind that somebody brings in.
_NO_KINDS = re.compile(
    r"job|instance|pod|node|host|namespace|cluster|region|zone|container|le|quantile|code|status|method|result|outcome"
    r"|app|service|team|env(?:ironment)?|severity",
)
_WORD = re.compile(r"[A-Za-z0-9][\w.-]*")
_FELT = ("latency", "errors", "success")
_SHORT, _TIMES, _LEAST = 4, 5, 5


def named_by_measure(facts: Facts) -> Finding | None:
    """The last such change, and the measurement that it brought."""
    signals = trouble_signals(facts)
    found = [(change, metric) for change in facts.changes[::-1] for metric in _brought(change, facts)]
    if not found or not signals or not facts.case.firing:
        return None
    # Of the last change, what users feel of it says more than how much there is of it.
    mine = [metric for change, metric in found if change is found[0][0]]
    change, metric = found[0][0], min(mine, key=lambda m: m.role not in _FELT)
    cause = one_line(f"{said(change, 240)}. Since then: {metric.line}", 700)
    return Finding(
        category="bad_deploy",
        statement=f"{name(facts)} is in trouble since something that it measures apart was given to more: {cause}.",
        supporting=[change.cite("just before the trouble"), metric.cite("what it brought"), *signals[:3]],
        strength="strong",
        onset=change.at,
        disproof="Take it back: if the rest of its measurements stay as they are, it was not the cause.",
    )


def _brought(change: LogLine, facts: Facts) -> Iterator[Metric]:
    """Series of a kind that the change names, which began or rose with it, and others of that name did not."""
    started, at = facts.case.started_at, change.at
    if at is None or not started - _BEFORE <= at <= started:
        return
    known = {alias.lower() for alias in aliases(facts.case)}
    words = {word.rstrip(".").lower() for word in _WORD.findall(change.message)} - known
    for metric in facts.metrics:
        kinds = {
            value.lower()
            for key, value in metric.labels.items()
            if not _NO_KINDS.fullmatch(key) and len(value) >= _SHORT
        }
        if kinds & words and rose(metric, facts, at.timestamp()) and _others_stay(metric, facts, at.timestamp()):
            yield metric


def rose(metric: Metric, facts: Facts, at: float) -> bool:
    """Did it begin with the change, or is it many times what it was before?"""
    before, after = _around(metric, at)
    if len(after) < _LEAST:
        return False
    window = min((m.points[0][0] for m in facts.metrics), default=at)
    began = not before and metric.points[0][0] > window + _AFTER.total_seconds()
    return began or (bool(before) and median(after) >= _TIMES * max(median(before), 1e-9) and median(after) > 0)


def _others_stay(metric: Metric, facts: Facts, at: float) -> bool:
    """Is there another of that name which did not rise?"""
    called = metric.name
    others = [m for m in facts.metrics if m.name == called and m is not metric]
    split = [_around(other, at) for other in others]
    return any(before and after and median(after) < 2 * median(before) for before, after in split)


def _around(metric: Metric, at: float) -> tuple[list[float], list[float]]:
    """Its values before the change, and since it has had its time to be felt."""
    felt = at + _AFTER.total_seconds()
    return [v for t, v in metric.points if t < at - _CLOCKS.total_seconds()], [v for t, v in metric.points if t >= felt]
