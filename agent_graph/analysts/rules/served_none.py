"""Nothing is served any more since it complains: what it did at any time fell to nothing with the first complaint."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from statistics import median

from agent_graph.analysts.rules.facts import Facts, LogLine, Metric
from agent_graph.analysts.rules.finding import Finding
from backend.investigation.kinds import Category

# What turns all others away, whatever level it has for whoever turns them away.
_TURNS_AWAY: frozenset[Category] = frozenset(
    {"permission_denied", "certificate_expired", "config_error", "connection_exhaustion", "quota_exceeded"}
)
# Work that is counted as it is done for somebody, and neither what waits nor what went wrong.
_WORK = re.compile(
    r"quer(?:y|ies)|requests?|transactions?|xacts?|commits?|messages?|commands?|statements?|operations?|\bops\b"
    r"|logins?|produced|consumed|processed|handled|inserted|published|delivered",
    re.IGNORECASE,
)
_NO_WORK = re.compile(
    r"wait|pending|queue[ds]?_|lag|error|fail|reject|abort|slow|duration|latency|bytes|rollback|backlog|\b[45]\d\d\b",
    re.IGNORECASE,
)
_NEAR, _ON, _NOTHING = timedelta(minutes=3), timedelta(minutes=3), 0.02
_OFTEN, _STEADY = 10, 0.5


def with_fall(finding: Finding, facts: Facts) -> Finding:
    """The finding, strong, with the measurement: many complaints go on, and the work is gone since the first."""
    if finding.category not in _TURNS_AWAY:
        return finding
    first = next(iter(finding.cited(facts.lines)), None)
    if first is None or first.at is None or first.count < _OFTEN or not _goes_on(first, facts):
        return finding
    gone = next((m for m in facts.metrics if is_work(m) and fell(m, first.at)), None)
    if gone is None or gone.cite().quote in finding.quotes:
        return finding
    told = f"{finding.statement.rstrip('.')}. Since then nothing is served: {gone.line[:160]}."
    cites = finding.supported([gone.cite("nothing is served since the first complaint")], after=1)
    return replace(finding, statement=told, supporting=cites, strength="strong", onset=finding.onset or first.at)


def _goes_on(first: LogLine, facts: Facts) -> bool:
    """Of the same kind, as far as their words go: said up to now."""
    same = [line.at for line in facts.lines if line.at and line.count == first.count and line.level == first.level]
    return max(same) >= facts.case.now - _ON


def is_work(metric: Metric) -> bool:
    """Does it count what is done?"""
    name = metric.line.split(": ")[0]
    return _WORK.search(name) is not None and _NO_WORK.search(name) is None


def fell(metric: Metric, began: datetime) -> bool:
    """There was always some before, and as good as none ever since."""
    before = [value for at, value in metric.points if datetime.fromtimestamp(at, UTC) < began - _NEAR]
    since = [value for at, value in metric.points if datetime.fromtimestamp(at, UTC) > began + _NEAR]
    if not before or not since or median(before) <= 0:
        return False
    usual = median(before)
    return min(before) >= _STEADY * usual and max(since) <= _NOTHING * usual
