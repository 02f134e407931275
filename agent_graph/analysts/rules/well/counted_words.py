"""An alert that counts a word in a log: is the word only in what was asked for, and was all of that served?"""

import re
from collections.abc import Sequence

from agent_graph.analysts.rules.facts import Facts, LogLine
from agent_graph.analysts.rules.finding import Finding
from agent_graph.analysts.rules.noise import kind_of
from agent_graph.analysts.rules.parts import name, said, trouble_signals
from agent_graph.analysts.rules.well.complaints import began
from agent_graph.logs.requests import request_of
from backend.investigation.kinds import AlertFact, Category

# As rules on logs say what they count: LogQL, KQL, or their authors.
_COUNTS = re.compile(
    r"count_over_time|\b(?:log|error|exception|warning)s?[ _-]?lines?\b|\blines? (?:with|that)\b", re.I
)
_WORD = re.compile(r"\|[~=] ?[\"'`](?:\(\?i\))?([A-Za-z][\w ]{2,30})[\"'`]")
_PLAIN = re.compile(r"error|exception|fatal|warn", re.IGNORECASE)
# Where whoever is told of an error is sent, and what tells of one while it is served.
_TELLS = re.compile(
    r"/(?:errors?|oops|fail(?:ed|ure)?)(?:[/?.#]|$)|/[45]\d\d\b|[?&]\w*(?:error|fail)\w*=", re.IGNORECASE
)
# So many must have been counted, so much of it must be requests, and so few of all requests may have failed.
_LEAST, _NEARLY_ALL, _FEW = 20, 0.9, 0.02
_CALM_LEVELS = ("info", "debug")


def only_a_word(facts: Facts, likely: Sequence[Category]) -> Finding | None:
    """All that has the word and was said since is a request that was served, but for a few that are no complaint by
    their own level."""
    words = [_counted(alert) for alert in facts.case.alerts]
    if not words or None in words or likely or trouble_signals(facts):
        return None
    since = [line for line in [*facts.lines, *facts.usual] if line.at and line.at >= began(facts)]
    meant = [line for line in since if any(word and word.search(line.text) for word in words)]
    asked = [line for line in meant if _is_served(line)]
    others = [line for line in meant if line not in asked]
    if _often(asked) < max(_LEAST, _NEARLY_ALL * _often(meant)) or not _are_calm(others):
        return None
    requests = [one for line in since if (one := request_of(line.text))]
    failed = sum(one.status >= 400 for one in requests)
    if failed > _FEW * len(requests) or any(line.complains or request_of(line.text) for line in others):
        return None
    return Finding(
        category="healthy",
        statement=f"{name(facts)} has no errors: the alert counts a word, and the word stands in what is asked for,"
        f" which was served each time: {said(asked[-1], 200)}. Count what was answered instead, by its status or"
        " level.",
        supporting=[line.cite("asked for by that name, and served") for line in _of_each_kind(asked)[:4]],
        strength="strong",
        disproof="Count the requests that were answered with an error: any of these would be worth a look.",
    )


def _counted(alert: AlertFact) -> re.Pattern[str] | None:
    """What it counts, where it is about lines of a log and tells the word."""
    told = " ".join(alert.annotations.values())
    if not _COUNTS.search(told):
        return None
    named = _WORD.search(told.replace("\\", "")) or _PLAIN.search(told)
    return re.compile(re.escape(named[named.re.groups]), re.IGNORECASE) if named else None


def _is_served(line: LogLine) -> bool:
    one = request_of(line.text)
    read = one is not None and one.method in ("GET", "HEAD") and 200 <= one.status < 400
    return one is not None and read and _TELLS.search(one.path) is None


def _are_calm(lines: Sequence[LogLine]) -> bool:
    return all(line.level in _CALM_LEVELS for line in lines)


def _often(lines: Sequence[LogLine]) -> int:
    """How often they were said in all: of those of a kind each tells it."""
    return sum({kind_of(line): line.count for line in lines}.values())


def _of_each_kind(lines: Sequence[LogLine]) -> list[LogLine]:
    return list({kind_of(line): line for line in lines}.values())
