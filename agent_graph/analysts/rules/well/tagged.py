"""Is the target one of those that a timetable stops? It may name what they are tagged with, and none of them."""

import re
from collections.abc import Iterator

from agent_graph.analysts.rules.facts import Facts, LogLine
from agent_graph.sources.signs import aliases

# A tag with its value, as clouds and schedulers write both.
_TAG = re.compile(r"(?<![\w./-])([a-z][\w./-]{1,40}) ?[=:] ?([a-z0-9][\w.-]{1,40})", re.IGNORECASE)
_TAGGED = re.compile(r"\btag|\blabel|\bannotat|\bopt(?:ed|s)?[- ]in|\bassign|\benrol", re.IGNORECASE)
_TAKEN_OFF = re.compile(
    r"\bremov|\buntag|\bdelet|\bdrop|\bno longer|\bopt(?:ed|s)?[- ]out|\bunset|\bexclu", re.IGNORECASE
)
_LEAST = 3


def tagged_for(stop: LogLine, facts: Facts) -> LogLine | None:
    """The last change before the stop that is about the target and a tag that the stop names, if it puts the tag on."""
    tags, known = _tags(stop), set(_names(facts))
    before = [c for c in facts.changes if c.at is not None and stop.at is not None and c.at < stop.at]
    about = [c for c in before if _tags(c) & tags and _parts(c) & known]
    last = max(about, key=lambda change: change.at or facts.case.now, default=None)
    if last is None or not _TAGGED.search(last.message) or _TAKEN_OFF.search(last.message):
        return None
    return last


def _tags(change: LogLine) -> set[tuple[str, str]]:
    _, _, summary = change.message.partition(": ")
    return {(key.lower(), value.lower()) for key, value in _TAG.findall(summary)}


def _parts(change: LogLine) -> set[str]:
    return {part.lower() for part in re.split(r"[/\s,;:@()\"']+", change.message)}


def _names(facts: Facts) -> Iterator[str]:
    """What it is called, and the machine that its monitor asks."""
    watched, target = facts.case.monitor, facts.case.target
    host = re.sub(r"^\w+://", "", watched.address).partition("/")[0].rpartition(":") if watched is not None else ()
    asked = (host[0] or host[2]) if host else ""
    for one in [*aliases(facts.case), target.server_name or "", asked, asked.partition(".")[0]]:
        if len(one) >= _LEAST and not one.isdigit():
            yield one.lower()
