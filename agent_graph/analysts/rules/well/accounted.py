"""Less of something by as much as somebody had registered to take away: an alert that it fell is answered by that."""

import re
from collections.abc import Sequence
from datetime import timedelta
from statistics import median

from agent_graph.analysts.rules.facts import Facts, LogLine, Metric
from agent_graph.analysts.rules.finding import Finding
from agent_graph.analysts.rules.parts import name, said, trouble_signals
from agent_graph.analysts.rules.well.complaints import complains
from agent_graph.analysts.rules.well.undone import is_done
from agent_graph.sources.signs import aliases
from backend.investigation.kinds import Category

# What takes away, and what says that it did not.
_TAKEN = re.compile(
    r"\b(?:re)?moved?\b|delet|dropped|purg|archiv|off-?load|truncat|\bclean(?:ed|up)|expire[ds]?\b|retir|dedup|compact",
    re.IGNORECASE,
)
# People ask for it, under a number or with a yes; what a job or a release takes away may be what went wrong.
_ASKED_KIND = re.compile(
    r"request|ticket|change|maintenance|operation|announce|plan|decommission|archiv|infra|storage|data\b", re.IGNORECASE
)
_ASKED = re.compile(r"\b[A-Z]{2,10}-\d+\b|\bapproved\b|\bsigned off\b")
# How much, and of what: the next words.
_AMOUNT = re.compile(
    r"(?<![\w.,-])(\d{1,3}(?:,\d{3})+|\d{1,12})(\.\d{1,3})? ?([kmgtp]i?b|bytes)?(?![\w%]|-\d)((?: [a-z][\w-]*){0,2})",
    re.IGNORECASE,
)
_BYTES = re.compile(r"bytes|[kmgt]i?b(?:_|$)", re.IGNORECASE)
_POWERS = "kmgtp"
# Labels that say how bad it is, and not of what.
_NO_PLACE = ("alertname", "severity", "priority", "job", "team", "env", "receiver", "prometheus")
# A number of fewer digits than this is like many others; how alike both must be, and how long before it was registered.
_DIGITS, _ALIKE, _BEFORE, _FELL = 3, 0.02, timedelta(days=3), 0.1


def accounted(facts: Facts, likely: Sequence[Category]) -> Finding | None:
    """A series fell once, the very amount was registered as taken away before, and nothing else is wrong."""
    if likely or complains(facts):
        return None
    plans = [change for change in facts.changes if _is_taken(change, facts)]
    found = next(((m, c) for m in facts.metrics if (fell := _fall(m)) for c in plans if _tells(c, m, fell)), None)
    if found is None or any(signal.quote != found[0].cite().quote for signal in trouble_signals(facts)):
        return None
    metric, change = found
    return Finding(
        category="healthy",
        statement=f"{name(facts)} has lost nothing: it fell by as much as was registered to be taken away"
        f" ({said(change, 300)}).",
        supporting=[metric.cite("how much it fell"), change.cite("as much was taken away")],
        strength="strong",
        disproof="Count what is left of what was to stay: less of that than before would be a loss.",
    )


def _is_taken(change: LogLine, facts: Facts) -> bool:
    """Was it of the target or of what every alert names, shortly before, and is it done?"""
    head, _, summary = change.message.partition(": ")
    since = facts.case.started_at - _BEFORE
    in_time = change.at is not None and since <= change.at <= facts.case.started_at
    asked = _ASKED_KIND.match(head.split(" ", 1)[0]) and _ASKED.search(summary)
    if not in_time or not asked or not _TAKEN.search(summary) or not is_done(change):
        return False
    labels = [{v for key, v in alert.labels.items() if key not in _NO_PLACE} for alert in facts.case.alerts]
    parts = set(re.split(r"[/\s:@,]+", head))
    return not parts.isdisjoint(aliases(facts.case)) or (bool(labels) and all(parts & one for one in labels))


def _fall(metric: Metric) -> float:
    """How much it fell at once, for good; zero where it did not, goes on falling, or where nothing is left."""
    at = metric.change_at
    before = [value for moment, value in metric.points if at is not None and moment < at.timestamp()]
    after = [value for moment, value in metric.points if at is not None and moment >= at.timestamp()]
    if len(before) < _DIGITS or not after or metric.last <= 0:
        return 0.0
    usual, fell = median(before), median(before) - metric.last
    steady = max(before) - min(before) <= _FELL * fell and max(after[1:], default=metric.last) <= usual - fell / 2
    return fell if usual > 0 and fell > _FELL * usual and steady else 0.0


def _tells(change: LogLine, metric: Metric, fell: float) -> bool:
    return any(abs(amount - fell) <= _ALIKE * fell for amount in _amounts(change.message.partition(": ")[2], metric))


def _amounts(text: str, metric: Metric) -> list[float]:
    """Of what the series counts, by its name: so many bytes are no rows, and so many pictures no sessions."""
    found: list[float] = []
    words = set(re.findall(r"[a-z]{3,}", metric.name.lower()))
    for whole, part, unit, what in _AMOUNT.findall(text):
        digits = f"{whole.replace(',', '')}{part}"
        if len(digits.replace(".", "").strip("0")) < (_DIGITS if not unit else 1):
            continue
        if not (_BYTES.search(metric.name) if unit else words & set(what.lower().split())):
            continue
        base = 1024.0 if "i" in unit.lower() else 1000.0
        power = _POWERS.find(unit[0].lower()) + 1 if unit and unit.lower() != "bytes" else 0
        found.append(float(digits) * base**power)
    return found
