"""The processor that statements take: a server that notes slow statements complains of none, but is measured."""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from agent_graph.analysts.rules.facts import Facts, LogLine, Metric
from agent_graph.analysts.rules.finding import Finding

# So many are no exception, so much of all cores is nearly all, and what came together came within.
_MANY, _BUSY, _TIMES = 10, 0.8, 1.5
_NEAR = timedelta(minutes=5)
# MongoDB tells of a slow statement in fields: on what, by which plan, and how much it read for it.
_FIELDS = (
    (re.compile(r'"ns": ?"([\w.$-]{1,120})"'), "on "),
    (re.compile(r'"planSummary": ?"([^"]{1,120})"'), ""),
    (re.compile(r'"docsExamined": ?(\d{3,15})\b'), "documents read: "),
)


def with_busy(finding: Finding, lines: Sequence[LogLine], facts: Facts) -> Finding:
    """The finding, stronger for the processor that went up as many `lines` began, where both are still so."""
    at = [line.at for line in lines if line.at is not None]
    # Lines with fields of their own are counted one by one.
    many = max((len(lines), *(line.count for line in lines))) >= _MANY
    if finding.strength != "weak" or not (facts.case.firing and many and at) or facts.case.now - max(at) > _NEAR:
        return finding
    busy = next((m for m in facts.metrics if m.role == "cpu" and _rose(m) and _together(m, min(at))), None)
    if busy is None:
        return finding
    cites = finding.supported([busy.cite("busy since statements run long")], after=1)
    return replace(finding, strength="strong", supporting=cites)


def with_fields(finding: Finding, lines: Sequence[LogLine]) -> Finding:
    """What the statement works on, where the line says it in fields only."""
    found = [(before, known[1]) for field, before in _FIELDS if lines and (known := field.search(lines[0].text))]
    told = ", ".join(before + value for before, value in found if value not in finding.statement)
    return replace(finding, statement=f"{finding.statement.rstrip('.')} ({told}).") if told else finding


def _together(metric: Metric, began: datetime) -> bool:
    return metric.change_at is not None and abs(metric.change_at - began) <= _NEAR


def _rose(metric: Metric) -> bool:
    """A share of all cores: nearly all of them now, and far fewer before."""
    changed = metric.change_at.timestamp() if metric.change_at else 0.0
    before = [value for at, value in metric.points if at < changed]
    return bool(before) and _BUSY <= metric.last <= 1.0 and metric.last >= _TIMES * sum(before) / len(before)
