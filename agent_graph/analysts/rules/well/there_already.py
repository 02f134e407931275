"""As many are answered well as a store refuses for being there already: it comes twice, and is taken once."""

import re
from collections.abc import Sequence
from datetime import timedelta
from statistics import median

from agent_graph.analysts.rules.facts import Facts, LogLine, Metric
from agent_graph.analysts.rules.finding import Finding
from agent_graph.analysts.rules.parts import name, said_of, trouble_signals
from agent_graph.analysts.rules.well.complaints import began, complains
from agent_graph.analysts.rules.well.replayed import THERE, counts_words, nothing_lost
from agent_graph.analysts.rules.well.wellness import good_signs
from backend.investigation.kinds import Category

_ANSWERS = re.compile(r"request|response|answer|http|deliver|received", re.IGNORECASE)
_WELL = re.compile(r"2\d\d|2xx|ok|success(?:ful)?", re.IGNORECASE)
# What its users would feel.
_USERS = ("latency", "queue", "success", "few_errors")
_LEAST, _POINTS, _ROSE = 3, 10, 3.0
# Both rise within minutes of each other, and by as much, give or take.
_TOGETHER, _FEWER, _MORE = timedelta(minutes=5), 0.7, 1.4


def there_already(facts: Facts, likely: Sequence[Category]) -> Finding | None:
    """All that is complained of is what is there already, only lines are too many, and measured beside them, from the
    same minutes on, as many more are answered well, and none is failed.

    Who asks twice is no trouble of the store's; one whose key is taken by another would not be answered so.
    """
    complaints = [line for line in [*facts.lines, *facts.around] if line.is_error and line.at is not None]
    new = [line for line in complaints if line.at and line.at >= began(facts)]
    refused = [line for line in new if THERE.search(line.text)]
    if len(refused) < _LEAST or len(refused) < len(new) or likely or complains(facts, aside=refused):
        return None
    counts = [metric for metric in facts.metrics if counts_words(metric) and _rise(metric) > 0]
    explained = {metric.cite().quote for metric in counts}
    pair = next(((one, other) for one in counts for other in facts.metrics if _answers_as_many(one, other)), None)
    kept, users = nothing_lost(facts), [m for m in facts.metrics if m.role in _USERS]
    good = [cite for cite in good_signs(facts) if any(cite.quote == m.cite().quote for m in users)]
    if pair is None or not kept or not good or any(c.quote not in explained for c in trouble_signals(facts)):
        return None
    return _finding(facts, pair, kept[0], refused[0])


def _finding(facts: Facts, pair: tuple[Metric, Metric], kept: Metric, refused: LogLine) -> Finding:
    counted, answered = pair
    return Finding(
        category="healthy",
        statement=f"{name(facts)} is sent what it has (a redelivery, a replay) and refuses to store it twice"
        f" ({said_of(refused, THERE, 200)}), and as many more are answered well: {answered.line[:200]}. None is failed:"
        f" {kept.line[:160]}.",
        supporting=[
            refused.cite("refused, for it is there already"),
            counted.cite("so many lines"),
            answered.cite("as many more are answered well"),
            kept.cite("none is failed"),
            *good_signs(facts)[:2],
        ],
        strength="strong",
        disproof="Look for one that was refused and is not stored: then another one has its key.",
    )


def _answers_as_many(counted: Metric, other: Metric) -> bool:
    """Does it count answers that are well, and have both risen together by as much?"""
    if other is counted or not _ANSWERS.search(other.name) or not any(map(_WELL.fullmatch, other.labels.values())):
        return False
    if counted.change_at is None or other.change_at is None or abs(counted.change_at - other.change_at) > _TOGETHER:
        return False
    rises = _rise(counted), _rise(other)
    return min(rises) > 0 and _FEWER <= rises[1] / rises[0] <= _MORE


def _rise(metric: Metric) -> float:
    """By how much it is higher since it changed; 0 where it is hardly, or too little was measured."""
    if metric.change_at is None or len(metric.points) < _POINTS:
        return 0.0
    turned = metric.change_at.timestamp()
    before = [value for at, value in metric.points if at < turned]
    since = [value for at, value in metric.points if at >= turned]
    if len(before) < _LEAST or len(since) < _LEAST or median(since) < _ROSE * max(median(before), 0.0):
        return 0.0
    return median(since) - median(before)
