"""Not what is measured is wrong, but the rule that judges it: somebody just edited it, or it knows an old limit."""

import re
from collections.abc import Sequence
from datetime import datetime, timedelta

from agent_graph.analysts.rules.facts import Facts, LogLine, Metric
from agent_graph.analysts.rules.finding import Finding
from agent_graph.analysts.rules.parts import name, said, trouble_signals
from agent_graph.analysts.rules.well.as_yesterday import same, with_past
from agent_graph.analysts.rules.well.complaints import complains
from agent_graph.analysts.rules.well.old_limit import old_limit
from agent_graph.analysts.rules.well.reported import series_of
from agent_graph.analysts.rules.well.wellness import good_signs
from backend.investigation.kinds import AlertFact, Category

# A limit that was edited is another question than a thing that was not watched before.
_RULE = re.compile(r"threshold|limit\b|[<>≤≥] ?\d|\d ?(?:->|→|to) ?\d|stricter|lower|tighten", re.IGNORECASE)
_NEW = re.compile(r"\b(?:new|add(?:s|ed)?|creat(?:e|es|ed)|introduc\w+|first)\b.*\b(?:rules?|alerts?|alarms?)\b", re.I)
# What is as bad at all times as it is now: states, ages, and what is lost.
_NO_LEVEL = re.compile(
    r"fail|error|degrad|down|offline|missing|lost|corrupt|stale|timestamp|_age\b|_lag|last_|expir|status|state|health|_up\b"
)
# What a rule that asks for failures finds was wrong all the time, too.
_FAILURE = re.compile(
    r"fail|(?<!no)error|declin|reject|refus|denied|deny|unauthori|forbidden|drop|lost|losing|missing|timed?[- ]?out"
    r"|5xx|\b50\d\b|abort|cancel|corrupt|crash|stuck|stop|stall|dead|down\b|unavailab|unreachab|broken|breach|bounc|expir"
    r"|stale|incident|outage|saturat|exhaust|\bfull\b|out of|invalid|incomplete|fraud|charge-?back|unpaid|duplicat",
    re.IGNORECASE,
)
# How much is asked tells nothing of what comes of it.
_GENERAL = re.compile(
    r"requests?|quer(?:y|ies)|calls?|messages?|events?|total|seconds?|minutes?|count|rates?|percent|service"
)
_BOOL, _MOMENT = 1.0, 1e9
_BEFORE, _AFTER = timedelta(minutes=90), timedelta(minutes=2)
# So long before the edit it must have been the same; longer where nothing else says that all is well.
_SAME, _SAME_ALONE = timedelta(minutes=30), timedelta(hours=3)
_WORD = re.compile(r"[A-Z][a-z]{4,}|[a-z]{5,}")
# Noise of a steady series, against what it is at.
_STEADY = 0.35


def judged_anew(facts: Facts, likely: Sequence[Category]) -> Finding | None:
    """Edited or made just now, or left behind when the limit was raised."""
    return _edited(facts, likely) or _made(facts, likely) or old_limit(facts, likely)


def _edited(facts: Facts, likely: Sequence[Category]) -> Finding | None:
    """Each alert's rule was edited just before it fired, and what it measures is as it was long before that."""
    alerts = [alert for alert in facts.case.alerts if alert.status == "firing"]
    if not alerts or facts.monitor is not None or likely or complains(facts):
        return None
    edits = [_edit(alert, facts, _RULE) for alert in alerts]
    own = [m for alert in alerts for m in _meant(alert, facts)]
    if not all(edits) or (edit := edits[0]) is None or edit.at is None or not own or trouble_signals(facts):
        return None
    good = [c for c in good_signs(facts) if c.quote not in {m.cite().quote for m in own}]
    since = edit.at - (_SAME if good else _SAME_ALONE)
    known = [m for m in own if m.points[0][0] <= since.timestamp()]
    if not known or any(_is_no_level(m) for m in own) or not all(_steady(metric, facts.case.now) for metric in own):
        return None
    return Finding(
        category="healthy",
        statement=f"{name(facts)} is as it was; what changed is the rule of {alerts[0].name}: {said(edit, 240)}.",
        supporting=[edit.cite("the rule was edited"), *(m.cite("as it was before") for m in known[:2]), *good[:2]],
        strength="strong",
        disproof="Ask whoever edited the rule whether the new limit means something: then it was never well.",
    )


