"""What ends at each start says why in each of its runs: what it complained of while it still served is not why."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from agent_graph.analysts.rules.facts import Facts, LogLine
from agent_graph.analysts.rules.noise import kind_of
from agent_graph.sources.signs import when

# How long before its end a run says why, and how much clocks differ.
_BEFORE, _AFTER = timedelta(seconds=60), timedelta(seconds=3)
# What led to its first end may have been said shortly before it.
_LED = timedelta(minutes=2)


def without_earlier(facts: Facts) -> Facts:
    """Without the lines of the target from before its loop, where its runs say why they end."""
    ends = _ends(facts)
    kinds = {kind_of(line) for line in facts.lines if line.complains and _at_an_end(line, ends)}
    said = [line.at for line in facts.lines if line.at and kind_of(line) in kinds]
    if not said or not _loops(facts):
        return facts
    since = min(said) - _LED
    return replace(facts, lines=[one for one in facts.lines if one.speaker or one.at is None or one.at >= since])


def _loops(facts: Facts) -> bool:
    """Does it not stay up? Once or twice, and it serves again: that is no loop."""
    looping = facts.target is not None and facts.target.looping and facts.target.health != "healthy"
    return looping or bool(facts.signs_of("restart_loop", "proof", "strong"))


def _ends(facts: Facts) -> list[datetime]:
    known = [at for text in facts.platform.get("ended", []) if (at := when(text))]
    return [*known, *([facts.target.finished_at] if facts.target is not None and facts.target.finished_at else [])]


def _at_an_end(line: LogLine, ends: Sequence[datetime]) -> bool:
    return not line.speaker and line.at is not None and any(-_AFTER <= end - line.at <= _BEFORE for end in ends)
