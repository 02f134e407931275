"""A name that is resolved, to something else than our check of it knows to be right; and who wrote that."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from agent_graph.analysts.rules.facts import Facts, LogLine
from backend.investigation.kinds import Citation

_WRONG = re.compile(
    r"\b(?:A{1,4}|CNAME|MX|NS|TXT|PTR|SRV|CAA|SOA|RRs?|records?|answers?|resolve[sd]?|resolution|address(?:es)?)\b.{0,80}"
    r"(?:(?:does|do|did) not match|mismatch|instead of|but expected|\bexpected\b|unexpected|validation failed)",
    re.IGNORECASE,
)
# Addresses and names, as records hold them; and how long before the first wrong answer it may have been written.
_VALUE = re.compile(
    r"(?<![\w.-])(?:\d{1,3}(?:\.\d{1,3}){3}|[0-9a-f]*:[0-9a-f:]*:[0-9a-f]+|(?:[\w-]+\.)+[a-z]{2,})(?![\w-])"
)
_WRITTEN, _SLACK = timedelta(hours=1), timedelta(minutes=1)


@dataclass(frozen=True)
class WrongAnswer:
    """What our check says, the values it got and those it wants, since when; `wrote`: lines that name what it got."""

    check: Citation
    said: str
    got: frozenset[str]
    wanted: frozenset[str]
    since: datetime
    wrote: tuple[LogLine, ...]


def wrong_answer(facts: Facts) -> WrongAnswer | None:
    """Of a check of a name alone: what others call an answer is a page."""
    monitor = facts.case.monitor
    seen = facts.monitor if monitor is not None and monitor.type == "dns" else None
    check = seen.find(_WRONG) if seen is not None and seen.down else None
    if monitor is None or seen is None or check is None or seen.down_since is None:
        return None
    said, right, since = check.quote.split(" down ", 1)[-1], values_of(str(monitor.config)), seen.down_since
    got = values_of(said) - right
    lines = [*facts.changes, *facts.lines, *facts.around]
    near = [line for line in lines if line.at is not None and since - _WRITTEN <= line.at <= since + _SLACK]
    wrote = tuple(line for line in near if got & values_of(line.text))
    return WrongAnswer(check, said, got, values_of(said) & right, since, wrote)


def values_of(text: str) -> frozenset[str]:
    """The addresses and names in it."""
    return frozenset(_VALUE.findall(text))
