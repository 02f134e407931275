"""A number in a neighbour's settings was changed, and the target is asked many times as often from that minute on."""

import re
from datetime import timedelta

from agent_graph.analysts.rules.change_kinds import is_setting
from agent_graph.analysts.rules.context.beforehand import target_of
from agent_graph.analysts.rules.facts import Facts, LogLine, Metric
from agent_graph.analysts.rules.finding import Finding
from agent_graph.analysts.rules.named_by_measure import rose
from agent_graph.analysts.rules.parts import decisive, log_citations, name, said
from agent_graph.sources.signs import aliases, belongs
from backend.redaction.clean import one_line

_NUMBERS = re.compile(
    r"(?<![\w.])\d[\d_,]{0,12}(?:\.\d{1,6})? ?\w{0,7} ?(?:->|→|=>) ?\d[\d_,]{0,12}(?:\.\d{1,6})?(?![\w.]*\.\d)"
)
# How whoever was set otherwise says so itself: what it is now, and what it was.
_WAS = re.compile(
    r"\d ?\w{0,7}[,;]? ?\(?(?:was|previously|formerly|instead of|before:?)[ :=]{1,2}\d|\bfrom \d\S* to \d",
    re.IGNORECASE,
)
# What counts how often it is asked, and not how much of anything it has or takes.
_ASKED = re.compile(r"insert|request|quer(?:y|ies)|calls?(?![a-z])|commands?(?![a-z])|poll|publish|flush", re.I)
_FELT = ("latency", "errors", "few_errors", "success")
# What it brings may fill up first; at once is what the neighbour asks, and nothing else was changed then.
_BEFORE, _AT_ONCE, _CLOCKS, _BESIDE = (
    timedelta(hours=1),
    timedelta(minutes=3),
    timedelta(minutes=1),
    timedelta(minutes=5),
)


def set_elsewhere(facts: Facts) -> Finding | None:
    """The setting, the measurement that it multiplied, and what the target says since then."""
    for change in reversed(facts.changes):
        asked = (
            next((m for m in facts.metrics if _multiplied(m, change, facts)), None) if _is_one(change, facts) else None
        )
        failed = [
            line for line in facts.matching_levels("error", "fatal") if line.at and change.at and line.at > change.at
        ]
        if asked is None or not failed or not facts.case.firing:
            continue
        return _finding(change, asked, failed, facts)
    return None


def _finding(change: LogLine, asked: Metric, failed: list[LogLine], facts: Facts) -> Finding:
    told = _told(change, facts)
    itself = f" ({said(told, 200)})" if told is not None else ""
    since = f"{asked.line[:240]}; and {name(facts)} says: {said(decisive(failed))}"
    what = f"{said(change, 240)}{itself}. Since then: {since}"
    return Finding(
        category="config_error",
        statement=one_line(f"{name(facts)} is asked many times as often since another was set otherwise: {what}", 900)
        + ".",
        supporting=[
            change.cite("just before"),
            *([told.cite("what was set")] if told is not None else []),
            asked.cite("what it multiplied"),
            *log_citations(failed, 2),
        ],
        strength="strong",
        onset=asked.change_at or change.at,
        rooted=True,
        disproof="Set it back: asked as often as now, it was not the cause.",
    )


def _is_one(change: LogLine, facts: Facts) -> bool:
    """A number set otherwise, of somebody who is there and is not the target; nothing else was changed beside it."""
    started, at = facts.case.started_at, change.at
    if at is None or not started - _BEFORE <= at <= started or not is_setting(change.message):
        return False
    alone = not any(c is not change and c.at and abs(c.at - at) <= _BESIDE for c in facts.changes)
    own, whose = aliases(facts.case), list(target_of(change))
    there = any(belongs(known, whose) for known in facts.known) and not any(belongs(one, own) for one in whose)
    return alone and there and (_NUMBERS.search(change.message) is not None or _told(change, facts) is not None)


def _told(change: LogLine, facts: Facts) -> LogLine | None:
    """What the neighbour says itself of a number that was set otherwise, as it took the change on."""
    whose = list(target_of(change))
    near = [line for line in facts.around if line.at and change.at and abs(line.at - change.at) <= _AT_ONCE]
    said_by = [line for line in near if belongs(line.speaker, whose)]
    return next((line for line in said_by if _NUMBERS.search(line.message) or _WAS.search(line.message)), None)


def _multiplied(metric: Metric, change: LogLine, facts: Facts) -> bool:
    """Of the target itself, at once, and to many times what it was."""
    turned, at = metric.change_at, change.at
    if turned is None or at is None or not at - _CLOCKS <= turned <= at + _AT_ONCE or metric.role in _FELT:
        return False
    own = any(belongs(value, aliases(facts.case)) for value in metric.labels.values())
    return own and _ASKED.search(metric.name) is not None and rose(metric, facts, at.timestamp())
