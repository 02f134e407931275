"""The index that went before statements ran long: what found rows without reading all of them is there no more."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from agent_graph.analysts.rules.facts import Facts, LogLine
from agent_graph.analysts.rules.finding import Finding
from agent_graph.analysts.rules.parts import said
from backend.redaction.clean import one_line

# As servers log it, as statements say it, and as people describe the change.
_DROPPED = re.compile(
    r"\bdropIndex(?:es)?\b|\bdrop (?:index|key)\b|\balter index \S{1,120} (?:invisible|unusable|disable)"
    r"|\balter index \S{1,120} \S{1,120} (?:invisible|not visible)\b"
    r"|\b(?:drop|remov|delet|clean)(?:e|ed|es|ing|ped|ping|s)?(?: up)? (?:\w+ ){0,3}ind(?:ex(?:es)?|ices)\b"
    r"|\bind(?:ex(?:es)?|ices) (?:\S{1,80} )?(?:(?:was|were|is|are) )?(?:dropped|removed|deleted|unusable|hidden)\b",
    re.IGNORECASE,
)
# The other side: made again at once, or no more than a cleaning of what is nobody's.
_MADE_AGAIN = re.compile(
    r"re-?index|rebuil[dt]|re-?creat|creat(?:e|ed|ing) (?:\w+ )?index|_ccnew|_ccold", re.IGNORECASE
)
_NAMED = re.compile(r'\\?"(?:index(?:es)?|namespace|ns)\\?": ?\\?"(?:\\+")?([\w.$*-]{1,120})', re.IGNORECASE)
_BEFORE, _SLACK, _LASTS = timedelta(minutes=45), timedelta(minutes=1), timedelta(minutes=5)
# What is slow at every hour was so before, too; once or twice is said by anybody.
_OFTEN, _SAME = 5, 4


def with_dropped_index(finding: Finding, lines: Sequence[LogLine], facts: Facts) -> Finding:
    """The finding with the drop before the statements, and strong while many of them follow it still."""
    at = [line.at for line in lines if line.at is not None]
    dropped = _dropped(at, facts)
    if not dropped:
        return finding
    went = dropped[0].at or facts.case.started_at
    lasts = facts.case.firing and facts.case.now - max(at) <= _LASTS
    # Counts of lines that began before it are those of all time.
    often = max(len([one for one in at if one > went]), *(line.count for line in lines if min(at) > went), 0)
    told = "; ".join(dict.fromkeys(_told(line) for line in dropped))
    return replace(
        finding,
        statement=one_line(f"{finding.statement.rstrip('.')}. An index went before it: {told}", 900).rstrip(".") + ".",
        supporting=finding.supported((line.cite("the index went") for line in dropped), after=1),
        strength="strong" if lasts and often >= _OFTEN and finding.strength == "weak" else finding.strength,
    )


def _dropped(slow: Sequence[datetime], facts: Facts) -> list[LogLine]:
    """The last drop that nearly all of the slow statements follow, as logged and as it was announced."""
    found = [line for line in _candidates(facts) if line.at and _followed(line.at, slow)]
    kinds: dict[str, LogLine] = {}
    for line in sorted(found, key=lambda line: line.at or facts.case.started_at, reverse=True):
        kinds.setdefault("change" if line in facts.changes else "log", line)
    return [kinds[kind] for kind in ("log", "change") if kind in kinds]


def _candidates(facts: Facts) -> Iterator[LogLine]:
    for line in [*facts.lines, *facts.usual, *facts.around, *facts.changes]:
        if _DROPPED.search(line.text) and not _MADE_AGAIN.search(line.text) and not line.is_error:
            yield line


def _followed(went: datetime, slow: Sequence[datetime]) -> bool:
    after = [at for at in slow if went - _SLACK <= at]
    soon = bool(after) and min(after) - went <= _BEFORE
    return soon and len(after) >= _SAME * (len(slow) - len(after))


def _told(line: LogLine) -> str:
    """With what the line says in fields only."""
    named = [name for name in _NAMED.findall(line.text) if name not in line.message]
    return f"{said(line, 200)} ({', '.join(named)})" if named else said(line, 200)
