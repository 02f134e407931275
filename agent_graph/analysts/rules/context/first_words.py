"""What was complained of first: trouble often says its reason once, before everybody complains of its consequences.

Where a finding rests on measurements alone, what is complained of most since then says what they mean to others.
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from agent_graph.analysts.rules.facts import Facts, LogLine
from agent_graph.analysts.rules.finding import Finding
from agent_graph.analysts.rules.noise import kind_of
from agent_graph.analysts.rules.parts import says_nothing
from agent_graph.logs.meaning import meaning_of
from agent_graph.logs.words import taken_back

_BEFORE, _AFTER = timedelta(minutes=15), timedelta(minutes=3)
# Complaints come from whoever notices, and some notice late.
_NOTICED = timedelta(minutes=45)
_MOST = 2
# It stands after what the finding rests on, and before what only shows that there is trouble.
_PLACE = 3
# Hosts, addresses, paths, identifiers: what two lines about the same thing share.
_THING = re.compile(
    r"(?<![\w-])[A-Za-z_][\w-]{0,80}(?:\.[\w-]{1,80})+|\d{1,3}(?:\.\d{1,3}){3}"
    r"|(?<![a-z])[a-z]{3,40}(?:[-_][a-z0-9]{2,40})+|\b[A-Z][a-z]{1,40}[A-Z]\w{1,80}"
)


def with_first_words(finding: Finding, facts: Facts) -> Finding:
    """The finding with the first new complaints of the target, and of others about the same thing, as quotes."""
    began = _began(finding, facts)
    cited = finding.cited([*facts.lines, *facts.around])
    kinds, things = {kind_of(line) for line in cited}, _things([line.text for line in cited])
    own = _new(facts.lines, began, kinds)
    others = [line for line in _new(facts.around, began, kinds) if _same_thing(line, finding, things)]
    chosen = sorted([*own, *others], key=lambda line: (not _is_telling(line), line.at or began))[:_MOST]
    quotes = [line.cite("said at its beginning") for line in chosen]
    said = {kind_of(line) for line in [*cited, *chosen]}
    heard = facts.lines if cited or chosen else [*facts.lines, *facts.around]
    loudest = _loudest([line for line in heard if kind_of(line) not in said], began)
    quotes += [loudest.cite("complained of most since then")] if loudest else []
    return replace(finding, supporting=finding.supported(quotes, after=_PLACE))


def _loudest(lines: Sequence[LogLine], began: datetime) -> LogLine | None:
    """Of the complaints that began with it, whoever makes them, the one that is made most often; its first line."""
    new = _new(lines, began, set(), _NOTICED)
    return max(new, key=lambda line: (line.is_error, line.count), default=None)


def _began(finding: Finding, facts: Facts) -> datetime:
    started = facts.case.started_at
    return finding.onset if finding.onset is not None and abs(started - finding.onset) <= 2 * _BEFORE else started


def _new(lines: Sequence[LogLine], began: datetime, known: set[str], after: timedelta = _AFTER) -> list[LogLine]:
    """The first line of each kind of complaint that was not heard before, about when it began."""
    first: dict[str, LogLine] = {}
    for line in lines:
        if line.at is not None and _is_loud(line):
            first.setdefault(kind_of(line), line)
    new = [
        line
        for kind, line in first.items()
        if kind not in known and line.at is not None and began - _BEFORE <= line.at <= began + after
    ]
    # Asked last: reading the meaning of a line takes the longest.
    return [line for line in new if not meaning_of(line.text).harmless]


def _is_loud(line: LogLine) -> bool:
    return (line.is_loud or line.level == "warning") and not taken_back(line.text) and not says_nothing(line)


def _is_telling(line: LogLine) -> bool:
    return meaning_of(line.text).sure


def _same_thing(line: LogLine, finding: Finding, things: set[str]) -> bool:
    return bool(things & _things([line.text])) or meaning_of(line.text).category == finding.category


def _things(texts: Sequence[str]) -> set[str]:
    return {thing.lower() for text in texts for thing in _THING.findall(text)}
