"""restart_loop: it is started again and again."""

import re
from collections.abc import Sequence

from agent_graph.analysts.rules.attempts import attempts
from agent_graph.analysts.rules.facts import Facts, LogLine, Metric
from agent_graph.analysts.rules.finding import Finding, Signature, Strength
from agent_graph.analysts.rules.parts import name, onset
from backend.investigation.kinds import Citation
from backend.redaction.clean import one_line

_OF_UNIT = re.compile(r"(\S+\.service): ")
_WORDS = re.compile(
    r"back-off restarting|CrashLoopBackOff|restart counter is at (?:[3-9]|\d\d)|(?:start request )?repeated too quickly"
    r"|respawning too fast|too many restarts|entered FATAL state, too many start retries",
    re.IGNORECASE,
)


def match(facts: Facts) -> Finding | None:
    """Docker's restart count or state, cAdvisor's start times, or the words of an orchestrator."""
    container, restarts = facts.target, facts.metric("restarts")
    supporting: list[Citation] = []
    strength: Strength = "weak"
    if container is not None and container.looping:
        supporting.append(container.cite("RestartCount", "the engine counted"))
        supporting.append(container.cite("status"))
        strength = "strong"
    if restarts is not None and restarts.highest >= 3 and not _lives_as_set(restarts, facts):
        supporting.append(restarts.cite("start time changed repeatedly"))
        strength = "strong"
    lines = facts.matching(_WORDS, any_level=True)
    supporting += [line.cite() for line in lines[:1] + lines[-1:]]
    if not supporting:
        return None
    unit, ends = _unit(lines), attempts(facts)
    supporting += ends[:2]
    who = f"{unit} on {name(facts)}" if unit and unit.partition(".")[0] not in name(facts) else name(facts)
    how = "; ".join(f"{cite.note}: {_bare(cite.quote)}" for cite in ends[:2])
    count = f" {container.restarts} times" if container is not None and container.restarts else " again and again"
    return Finding(
        category="restart_loop",
        statement=f"{who} was restarted{count} and does not stay up{f'; {how}' if how else ''}.",
        supporting=supporting,
        strength=strength,
        onset=onset(restarts.change_at if restarts else None, *(line.at for line in lines)),
        disproof="Watch the restart count for a minute: if it stands still, the loop is over.",
    )


def _lives_as_set(restarts: Metric, facts: Facts) -> bool:
    """Does it end no more often than its own command sets it to, as its platform has seen?"""
    lives = facts.platform.get("lives") or (facts.target and facts.target.data.get("renewed_after"))
    seen = restarts.points[-1][0] - restarts.points[0][0]
    return bool(lives) and (restarts.highest - restarts.points[0][1] - 1) * lives <= seen


def _unit(lines: Sequence[LogLine]) -> str:
    return next((found[1] for line in lines if (found := _OF_UNIT.match(line.message))), "")


def _bare(quote: str) -> str:
    """Without the time before it."""
    return one_line(quote.partition(" ")[2] if quote[:1].isdigit() else quote, 200).rstrip(".")


SIGNATURE = Signature("restart_loop", "a restart count that rises", ("app_crash", "oom", "config_error"), match)
