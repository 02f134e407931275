"""What holds a server up that does not answer in time: the long command that its own slow log names, and its client."""

import re
from collections.abc import Iterator
from datetime import timedelta

from agent_graph.analysts.rules.context.beforehand import target_of
from agent_graph.analysts.rules.facts import Facts, LogLine
from agent_graph.analysts.rules.finding import Finding
from agent_graph.analysts.rules.noise import kind_of
from agent_graph.analysts.rules.parts import said
from backend.investigation.kinds import Category, Citation

_WAITED_FOR: frozenset[Category] = frozenset({"dependency_failure", "network_error", "connection_exhaustion"})
# A slow log's entry, and how long it says the command took.
_SLOW_LOG = re.compile(r"slow[-_ ]?(?:log|quer(?:y|ies)|command|operation|statement|op)\b", re.IGNORECASE)
_TOOK = re.compile(
    r"(?:duration|took|time|elapsed|exec\w{0,12})[_ -]?(us|usec|micros|ms|msec|millis|s|sec|seconds)?\"?[=: ]{1,3}\"?"
    r"(\d{1,12}(?:\.\d{1,9})?) ?(us|µs|usec|microseconds|ms|msec|milliseconds|s|sec|seconds)?(?![\w.])",
    re.IGNORECASE,
)
_LONG = 1.0
_BEFORE, _AFTER, _UNHEARD = timedelta(minutes=5), timedelta(minutes=2), timedelta(minutes=5)
_JUST = timedelta(minutes=45)
_REPEATED = 3


def held_up(finding: Finding, facts: Facts) -> Iterator[tuple[str, Citation]]:
    """For the statement, with a quote: the command, and what was changed of the client that it names."""
    line = _slow(finding, facts) if finding.category in _WAITED_FOR else None
    if line is None or line.at is None:
        return
    yield f"Held up since then by what its slow log notes: {said(line, 240)}", line.cite("what takes the server's time")
    text = line.text.lower()
    early = [c for c in facts.changes if c.at and line.at - _JUST <= c.at <= line.at + _AFTER]
    named = [c for c in early if any(len(word) > 3 and word in text for word in target_of(c))]
    if named:
        yield f"Changed before it: {said(named[-1], 240)}", named[-1].cite("who sends it was changed")


def _slow(finding: Finding, facts: Facts) -> LogLine | None:
    """The entry that began as the trouble did, was noted again and again, and never before; the one noted most."""
    began, since = finding.onset or facts.case.started_at, facts.heard_since
    first: dict[str, LogLine] = {}
    every = [*facts.lines, *facts.usual, *facts.around]
    for line in sorted((line for line in every if line.at), key=lambda line: line.at or began):
        if seconds(line) >= _LONG:
            first.setdefault(kind_of(line), line)
    near = [line for line in first.values() if line.at and began - _BEFORE <= line.at <= began + _AFTER]
    new = [line for line in near if since is None or (line.at and line.at - since >= _UNHEARD)]
    return max((line for line in new if line.count >= _REPEATED), key=lambda line: line.count, default=None)


def seconds(line: LogLine) -> float:
    """How long a slow log's entry says that it took; 0 for any other line."""
    found = _TOOK.search(line.text) if _SLOW_LOG.search(line.text) else None
    if found is None:
        return 0.0
    unit = (found[1] or found[3] or "").lower()
    scale = 1e6 if unit.startswith(("us", "µ", "mic")) else 1e3 if unit.startswith(("ms", "mil")) else 1.0
    return float(found[2]) / scale if unit else 0.0
