"""Who fills it: a neighbour that says what it writes into a store, and what was turned on that uses more."""

import re
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta

from agent_graph.analysts.rules.context.beforehand import BEFORE_IT, target_of
from agent_graph.analysts.rules.facts import Facts, LogLine
from agent_graph.analysts.rules.finding import Finding
from agent_graph.analysts.rules.noise import kind_of
from agent_graph.analysts.rules.parts import said
from agent_graph.logs.words import ominous
from agent_graph.sources.signs import aliases, belongs
from backend.investigation.kinds import Category, Citation

_FILLED: frozenset[Category] = frozenset({"memory_pressure", "disk_pressure", "quota_exceeded"})
_WRITES = re.compile(
    r"\b(?:cached?|caching|stored?|storing|saved?|wrote|writing|push(?:ed|ing)|enqueu(?:ed|ing)|publish(?:ed|ing)"
    r"|set(?:ex|nx)?|hset|rpush|lpush|append(?:ed|ing)?|memoi[sz](?:ed|ing)|warm(?:ed|ing)(?: up)?)\b",
    re.IGNORECASE,
)
_INTO = re.compile(
    r"\b(?:key|prefix|ttl|expires?)\b[\"'=: ]|\b(?:bytes|size|len(?:gth)?)[\"'=: ]+\d"
    r"|\d ?(?:[KMG]i?B\b|bytes|keys|entries)",
    re.IGNORECASE,
)
# What makes somebody use more from then on, as changes are described.
_MORE_FROM_NOW = re.compile(
    r"turn(?:ed|s)? on|enabl(?:e|ed|es|ing)|switch(?:ed)? on|activat(?:e|ed)|100 ?%|\bcach(?:e|ing|es)\b|\bttl\b"
    r"|retention|log[-_ ]?level|\b(?:debug|trace|verbose|audit)\b|general[-_ ]?log|log_statement|no (?:ttl|expiry)"
    r"|never expire",
    re.IGNORECASE,
)
_DELETED = re.compile(r"(?<=\s)/\S+ \(deleted\)")
_BEFORE, _LONG_BEFORE, _SLACK = timedelta(minutes=90), timedelta(days=3), timedelta(minutes=2)


def writers(finding: Finding, facts: Facts, told: str) -> Iterator[tuple[str, Citation]]:
    """For the statement, with a quote. `told`: what is said of who uses it already."""
    if finding.category not in _FILLED:
        return
    held = _held_open(facts) if finding.category == "disk_pressure" else None
    if held is not None:
        yield f"What was deleted is still held open, and keeps its room: {said(held, 200)}", held.cite("held open")
    writer = _writer(facts) if finding.category == "memory_pressure" else None
    if writer is not None:
        yield f"{writer.speaker} writes into it: {said(writer, 200)}", writer.cite("what is written into it")
    if BEFORE_IT in finding.statement:
        return
    change = _turned_on(finding, facts, _names(told, writer, facts))
    if change is not None:
        yield f"Changed before it: {said(change, 240)}", change.cite("what uses more since")


def _held_open(facts: Facts) -> LogLine | None:
    """The last that lsof or /proc tell of a file that somebody writes to and nobody finds any more."""
    lines = [*facts.usual, *facts.lines, *facts.around]
    return next((line for line in reversed(lines) if _DELETED.search(line.message)), None)


def _names(told: str, writer: LogLine | None, facts: Facts) -> str:
    """Who uses it, as far as it is known: who is told of already, who says so, or it itself."""
    return " ".join([told, writer.speaker if writer else "", *aliases(facts.case)]).lower()


def _writer(facts: Facts) -> LogLine | None:
    """The line that is said most of those in which a neighbour says that it stores something, and how much."""
    own = aliases(facts.case)
    lines = [line for line in facts.around if line.speaker and not belongs(line.speaker, own)]
    lines = [line for line in lines if line.level in ("info", "debug", None) and not ominous(line.text)]
    lines = [line for line in lines if _WRITES.search(line.message) and _INTO.search(line.message)]
    often = Counter({kind: sum(line.count for line in lines if kind_of(line) == kind) for kind in map(kind_of, lines)})
    most = often.most_common(1)
    return next((line for line in lines if most and kind_of(line) == most[0][0]), None)


def _turned_on(finding: Finding, facts: Facts, told: str) -> LogLine | None:
    """The last change of who uses it, within days; else the last one that turned such a thing on."""
    began = min(finding.onset or facts.case.started_at, facts.case.started_at)
    early = [c for c in facts.changes if c.at and began - _LONG_BEFORE <= c.at <= began + _SLACK]
    more = [change for change in early if _MORE_FROM_NOW.search(change.text)]
    of_it = [change for change in more if any(word in told for word in target_of(change))]
    just = [change for change in more if change.at and began - change.at <= _BEFORE]
    return (of_it or just or [None])[-1]
