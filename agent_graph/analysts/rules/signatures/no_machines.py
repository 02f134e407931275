"""No machine for what waits to be placed: whoever brings new ones is refused for a quota."""

import re

from agent_graph.analysts.rules.facts import Facts, LogLine
from agent_graph.analysts.rules.finding import Finding
from agent_graph.analysts.rules.parts import first_at, log_citations, name, onset, said_of, trouble_signals

# What clouds answer to whoever asks for one machine more than was agreed.
_REFUSED = re.compile(
    r"(?:Vcpu|Instance|Address|VolumeCount|Spot\w{0,20}Count)LimitExceeded|MaxSpotInstanceCountExceeded"
    r"|(?-i:\bQUOTA_EXCEEDED\b)|QuotaExceeded|exceed(?:s|ed|ing)? .{0,40}\bquota\b|\bquota\b.{0,60}\bexceeded"
    r"|\brequested more \w+ capacity than .{0,40}limit",
    re.IGNORECASE,
)
# In whose words it counts: theirs who bring machines.
_BRINGS = re.compile(
    r"node ?claim|node ?pool|node ?group|machine ?(?:set|pool|deployment)|auto-?scal|scale[- ]?up|provision|karpenter"
    r"|creating instance|launch\w* (?:\w+ )?instance",
    re.IGNORECASE,
)


def machines_refused(facts: Facts) -> Finding | None:
    """It cannot be placed, and since then those who bring machines are refused: a limit, not a lack of planning."""
    waiting = facts.signs_of("scheduling_failure", "proof", "strong")
    heard = [*facts.around, *facts.lines, *facts.events]
    lines = [line for line in heard if is_refusal(line)] if waiting else []
    if not lines:
        return None
    return Finding(
        category="quota_exceeded",
        statement=f"{name(facts)} gets no machine to run on, a quota is used up: {said_of(lines[0], _REFUSED, 300)}.",
        supporting=[
            *log_citations(lines)[:2],
            waiting[0].cite("what waits for a machine"),
            *trouble_signals(facts)[:2],
        ],
        strength="strong",
        # Machines are asked for as long as something waits: the one began with the other.
        onset=onset(waiting[0].at, first_at(lines)),
        disproof="Read the quota and what is used of it: room for one more machine would rule it out.",
        rooted=True,
    )


def is_refusal(line: LogLine) -> bool:
    """Does one who brings machines say that it is refused more?"""
    return line.is_bad and _REFUSED.search(line.text) is not None and _BRINGS.search(line.text) is not None
