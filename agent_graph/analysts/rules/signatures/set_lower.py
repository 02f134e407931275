"""A number in its own settings was made smaller, and as much less is done from that minute on: to nothing at zero."""

import re
from datetime import timedelta
from statistics import median

from agent_graph.analysts.rules.context.beforehand import target_of
from agent_graph.analysts.rules.facts import Facts, LogLine, Metric
from agent_graph.analysts.rules.finding import Finding
from agent_graph.analysts.rules.parts import name, said, trouble_signals
from agent_graph.sources.signs import aliases, belongs
from backend.redaction.clean import one_line

_SETTING = re.compile(r"(?:config\w*|settings?|feature\w*|flags?|toggles?|tuning|param\w*)\b", re.IGNORECASE)
# Whole numbers: what has points is a version or an address.
_LOWERED = re.compile(
    r"(?<![\w.:-])(?P<old>\d{1,9})(?P<unit> ?[A-Za-z/%]{0,9}) ?(?:->|→|=>|\bto\b) ?"
    r"(?P<new>\d{1,9})(?P=unit)(?![\w.:-]*\d)"
)
_OFF = re.compile(
    r"\b(?:true|on|enabled|yes)[\"']? ?(?:->|→|=>|\bto\b) ?[\"']?(?:false|off|disabled|no)\b", re.IGNORECASE
)
# What is done, and neither what waits, nor what it takes, nor what goes wrong.
_DONE = re.compile(
    r"_total(?![a-z])|(?<![a-z])rate(?:\d+[smh])?(?![a-z])|per_(?:second|minute)|throughput|processed|completed|executed"
    r"|delivered|handled|served|consumed|sent|acked|finished",
    re.IGNORECASE,
)
_NOT_DONE = re.compile(
    r"error|fail|reject|denied|drop|time-?_?out|restart|retr|lost|5xx|4xx|cpu|memory|bytes|seconds|wait|idle", re.I
)
_BEFORE, _EARLY, _SOON = timedelta(hours=2), timedelta(minutes=1), timedelta(minutes=4)
_LEAST, _NOTHING, _HALF, _ALIKE = 4, 0.03, 0.5, 1.5


def set_lower(facts: Facts) -> Finding | None:
    """The setting, what is done since then, and what else is measured to be wrong."""
    signals = trouble_signals(facts)
    if not facts.case.firing or not signals:
        return None
    for change in reversed(facts.changes):
        share = _share(change, facts)
        less = next((m for m in facts.metrics if share is not None and _fell(m, change, share)), None)
        if less is None:
            continue
        what = f"{said(change, 300)}. Since then: {less.line[:240]}"
        return Finding(
            category="config_error",
            statement=one_line(f"{name(facts)} does less since it was set to: {what}", 900).rstrip(".") + ".",
            supporting=[change.cite("just before"), less.cite("as much less is done"), *signals[:3]],
            strength="strong",
            onset=change.at,
            explains=frozenset({"bad_deploy"}),
            rooted=True,
            disproof="Set it back: if no more is done then, it was not the cause.",
        )
    return None


def _share(change: LogLine, facts: Facts) -> float | None:
    """To what part of it a number of the target's own settings was lowered just before."""
    started, at, what = facts.case.started_at, change.at, change.message.partition(": ")[2]
    own = any(belongs(one, aliases(facts.case)) for one in target_of(change))
    if at is None or not started - _BEFORE <= at <= started or not own or not _SETTING.match(change.message):
        return None
    found = _LOWERED.search(what)
    old, new = (int(found["old"]), int(found["new"])) if found is not None else (1, int(not _OFF.search(what)))
    return new / old if new < _HALF * old else None


def _fell(metric: Metric, change: LogLine, share: float) -> bool:
    """Is as much less of it done from that minute on, and was it done until then?"""
    turned, at = metric.change_at, change.at
    if turned is None or at is None or metric.role not in ("other", "requests", "traffic", "success"):
        return False
    if not _DONE.search(metric.name) or _NOT_DONE.search(metric.line.partition(": ")[0]):
        return False
    before = [value for moment, value in metric.points if moment < (at - _EARLY).timestamp()]
    since = [value for moment, value in metric.points if moment >= (at + _SOON).timestamp()]
    if not -_EARLY <= turned - at <= _SOON or len(before) < _LEAST or len(since) < _LEAST or median(before) <= 0:
        return False
    left = median(since) / median(before)
    return left <= _NOTHING if share == 0 else share / _ALIKE <= left <= min(_HALF, share * _ALIKE)
