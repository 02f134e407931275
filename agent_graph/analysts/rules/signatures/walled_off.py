"""network_error where nobody calls it so: a firewall began to drop what those send each other that miss each other."""

import re
from datetime import timedelta

from agent_graph.analysts.rules.blocked import blocked, ends_of, in_words
from agent_graph.analysts.rules.context.ways import changed_ways, just_before
from agent_graph.analysts.rules.facts import Facts, LogLine
from agent_graph.analysts.rules.finding import Finding
from agent_graph.analysts.rules.parts import name, onset, said, trouble_signals
from backend.investigation.kinds import Category

# Members of a cluster call it information that they do not hear each other.
_MISSED = re.compile(
    r"time[d]? ?-?out|unreachable|no route|\bis (?:now )?(?:DOWN|dead|unhealthy)\b"
    r"|(?:failed|cannot|could not) (?:to )?connect|connect\w* fail|no response"
    r"|marking .{1,80} (?:down|dead|failed)|lost contact|suspect",
    re.IGNORECASE,
)
# Who sends packets that are too large for the way is told so in vain: small ones pass, large ones hang.
_TOO_LARGE = re.compile(r"PROTO=ICMP .{0,40}TYPE=3 CODE=4\b.{0,200}\bMTU=\d+|\bfrag(?:mentation)? needed\b.{0,80}\bmtu")
_SLACK = timedelta(minutes=1)
_SYMPTOMS: frozenset[Category] = frozenset(
    {"dependency_failure", "connection_exhaustion", "probe_failure", "app_crash", "restart_loop", "replication_lag"}
)


def walled_off(facts: Facts) -> Finding | None:
    """What is dropped since just before, and who misses whom it was sent to; words of the firewall alone are none."""
    signals, walls = trouble_signals(facts), blocked(facts)
    seen = [(wall, line) for wall in walls if signals and (line := _missed(wall, facts)) is not None]
    if not seen:
        return None
    wall, line = seen[0]
    at = onset(wall.at, line.at)
    made = changed_ways(facts, at)
    how = "it tells of packets that are too large for the way (MTU)" if line is wall else "it is missed there"
    return Finding(
        category="network_error",
        statement=f"Connections to or from {name(facts)} fail{in_words([wall])}; {how}:"
        f" {said(line, 300)}{just_before([], made)}.",
        supporting=[
            wall.cite("a firewall drops packets"),
            line.cite("whom they were sent to is missed"),
            *(one.cite("changed just before connections failed") for one in made),
            *signals[:3],
        ],
        strength="strong",
        onset=at,
        explains=_SYMPTOMS,
        rooted=True,
        disproof="Let through what is dropped: if they still miss each other, the firewall was not to blame.",
    )


def _missed(wall: LogLine, facts: Facts) -> LogLine | None:
    """Who says, since the packets are dropped, that the one they were sent to does not answer."""
    if _TOO_LARGE.search(wall.message):
        return wall
    _, target = ends_of(wall)
    its = re.compile(rf"(?<![\d.]){re.escape(target)}(?!\.?\d)")
    spoken = [line for line in [*facts.lines, *facts.around] if line.at and wall.at and line.at >= wall.at - _SLACK]
    others = [line for line in spoken if not any(ends_of(line)) and its.search(line.text)]
    return next((line for line in others if _MISSED.search(line.message)), None)
