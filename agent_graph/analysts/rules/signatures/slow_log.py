"""The log of slow statements of the server that the target asks: MySQL, MariaDB and MongoDB note each with its time."""

import re
from collections.abc import Sequence
from datetime import timedelta

from agent_graph.analysts.rules.facts import Facts, LogLine
from agent_graph.analysts.rules.finding import Finding
from agent_graph.analysts.rules.parts import first_at, log_citations, name, said, trouble_signals
from backend.investigation.kinds import Citation

# With how long it took, and how many rows it read for that.
_SECONDS = re.compile(
    r"\bQuery_time: {0,2}(?P<time>\d{1,9}(?:\.\d{1,9})?)\b.{0,120}\bRows_examined: {0,2}(?P<rows>\d{1,15})",
    re.IGNORECASE,
)
_MILLIS = re.compile(
    r"\bSlow query\b.{1,2000}\bdocsExamined\\?\": ?(?P<rows>\d{1,15})"
    r".{1,2000}\bdurationMillis\\?\": ?(?P<time>\d{1,12})",
    re.IGNORECASE,
)
# So long nobody waits for a page; noted so shortly before the alert, or since.
_LONG_SECONDS = 5.0
_BEFORE = timedelta(minutes=15)
# Whoever reads so many rows is slow by itself, and not for what it waits for.
_MANY_ROWS = 100_000
# What the target says that waits for an answer, or for a connection that others keep while they wait for theirs.
_WAITED = re.compile(r"time[d]? ?out|\bpool\b.{0,60}(?:limit|exhausted|full)", re.IGNORECASE)


def slow_log(facts: Facts) -> Finding | None:
    """Statements that ran long as the trouble began, by the log of another than the target, which is not well."""
    now, signals = noted_slow(facts), trouble_signals(facts) or _waiting(facts)
    if not now or not signals:
        return None
    rise = facts.metric("slow_statements")
    counted = [rise.cite("slow statements since")] if rise is not None and rise.change_at else []
    return Finding(
        category="slow_query",
        statement=f"{name(facts)} waits for slow statements: {said(now[0])}.",
        supporting=[*log_citations(now, 2), *counted, *signals[:2]],
        strength="strong",
        onset=first_at(now),
        disproof="EXPLAIN the statement: cheap and fast would rule it out.",
        # Whoever waits for a statement keeps its place in the pool.
        explains=frozenset({"connection_exhaustion"}),
        rooted=all(_taken(line)[1] >= _MANY_ROWS for line in now),
    )


def noted_slow(facts: Facts) -> Sequence[LogLine]:
    """Those of another's log; none where it noted such statements long before, too."""
    since = facts.case.started_at - _BEFORE
    noted = [line for line in facts.around if _taken(line)[0] >= _LONG_SECONDS]
    now = [line for line in noted if line.at is not None and line.at >= since]
    return now if len(now) == len(noted) else []


def _waiting(facts: Facts) -> list[Citation]:
    """The target's own word that it waited in vain, beside an alert: its state shows nothing."""
    waited = [line for line in facts.matching(_WAITED) if line.is_error and not line.speaker]
    return [waited[0].cite("it waits"), facts.alert] if waited and facts.alert else []


def _taken(line: LogLine) -> tuple[float, int]:
    """Its seconds, and the rows that it read."""
    found = _SECONDS.search(line.text)
    if found is not None:
        return float(found["time"]), int(found["rows"])
    found = _MILLIS.search(line.text)
    return (float(found["time"]) / 1_000, int(found["rows"])) if found is not None else (0.0, 0)