def _made(facts: Facts, likely: Sequence[Category]) -> Finding | None:
    """Each alert's rule was made just before it fired, and what it asks for is at one level, the same as a day or a
    week ago: it has been so, and nobody had asked."""
    alerts = [alert for alert in facts.case.alerts if alert.status == "firing"]
    rules = [_edit(alert, facts, _NEW) for alert in alerts]
    if facts.monitor is not None or likely or complains(facts) or trouble_signals(facts) or not good_signs(facts):
        return None
    if any(map(_FAILURE.search, [*map(_told, alerts), *(rule.message for rule in rules if rule)])):
        return None
    known = with_past(facts.metrics)
    named = [{now.name for now, _ in known if _shares_words(now, alert, facts)} for alert in alerts]
    pairs = [pair for pair in known if all(named) and any(pair[0].name in names for names in named)]
    level = all(_steady(now, facts.case.now) and not _is_no_level(now) and same(now, then) for now, then in pairs)
    if not pairs or not level or not rules or None in rules or (rule := rules[0]) is None:
        return None
    now, then = pairs[0]
    return Finding(
        category="healthy",
        statement=f"{name(facts)} is as it was; what is new is the rule of {alerts[0].name}: {said(rule, 200)}."
        f" Now: {now.line}. Then: {then.line}.",
        supporting=[
            rule.cite("the rule was made"),
            *(one.cite(note) for pair in pairs[:2] for one, note in zip(pair, ("now", "then"), strict=True)),
            *good_signs(facts)[:2],
        ],
        strength="strong",
        disproof="Ask whoever made the rule what it is to find: it may have been wrong all the time.",
    )


def _shares_words(metric: Metric, alert: AlertFact, facts: Facts) -> bool:
    """Does the alert speak of it, by a word of its name or labels that says what it counts, and not where?"""
    told = _told(alert).lower()
    places = " ".join((facts.case.target.name, *(v for k, v in alert.labels.items() if k != "alertname"))).lower()
    called = re.findall(r"[a-z]{5,}", " ".join((metric.name, *metric.labels.values())).lower())
    return any(word in told and word not in places and not _GENERAL.fullmatch(word) for word in called)


def _told(alert: AlertFact) -> str:
    return " ".join((alert.name, *alert.annotations.values()))


def _edit(alert: AlertFact, facts: Facts, how: re.Pattern[str]) -> LogLine | None:
    began = alert.starts_at
    near = [c for c in facts.changes if c.at is not None and began - _BEFORE <= c.at <= began + _AFTER]
    named = re.compile(rf"(?<![\w-]){re.escape(alert.name)}(?![\w-])")
    return next((c for c in reversed(near) if named.search(c.message) and how.search(c.message)), None)


def _meant(alert: AlertFact, facts: Facts) -> list[Metric]:
    """Of the series with its labels, those whose name shares most with its own."""
    series = series_of(alert, facts)
    words = {word.lower() for word in _WORD.findall(alert.name)} - {"warning", "critical", "alert", "alarm"}
    shared = [sum(word in m.line.split("{")[0].lower() for word in words) for m in series]
    return [m for m, count in zip(series, shared, strict=True) if count == max(shared)]


def _is_no_level(metric: Metric) -> bool:
    called = metric.line.split("{")[0]
    return metric.highest <= _BOOL or metric.highest >= _MOMENT or _NO_LEVEL.search(called) is not None


def _steady(metric: Metric, now: datetime) -> bool:
    """Measured up to now, and at one level all the time."""
    values = [value for _, value in metric.points]
    level = max(abs(value) for value in values)
    fresh = now.timestamp() - metric.points[-1][0] <= _SAME.total_seconds()
    return fresh and max(values) - min(values) <= _STEADY * max(level, 1e-9)
