"""What a case is known by, in names that carry over to others: for what recorded cases of its kind turned out to be.

Of logs only what their lines mean counts for a verdict, never their words: whoever can write a line must not write it.
Which kind of trouble it is, if it is any, their words may tell, as they do to the rules.
"""

import re
from collections.abc import Iterator, Sequence
from datetime import timedelta

from agent_graph.analysts.rules.experience.extent import extent, loudness
from agent_graph.analysts.rules.facts import Facts, LogLine
from agent_graph.logs.humps import apart
from agent_graph.logs.meaning import meaning_of
from backend.investigation.kinds import AlertFact, CaseFile, Citation

# Traits of lines begin so.
OF_LINES = "line "
# Traits of how much was seen begin so, after that. They speak for a verdict, for no kind of trouble.
OF_EXTENT = "seen "
# Words of lines begin so, after that.
OF_WORDS = f"{OF_LINES}says "
# Words of annotations, of registered changes, and of what platforms report: anybody may have a part in those.
WRITTEN = ("alert says ", "changed ", "means ")
_ALERTS, _LINES = 3, 60
_TOLD = ("description", "summary", "message")
# Said this long before the alert, it may have been said at any time.
_BEFORE = timedelta(minutes=15)
# What was changed longer before the alert than this is rarely why it fires.
_LATELY = timedelta(minutes=30)
_WORD = re.compile(r"[^\W\d_]{2,}")
Trait = tuple[str, Citation | None]


def tells_of_kind(trait: str) -> bool:
    """Does it say what kind of trouble it is, if it is one?"""
    return not trait.removeprefix(OF_LINES).startswith(OF_EXTENT)


def tells_of_verdict(trait: str) -> bool:
    """May it say whether it is trouble at all?"""
    return not trait.startswith(OF_WORDS)


def traits(case: CaseFile, facts: Facts) -> dict[str, Citation | None]:
    """Each trait once, with what it was first seen in, if that can be quoted."""
    found: dict[str, Citation | None] = {}
    for trait, cite in _all(case, facts):
        found.setdefault(trait, cite)
    return found


def _all(case: CaseFile, facts: Facts) -> Iterator[Trait]:
    yield f"target is a {case.target.source_type}", None
    yield "firing" if case.firing else "over", None
    for alert in case.alerts[:_ALERTS]:
        yield from ((trait, facts.alert) for trait in _of_alert(alert))
    for sign in facts.signs:
        cite = sign.cite()
        yield f"sign {sign.source} {sign.category} {sign.weight}", cite
        yield from ((f"means {word}", cite) for word in _words(sign.means or sign.quote))
    for change in facts.changes:
        yield from ((f"changed {word}", change.cite()) for word in _words(change.text))
        yield from ((trait, change.cite()) for trait in _when(change, case))
    for metric in facts.metrics:
        yield f"measured {metric.role} {'moved' if metric.change_at else 'steady'}", metric.cite()
        yield from ((f"series named {word}", metric.cite()) for word in _words(metric.name))
    yield from ((f"{OF_EXTENT}{trait}", None) for trait in extent(case, facts))
    yield from ((f"{OF_LINES}{OF_EXTENT}{trait}", None) for trait in loudness(case, facts))
    yield from _of_lines("own", facts.lines, case)
    yield from _of_lines("around", facts.around, case)


def _when(change: LogLine, case: CaseFile) -> Iterator[str]:
    """What kind of change it was, and how it lies about the alert."""
    kind = change.text.split()[1:2]
    if kind and change.at is not None:
        early = case.started_at - change.at
        when = "after" if early <= timedelta(0) else "before" if early <= _LATELY else "long before"
        yield f"changed {kind[0]} {when}"


def _of_alert(alert: AlertFact) -> Iterator[str]:
    yield from (f"alert named {word}" for word in _words(alert.name))
    yield f"severity {alert.labels.get('severity')}"
    yield f"alert {alert.status}"
    told = " ".join(alert.annotations.get(key, "") for key in _TOLD)
    yield from (f"alert says {word}" for word in _words(told))


def _of_lines(whose: str, lines: Sequence[LogLine], case: CaseFile) -> Iterator[Trait]:
    for line in lines[:_LINES]:
        of = f"{OF_LINES}{whose} "
        yield from ((f"{OF_WORDS}{word}", line.cite()) for word in _words(line.message))
        yield f"{of}{line.level}", line.cite()
        meaning = meaning_of(line.message)
        if meaning.sure:
            yield f"{of}{meaning.category}", line.cite()
            yield f"{of}{meaning.category} {line.level}", line.cite()
        if meaning.sure and line.at is not None:
            early = line.at - case.started_at < -_BEFORE
            yield f"{of}{meaning.category} {'before' if early else 'then'}", line.cite()


def _words(text: str) -> list[str]:
    return _WORD.findall(apart(text))
