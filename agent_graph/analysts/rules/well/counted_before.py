"""A rule that was just made asks how much a counter has counted, and it counted that in an earlier, closed incident."""

import re
from collections.abc import Sequence
from datetime import timedelta

from agent_graph.analysts.rules.facts import Facts, LogLine, Metric
from agent_graph.analysts.rules.finding import Finding
from agent_graph.analysts.rules.parts import name, said, trouble_signals
from agent_graph.analysts.rules.well.complaints import complains
from agent_graph.analysts.rules.well.wellness import good_signs
from agent_graph.sources.signs import aliases, belongs
from backend.investigation.kinds import AlertFact, Category

_MADE = re.compile(r"\bnew\b|\badd(?:ed|s|ing)?\b|\bcreat|\bintroduc|\benabl|\broll(?:ed)? out", re.IGNORECASE)
# What asks how fast it rises asks for the present.
_OF_NOW = re.compile(r"\b(?:i?rate|increase|i?delta|deriv|changes|offset|resets)\s*\(|\boffset\b", re.IGNORECASE)
_CLOSED = re.compile(
    r"\b(?:closed|resolved|solved|fixed|re-?driven|re-?played|re-?processed|restored|repaired|cleaned up|made good)\b",
    re.IGNORECASE,
)
_OPEN = re.compile(
    r"\bnot (?:yet )?\w|\breopen|\bunresolved|\bopen\b|\bpartly|\bpartial|\bpending|\bto be\b", re.IGNORECASE
)
_WORD, _SAYS_NOTHING = re.compile(r"[a-z]{4,}"), {"total", "count", "number", "events", "seconds", "bytes"}
_BEFORE, _AFTER, _PAST = timedelta(minutes=90), timedelta(minutes=2), timedelta(days=60)
# So long before the rule was made nothing may have been counted, and so long ago it is closed.
_QUIET, _LONG_CLOSED, _FRESH = timedelta(minutes=30), timedelta(hours=6), timedelta(minutes=10)
_LEAST, _SHARED = 10, 2


def counted_before(facts: Facts, likely: Sequence[Category]) -> Finding | None:
    """Nothing is counted now, nor was before the rule; what was counted is registered as over, and all else is well."""
    alerts = [alert for alert in facts.case.alerts if alert.status == "firing"]
    if not alerts or likely or facts.monitor is not None or trouble_signals(facts) or complains(facts):
        return None
    found = [_left_over(alert, facts) for alert in alerts]
    told = [one for one in found if one is not None]
    good = good_signs(facts)
    if len(told) < len(alerts) or not good:
        return None
    made, metric, closed = told[0]
    return Finding(
        category="healthy",
        statement=f"{name(facts)} is as it was; {alerts[0].name} is new ({said(made, 200)}) and asks for all that was"
        f" ever counted: {metric.line[:160]}. That was counted in an earlier incident: {said(closed, 240)}. Let the"
        " rule ask how much is counted in the last minutes.",
        supporting=[
            made.cite("the rule was made just before"),
            metric.cite("nothing is counted now"),
            closed.cite("what was counted is over"),
            *good[:2],
        ],
        strength="strong",
        disproof="Look for one that was counted then and is still waiting: that one is not over.",
    )


def _left_over(alert: AlertFact, facts: Facts) -> tuple[LogLine, Metric, LogLine] | None:
    """What made its rule, the counter that it asks for, and what is registered of the time at which that rose."""
    began = alert.starts_at
    named = re.compile(rf"(?<![\w-]){re.escape(alert.name)}(?![\w-])")
    near = [c for c in facts.changes if c.at is not None and began - _BEFORE <= c.at <= began + _AFTER]
    made = next((c for c in reversed(near) if named.search(c.message) and _MADE.search(c.message)), None)
    if made is None:
        return None
    for metric in facts.metrics:
        closed = _closed(metric, made, facts)
        if closed is not None and _asks_for_all(alert, metric) and _is_quiet(metric, made, facts):
            return made, metric, closed
    return None


def _asks_for_all(alert: AlertFact, metric: Metric) -> bool:
    """Does it tell its expression, which compares the counter itself, and is the series its own?"""
    told = [text for text in alert.annotations.values() if metric.name in text]
    compares = re.compile(rf"(?<!\w){re.escape(metric.name)}(?:\{{[^}}]*\}})?\)? *[<>]=? *\d")
    own = all(alert.labels.get(key, value) == value for key, value in metric.labels.items())
    return own and any(compares.search(text) for text in told) and not any(map(_OF_NOW.search, told))


def _is_quiet(metric: Metric, made: LogLine, facts: Facts) -> bool:
    """Counters are read as what they rise by."""
    if not metric.name.endswith("_total") or len(metric.points) < _LEAST or made.at is None:
        return False
    long_known = metric.points[0][0] <= (made.at - _QUIET).timestamp()
    fresh = metric.points[-1][0] >= (facts.case.now - _FRESH).timestamp()
    return long_known and fresh and metric.highest == 0


def _closed(metric: Metric, made: LogLine, facts: Facts) -> LogLine | None:
    """What was registered as over of the target and of what the counter counts; nothing of it is open since."""
    words = {word for word in _WORD.findall(metric.name.lower())} - _SAYS_NOTHING
    known = [*aliases(facts.case), *([facts.case.target.namespace] if facts.case.target.namespace else [])]
    about: list[LogLine] = []
    for change in facts.changes:
        head, _, summary = change.message.partition(": ")
        ours = any(belongs(part, known) for part in re.split(r"[/\s,@]+", head) if part)
        shared = sum(word in summary.lower() for word in words)
        if ours and shared >= min(_SHARED, len(words)) and change.at and made.at and change is not made:
            about.append(change)
    last = max(about, key=lambda change: change.at or facts.case.now, default=None)
    if last is None or last.at is None or made.at is None or not made.at - _PAST <= last.at <= made.at - _LONG_CLOSED:
        return None
    return last if _CLOSED.search(last.message) and not _OPEN.search(last.message) else None
