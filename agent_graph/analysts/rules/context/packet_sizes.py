"""Whether a way takes small packets only: connections open, and what is written then is never acknowledged."""

import re
from datetime import datetime, timedelta

from agent_graph.analysts.rules.facts import Facts, LogLine
from agent_graph.analysts.rules.parts import said

# A packet of its size was lost, or was sent back for it. That small ones pass shows that the way is there.
# How probes tell what they sent, and that all of it was lost: loss=100%, lost 20 (100%), lost=20/20.
_LARGE = r"(?:\b(?:size|payload|len(?:gth)?|bytes|packetsize)[=: ]{1,2}|\s-s ?)(?:[4-9]\d\d|\d{4,5})\b"
_ALL_LOST = (
    r"(?:loss[=: ]{1,2}100(?:\.0+)? ?%|100(?:\.0+)? ?% (?:packet )?lo(?:ss|st)|lost[=: ]{1,2}\d+ ?\(100(?:\.0+)? ?%"
    r"|lo(?:ss|st)[=: ]{1,2}(\d{1,9})/\1\b)"
)
_TOO_LARGE = re.compile(
    r"frag(?:mentation)? needed|packet too big|message too long|\bEMSGSIZE\b" + rf"|{_LARGE}.{{0,60}}?\b{_ALL_LOST}",
    re.IGNORECASE,
)
_MTU = re.compile(r"\bMTU\b\W{0,3}\d{3,5}\b", re.IGNORECASE)
_BEFORE = timedelta(minutes=10)


def of_size(line: LogLine) -> bool:
    """Does it say that a packet did not get through for its size?"""
    return _TOO_LARGE.search(line.message) is not None


def too_large(facts: Facts, onset: datetime | None) -> list[LogLine]:
    """Who says that large ones do not arrive since about then, and which link's size was told just before.

    What is measured every few minutes is a state, and no complaint that was there before.
    """
    heard = [line for line in [*facts.lines, *facts.around] if line.at and onset and line.at >= onset - _BEFORE]
    lost = [line for line in heard if of_size(line)]
    links = [line for line in heard if lost and line not in lost and _MTU.search(line.message) and line.count == 1]
    return [*lost[:1], *links[:1]]


def in_a_sentence(lines: list[LogLine]) -> str:
    """What they say of it."""
    return f"; large packets are lost on the way: {said(lines[0])}" if lines else ""
