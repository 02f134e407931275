"""Refused on purpose: somebody was asked to try the doors, and what keeps them shut counts each try."""

import re
from collections.abc import Sequence
from datetime import timedelta

from agent_graph.analysts.rules.context.beforehand import target_of
from agent_graph.analysts.rules.facts import Facts, LogLine
from agent_graph.analysts.rules.finding import Finding
from agent_graph.analysts.rules.parts import name, said, trouble_signals
from agent_graph.analysts.rules.well.complaints import complains
from agent_graph.analysts.rules.well.wellness import good_signs
from backend.investigation.kinds import Category

_TEST = re.compile(
    r"pen-?test|penetration|red ?team|(?:security|vulnerability|port)[- ](?:scan|audit|test|assessment)"
    r"|\bscans?\b|\bscanning\b",
    re.IGNORECASE,
)
_OVER = re.compile(r"\b(?:finished|done|completed?|abort(?:ed)?|stopped|cancell?ed|ended|postponed)\b", re.IGNORECASE)
_REFUSED = re.compile(r"denied|\bdrop|block|refus|reject|forbidden|\b40[13]\b|4xx", re.IGNORECASE)
_ADDRESS = re.compile(r"(?<![\d.])\d{1,3}(?:\.\d{1,3}){3}(?![\d.])")
# Whether users are served is what these tell.
_SERVED = ("success", "errors", "few_errors", "latency", "probe")
_LOOKS_LIKE: frozenset[Category] = frozenset({"network_error", "permission_denied"})
_LASTS, _SLACK = timedelta(hours=12), timedelta(minutes=5)
# So many tries, and nearly all of them theirs.
_LEAST, _THEIRS = 8, 0.9


def audited(facts: Facts, likely: Sequence[Category]) -> Finding | None:
    """It was registered before, nearly all who are refused bear the testers' name, and users are served as ever."""
    tests = [change for change in facts.changes if _is_test(change, facts)]
    good, trouble = good_signs(facts), trouble_signals(facts)
    if not tests or set(likely) - _LOOKS_LIKE or not _served(facts):
        return None
    if not all(_REFUSED.search(signal.quote.partition("}")[0]) for signal in trouble):
        return None
    test = tests[-1]
    tries = [line for line in [*facts.lines, *facts.usual, *facts.around] if _REFUSED.search(line.text)]
    names = [*target_of(test), *_ADDRESS.findall(test.message)]
    theirs = [line for line in tries if any(word in line.text.lower() for word in names)]
    counts = [sum(max(1, line.count) for line in some) for some in (theirs, tries)]
    if counts[0] < max(_LEAST, _THEIRS * counts[1]) or complains(facts, aside=theirs):
        return None
    return Finding(
        category="healthy",
        statement=f"{name(facts)} keeps out whom it is to keep out, who was asked to try: {said(test, 300)}."
        " Others are served as before.",
        supporting=[test.cite("it was registered"), theirs[-1].cite("one of their tries"), *trouble[:1], *good[:3]],
        strength="strong",
        disproof="Ask who tests; anybody else who is refused, or a try that succeeds, would be an incident.",
    )


def _is_test(change: LogLine, facts: Facts) -> bool:
    began = facts.case.started_at
    if change.at is None or not began - _LASTS <= change.at <= began + _SLACK:
        return False
    return _TEST.search(change.message) is not None and _OVER.search(change.message) is None


def _served(facts: Facts) -> bool:
    well = {sign.quote for sign in facts.signs_of("healthy", "strong")}
    return any(metric.role in _SERVED and metric.cite().quote in well for metric in facts.metrics)
