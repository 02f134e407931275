"""How full a file system is as the machine itself printed it: who measures otherwise may look at another one."""

import re
from datetime import timedelta

from agent_graph.analysts.rules.facts import Facts, LogLine, Metric
from agent_graph.analysts.rules.finding import Finding
from backend.investigation.kinds import Citation

# Rows of `df`: the device, what it holds, how much of it is used, and where it is mounted.
_ROW = re.compile(r"(?<!\S)(/dev/\S+|[\w.-]+:/\S*)\s.{0,80}?\s(\d{1,3})%\s+(/\S*)")
_LABELS = re.compile(r'(device|mountpoint)="([^"]+)"')
_OFTEN, _APART = timedelta(minutes=30), 20.0


def printed_otherwise(finding: Finding, facts: Facts) -> tuple[Metric, str, Citation] | None:
    """The measurement that it rests on alone, what the machine printed of the same file system meanwhile, and where."""
    lines = {metric.cite().quote: metric for metric in facts.metrics if metric.share is not None}
    cited = [citation for citation in finding.supporting if citation != facts.alert]
    if finding.category != "disk_pressure" or not cited or any(c.quote not in lines for c in cited):
        return None
    for metric in (lines[citation.quote] for citation in cited):
        printed = _printed(metric, [*facts.lines, *facts.around, *facts.usual], facts)
        if printed is not None and abs(printed[1] - 100 * metric.last / (metric.limit or 1)) >= _APART:
            line, used = printed
            return metric, f"{used}% used: {line.message[:160]}", line.cite("as the machine itself printed it")
    return None


def _printed(metric: Metric, lines: list[LogLine], facts: Facts) -> tuple[LogLine, int] | None:
    """The last row of its file system, when it is not much older than the measurement."""
    labels, since = dict(_LABELS.findall(metric.line)), facts.case.now - _OFTEN
    found = [(line, _ROW.search(line.message)) for line in lines if line.at and line.at >= since]
    same = [
        (line, int(row[2]))
        for line, row in found
        if row and labels.get("mountpoint") == row[3] and labels.get("device", row[1]) == row[1] and int(row[2]) <= 100
    ]
    return max(same, key=lambda one: one[0].at or since, default=None)
