"""Each request asks many times more since a release, and no more requests come: what is asked is only its victim."""

import re
from datetime import datetime, timedelta

from agent_graph.analysts.rules.change_kinds import is_release
from agent_graph.analysts.rules.facts import Facts, LogLine, Metric
from agent_graph.analysts.rules.finding import Finding
from agent_graph.analysts.rules.named_by_measure import named_by_measure, rose
from agent_graph.analysts.rules.parts import name, said, trouble_signals
from backend.investigation.kinds import Category
from backend.redaction.clean import one_line

# What is counted for each request: how often it asks somebody else.
_PER_REQUEST = re.compile(
    r"(?:quer(?:y|ies)|sql|statements?|calls?|reads?|lookups?|round_?trips?|fetch\w*|requests?)(?:_count)?"
    r"_per_(?:request|page|call|job|message|operation)",
    re.IGNORECASE,
)
_BEFORE = timedelta(minutes=30)
# Whoever is asked so much has no connection, no processor and no time left.
_SYMPTOMS: frozenset[Category] = frozenset(
    {"connection_exhaustion", "slow_query", "cpu_throttling", "dependency_failure", "lock_contention"}
)


def asks_more(facts: Facts) -> Finding | None:
    """The release, and the measurement that it multiplied: for each request, or of the caller that was released."""
    signals = trouble_signals(facts) or ([facts.alert] if facts.alert else [])
    releases = [change for change in facts.changes if _is_release(change, facts)]
    found = next(((c, m) for c in releases[::-1] for m in facts.metrics if _multiplied(m, c, facts)), None)
    if not signals or not facts.case.firing:
        return None
    if found is None:
        return _of_one_caller(facts, releases)
    change, metric = found
    cause = one_line(f"{said(change, 240)}. Since then: {metric.line}", 700)
    return Finding(
        category="bad_deploy",
        statement=f"{name(facts)} is asked many times more for each request since a release: {cause}.",
        supporting=[change.cite("just before the trouble"), metric.cite("what it multiplied"), *signals[:3]],
        strength="strong",
        onset=metric.change_at or change.at,
        explains=_SYMPTOMS,
        rooted=True,
        disproof="Roll it back: asked as much by the version before, it was not the cause.",
    )


def _of_one_caller(facts: Facts, releases: list[LogLine]) -> Finding | None:
    """Of all who ask, the one that was just released asks many times more."""
    named = named_by_measure(facts)
    quotes = {change.cite().quote for change in releases}
    if named is None or named.supporting[0].quote not in quotes:
        return None
    return Finding(
        category="bad_deploy",
        statement=named.statement,
        supporting=named.supporting,
        strength="strong",
        onset=_risen(named, facts) or named.onset,
        explains=_SYMPTOMS,
        rooted=True,
        disproof=named.disproof,
    )


def _risen(named: Finding, facts: Facts) -> datetime | None:
    """When what it brought was first measured: what it fills up takes its time."""
    return next((m.change_at for m in facts.metrics if m.cite().quote in named.quotes and m.change_at), None)


def _is_release(change: LogLine, facts: Facts) -> bool:
    in_time = change.at is not None and facts.case.started_at - _BEFORE <= change.at <= facts.case.started_at
    return in_time and is_release(change.message)


def _multiplied(metric: Metric, change: LogLine, facts: Facts) -> bool:
    called = metric.name
    return (
        change.at is not None and _PER_REQUEST.search(called) is not None and rose(metric, facts, change.at.timestamp())
    )
