"""What a process says each time just before it ends is meant, whatever it calls it: some tell it as information."""

import re
from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta

from agent_graph.analysts.rules.facts import Facts, LogLine
from agent_graph.analysts.rules.noise import kind_of
from agent_graph.logs.words import ominous
from agent_graph.sources.signs import when

_DIED = re.compile(r"\bdie exitCode=[1-9]")
# Ends are told to the second, and clocks differ.
_BEFORE, _AFTER = timedelta(seconds=30), timedelta(seconds=3)
_OFTEN, _MOSTLY = 2, 0.6


def with_parting_words(facts: Facts) -> Facts:
    """With the last line of most runs as an error, where it sounds like trouble."""
    ends = _ends(facts)
    own = sorted((line for line in facts.lines if line.at and not line.speaker), key=_at)
    last = [found for end in ends if (found := _last_before(end, own))] if len(ends) >= _OFTEN else []
    kind, often = Counter(map(kind_of, last)).most_common(1)[0] if last else ("", 0)
    if often < _OFTEN or often < _MOSTLY * len(last):
        return facts
    return replace(facts, lines=[_meant(line) if kind_of(line) == kind else line for line in facts.lines])


def _meant(line: LogLine) -> LogLine:
    quiet = line.level in ("info", "debug") and not line.speaker
    return replace(line, level="error") if quiet and ominous(line.text) else line


def _ends(facts: Facts) -> list[datetime]:
    told = [at for text in facts.platform.get("ended", []) if (at := when(text))]
    return [*told, *(event.at for event in facts.events if event.at and _DIED.search(event.text))]


def _last_before(end: datetime, own: list[LogLine]) -> LogLine | None:
    near = [line for line in own if end - _BEFORE <= _at(line) <= end + _AFTER]
    return near[-1] if near else None


def _at(line: LogLine) -> datetime:
    assert line.at is not None
    return line.at
