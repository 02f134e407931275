"""What was written a moment ago is not found: it is read from a copy that has stood still since then."""

import re
from datetime import UTC, datetime, timedelta

from agent_graph.analysts.rules.facts import Facts, Metric
from agent_graph.analysts.rules.finding import Finding
from agent_graph.analysts.rules.parts import first_at, log_citations, name, said, trouble_signals
from agent_graph.wording import clock
from backend.investigation.kinds import Category

_MISSED = re.compile(
    r"not ?found|no (?:such )?(?:row|record|entry|document|object)s?\b|(?:does|do) not exist|doesn.t exist"
    r"|unknown (?:id|order)|no result|not exist yet|stale (?:read|data)|could not find",
    re.IGNORECASE,
)
# What is looked up is rows; tables, hosts and files are missing for other reasons.
_OTHERWISE = re.compile(
    r"\b404\b|relation|column|table|database|host|file|route|class|module|command|bucket|index", re.I
)
_LAG = re.compile(r"seconds?_behind|replication_lag|replica_?lag|lag_seconds|replay_lag", re.IGNORECASE)
_SLACK, _LEAST = timedelta(minutes=2), 60.0
_SYMPTOMS: frozenset[Category] = frozenset({"app_crash", "dependency_failure", "config_error"})


def read_too_early(facts: Facts) -> Finding | None:
    """A neighbour's copy is measured to be behind, and rows are missed from then on."""
    late = next((m for m in facts.metrics if _LAG.search(m.name) and _grows(m)), None)
    signs = [s for s in facts.signs if late and s.category.startswith("elsewhere:") and late.line[:200] in s.quote]
    lines = [line for line in facts.matching(_MISSED) if line.is_bad and not _OTHERWISE.search(line.message)]
    began, signals = first_at(lines), trouble_signals(facts)
    if late is None or not signs or began is None or not signals or began < stood_still(late) - _SLACK:
        return None
    since = clock(stood_still(late), seconds=False)
    return Finding(
        category="replication_lag",
        statement=f"{name(facts)} does not find what was written since {since}: {said(lines[0], 240)}. It reads from a"
        f" copy that is {late.last:.0f} seconds behind: {signs[0].quote[:300]}.",
        supporting=[signs[0].cite("the copy"), *log_citations(lines), *signals[:2]],
        strength="strong",
        onset=stood_still(late),
        explains=_SYMPTOMS,
        rooted=True,
        disproof="Look up what was missed where it was written: not there either, the copy is not the cause.",
    )


def _grows(late: Metric) -> bool:
    """Is it later than it was, and much?"""
    return late.last >= _LEAST and late.last >= 2 * late.points[0][1] and late.last >= late.highest / 2


def stood_still(late: Metric) -> datetime:
    """The time of what it has last: so long ago as it is behind."""
    return datetime.fromtimestamp(late.points[-1][0] - late.last, UTC)
