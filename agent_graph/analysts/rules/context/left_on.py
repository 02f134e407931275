"""What was switched on for a piece of work, and never off again: whoever was to do that broke off before."""

import re
from collections.abc import Iterator
from datetime import timedelta

from agent_graph.analysts.rules.facts import Facts, LogLine
from agent_graph.analysts.rules.finding import Finding
from agent_graph.analysts.rules.parts import said
from backend.investigation.kinds import Citation

_MODE = r"\b(maintenance(?: mode)?|read-?only(?: mode)?|safe ?mode|single[- ]user mode|quiesce|write lock|noout)\b"
_ON = re.compile(_MODE + r"[^.;]{0,30}\b(?:enabled|on|activated|set|entered|taken)\b", re.IGNORECASE)
_OFF = re.compile(_MODE + r"[^.;]{0,30}\b(?:disabled|off|deactivated|unset|left|released|ended)\b", re.IGNORECASE)
_SLACK = timedelta(minutes=5)


def left_on(finding: Finding, facts: Facts) -> Iterator[tuple[str, Citation]]:
    """For the statement, with a quote: the last that was switched on before the trouble, and is on still."""
    began = finding.onset or facts.case.started_at
    lines = [line for line in [*facts.usual, *facts.lines, *facts.around] if line.at is not None]
    on = [line for line in lines if _ON.search(line.message) and line.at and line.at <= began + _SLACK]
    last = max(on, key=lambda line: line.at or began, default=None)
    if last is not None and not any(_ends(line, last) for line in lines):
        yield f"Switched on at {last.at:%H:%M} UTC, and not off again: {said(last, 160)}", last.cite("not off again")


def _ends(line: LogLine, on: LogLine) -> bool:
    return line.at is not None and on.at is not None and line.at >= on.at and _OFF.search(line.message) is not None
