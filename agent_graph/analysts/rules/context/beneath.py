"""What stands beneath a line that only says that something failed: the error itself, in the trace that follows."""

import re
from collections.abc import Iterator

from agent_graph.analysts.rules.facts import Facts, LogLine
from agent_graph.analysts.rules.finding import Finding
from agent_graph.analysts.rules.parts import said
from agent_graph.logs.lines import time_of
from backend.investigation.kinds import Citation

# What went wrong, in the words of a trace; what brought it about stands last.
_ERROR = re.compile(r"^\s*(Caused by: )?[a-zA-Z_][\w.$]*(?:Exception|Error)\b", re.ASCII)
# Who names an error itself tells enough.
_TELLS = re.compile(r"Exception|Error\b|errno|refused|denied|timed? ?out|no such|not found", re.ASCII)
_FOLLOWING, _LONGEST = 40, 240


def beneath(finding: Finding, facts: Facts) -> Iterator[tuple[str, Citation]]:
    """For the statement, with its quote: the innermost error of the trace beneath the first line that is cited."""
    head = next(iter(finding.cited(facts.lines)), None)
    if head is None or _TELLS.search(head.message):
        return
    place = next((n for n, line in enumerate(facts.lines) if line is head), 0)
    errors = [line for line in _trace(facts.lines[place + 1 : place + _FOLLOWING], head) if _ERROR.search(line.text)]
    caused = [line for line in errors if "Caused by: " in line.text]
    if errors:
        told = (caused or errors[:1])[-1]
        yield f"The error itself: {said(told, _LONGEST)}", told.cite("the error beneath it")


def _trace(lines: list[LogLine], head: LogLine) -> Iterator[LogLine]:
    """What follows without a time of its own."""
    for line in lines:
        if line.evidence != head.evidence or time_of(line.text) is not None:
            return
        yield line
