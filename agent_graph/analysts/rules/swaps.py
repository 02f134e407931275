"""What is complained of only while something is replaced: its callers find nobody for a moment, and then somebody."""

from dataclasses import replace
from datetime import datetime, timedelta

from agent_graph.analysts.rules.facts import Facts, LogLine, Sign
from agent_graph.analysts.rules.noise import kind_of
from agent_graph.wording import clock

# How long a replacement takes at most, from just before it was noted, and how long all must be well since.
_EARLY, _TAKES, _CALM = timedelta(seconds=15), timedelta(seconds=90), timedelta(minutes=3)
_GOES_ON = 3


def without_swaps(facts: Facts) -> Facts:
    """Without such complaints, and with their end as good news, where the target's own log goes on without them."""
    swaps = [s.at for s in facts.signs_of("bad_deploy") if s.at is not None]
    target = facts.target
    if not swaps or target is None or not target.running or target.restarts or target.health == "unhealthy":
        return facts
    bad = [line for line in [*facts.lines, *facts.around] if line.at is not None and line.is_loud]
    kinds: dict[str, list[LogLine]] = {}
    for line in bad:
        kinds.setdefault(kind_of(line), []).append(line)
    passed = {kind for kind, lines in kinds.items() if _only_then(lines, swaps)}
    left = [line for line in bad if kind_of(line) not in passed and _since(line, swaps)]
    gone = [line for line in bad if kind_of(line) in passed]
    if not gone or left or not _goes_on(facts, swaps):
        return facts
    kept = {id(line) for line in gone}
    return replace(
        facts,
        lines=[line for line in facts.lines if id(line) not in kept],
        around=[line for line in facts.around if id(line) not in kept],
        signs=[*facts.signs, _told(gone, facts)],
    )


def _only_then(lines: list[LogLine], swaps: list[datetime]) -> bool:
    """Is each of them said during one? A line stands for as many as were counted: few may be."""
    shown = len({(line.at, line.text) for line in lines})
    return max(line.count for line in lines) <= shown + _GOES_ON and all(
        any(at - _EARLY <= line.at <= at + _TAKES for at in swaps) for line in lines if line.at
    )


def _since(line: LogLine, swaps: list[datetime]) -> bool:
    return line.at is not None and line.at >= min(swaps) - _EARLY


def _goes_on(facts: Facts, swaps: list[datetime]) -> bool:
    """Do those that complained, or it itself, say something else for a while afterwards?"""
    heard = [line for line in [*facts.lines, *facts.usual, *facts.around] if line.at and line.at > max(swaps) + _TAKES]
    return len(heard) >= _GOES_ON and max(line.at for line in heard if line.at) >= max(swaps) + _CALM


def _told(gone: list[LogLine], facts: Facts) -> Sign:
    first = min(gone, key=lambda line: line.at or facts.case.now)
    last = max(line.at for line in gone if line.at)
    means = f"it was complained of only while it was replaced, last at {clock(last)}, and not since"
    return Sign(first.evidence, "logs", "trouble_over", "strong", first.cite().quote, "", last, means)
