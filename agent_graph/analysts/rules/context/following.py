"""What a complaint that only announces it goes on to say: the fields after "1 validation error for Settings"."""

import re
from collections.abc import Iterator
from datetime import timedelta

from agent_graph.analysts.rules.facts import Facts, LogLine, quoted
from agent_graph.analysts.rules.finding import Finding
from agent_graph.analysts.rules.parts import said
from agent_graph.logs.requests import request_of
from backend.investigation.kinds import Citation

# It counts, heads or opens what comes next.
_ANNOUNCES = re.compile(
    r"\b\d+ (?:\w+ )?(?:errors?|problems?|issues?)\b(?: (?:for|in|found|with|while|of)\b[^:]{0,80})?[:.]?\s*$"
    r"|[:\[{]\s*$|APPLICATION FAILED TO START\W*$",
    re.IGNORECASE,
)
# Code, frames, rules and where to read on tell nothing of what is wrong.
_EMPTY = re.compile(
    r"^\s*(?:at |File \"|from /|Traceback|for further information|see |https?://|[\W_]*$|description:?\s*$|node(?:\.js|:))"
    r"|^\s*(?:raise|return|throw|import|from)\b|\^{3,}|\.(?:py|rb|js|ts|go|php):\d+",
    re.IGNORECASE,
)
_AT_ONCE = timedelta(seconds=1)
_LOOKED_AT, _MOST = 8, 3


def following(finding: Finding, facts: Facts) -> Iterator[tuple[str, Citation]]:
    """For the statement, with a quote: the first lines of what it announces, from the same voice at the same moment."""
    head = next(iter(quoted(facts.lines, finding.supporting[:1])), None)
    if head is None or head.at is None or not _ANNOUNCES.search(head.message):
        return
    # A name that is said at every start is left out of the lines, for it sounds like nothing bad.
    rest = [one for one in [*facts.lines, *facts.usual] if one.at and one.at >= head.at and one.cite() != head.cite()]
    told = list(_after(head, sorted(rest, key=_time)[:_LOOKED_AT]))[:_MOST]
    if told:
        yield f"The complaint goes on: {'; '.join(said(one) for one in told)}", told[0].cite("what it announces")


def _time(line: LogLine) -> float:
    return line.at.timestamp() if line.at else 0.0


def _after(line: LogLine, rest: list[LogLine]) -> Iterator[LogLine]:
    for one in rest:
        late = line.at is not None and one.at is not None and one.at - line.at > _AT_ONCE
        if late or one.evidence != line.evidence or one.speaker != line.speaker or one.level in ("info", "debug"):
            return
        if not _EMPTY.search(one.message) and request_of(one.text) is None:
            yield one
