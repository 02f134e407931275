"""How each attempt of a service ends that its keeper gives up on: why it is ended, and what it was at until then."""

import re
from collections import Counter
from datetime import timedelta

from agent_graph.analysts.rules.facts import Facts, LogLine
from agent_graph.analysts.rules.noise import kind_of
from backend.investigation.kinds import Citation

# systemd does not wait any longer. A process that ended by itself says why in words of its own.
_GIVEN_UP = re.compile(
    r"(?:start|reload|start-pre|start-post)\S* operation timed out|Watchdog timeout \(limit", re.IGNORECASE
)
# What the keeper says itself of what it starts and ends.
_KEEPER = re.compile(
    r"\S+\.(?:service|scope|socket|mount|timer): |(?:Start|Stopp|Fail|Reload|Finish|Condition)\w* .{0,120}"
    r"(?:\.service| - |\.\.\.$)"
)
_OFTEN, _MOSTLY, _LASTS = 2, 0.6, timedelta(minutes=30)


def attempts(facts: Facts) -> list[Citation]:
    """Why the last one was ended, and the line that most of them said last; nothing where they were not given up."""
    lines = sorted(
        (line for line in [*facts.lines, *facts.usual] if line.at), key=lambda line: line.at or facts.case.now
    )
    ends = [line for line in lines if _GIVEN_UP.search(line.message)]
    if not ends:
        return []
    last = [said for end in ends if (said := _last_before(end, lines))]
    kind, often = Counter(map(kind_of, last)).most_common(1)[0] if last else ("", 0)
    found = [ends[-1].cite("how each attempt ends")]
    if often >= _OFTEN and often >= _MOSTLY * len(last):
        found.append(
            next(line for line in reversed(last) if kind_of(line) == kind).cite("what it said last until then")
        )
    return found


def _last_before(end: LogLine, lines: list[LogLine]) -> LogLine | None:
    """The service's own last line of that attempt."""
    own = [
        line
        for line in lines
        if line.evidence == end.evidence and line.at and end.at and not _KEEPER.match(line.message)
    ]
    return next((one for one in reversed(own) if one.at and end.at and end.at - _LASTS <= one.at <= end.at), None)
