"""The log of slow statements of the server that the target asks: MySQL and MariaDB note each with its seconds."""

import re
from datetime import timedelta

from agent_graph.analysts.rules.facts import Facts, LogLine
from agent_graph.analysts.rules.finding import Finding
from agent_graph.analysts.rules.parts import first_at, log_citations, name, said, trouble_signals

_NOTED = re.compile(
    r"\bQuery_time: {0,2}(\d{1,9}(?:\.\d{1,9})?)\b.{0,120}\bRows_examined: {0,2}(\d{1,15})", re.IGNORECASE
)
# So long nobody waits for a page; noted so shortly before the alert, or since.
_LONG_SECONDS = 5.0
_BEFORE = timedelta(minutes=15)


def slow_log(facts: Facts) -> Finding | None:
    """Statements that ran long as the trouble began, by the log of another than the target, which is not well."""
    since = facts.case.started_at - _BEFORE
    noted = [line for line in facts.around if _seconds(line) >= _LONG_SECONDS]
    now = [line for line in noted if line.at is not None and line.at >= since]
    signals = trouble_signals(facts)
    if not now or len(now) < len(noted) or not signals:
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
    )


def _seconds(line: LogLine) -> float:
    found = _NOTED.search(line.text)
    return float(found[1]) if found else 0.0
