"""An alert that counts a word in a log: is the word only in what was asked for, and was all of that served?"""

import re
from collections.abc import Sequence

from agent_graph.analysts.rules.facts import Facts, LogLine
from agent_graph.analysts.rules.finding import Finding
from agent_graph.analysts.rules.noise import kind_of
from agent_graph.analysts.rules.parts import name, said, trouble_signals
from agent_graph.analysts.rules.well.complaints import began, complains
from agent_graph.logs.requests import request_of
from backend.investigation.kinds import AlertFact, Category

# As rules on logs say what they count: LogQL, KQL, or their authors.
_COUNTS = re.compile(
    r"count_over_time|\b(?:log|error|exception|warning)s?[ _-]?lines?\b|\blines? (?:with|that)\b", re.I
)
_FILTER = re.compile(r"\|[~=]\s{0,9}([\"'`])(.{0,200}?)\1")
# The words of a filter that asks for nothing but words, each of which may stand there: (?i)(one|other).
_WORDS = re.compile(r"(?P<any>\(\?i\))?\(?(?:\?:)?(?P<words>[A-Za-z][\w ]{2,30}(?:\|[A-Za-z][\w ]{2,30}){0,9})\)?")
# What leaves out some of the lines that have the word, so that it is not known which are counted.
_LEAVES_OUT = re.compile(
    r"![=~]|\b(?:detected_)?(?:level|severity|status|stream)\w{0,20}\s{0,3}(?:[=<>:]|=~)|\bnot\b", re.IGNORECASE
)
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
    served = {id(line) for line in asked}
    if complains(facts, aside=asked) or any(line.complains and id(line) not in served for line in since):
        return None
    others = [line for line in meant if id(line) not in served]
    if _often(asked) < max(_LEAST, _NEARLY_ALL * _often(meant)) or not _are_calm(others):
        return None
    if _fail(facts, since) or any(request_of(line.text) for line in others):
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
    """What it counts, where it is about lines of a log and tells all the words that it counts, and nothing else."""
    told = " ".join(alert.annotations.values())
    if not _COUNTS.search(told) or _LEAVES_OUT.search(told):
        return None
    filters = [found[2] for found in _FILTER.finditer(told.replace("\\", ""))]
    if not filters and "|" not in told:
        # Written in capitals it is a level, and not what may stand in a title.
        plain = {re.escape(word) if word.isupper() else f"(?i:{word})" for word in _PLAIN.findall(told)}
        return re.compile("|".join(sorted(plain))) if plain else None
    named = _WORDS.fullmatch(filters[0]) if len(filters) == 1 else None
    return re.compile(named["words"], re.IGNORECASE if named["any"] else 0) if named else None


def _is_served(line: LogLine) -> bool:
    one = request_of(line.text)
    read = one is not None and one.method in ("GET", "HEAD") and 200 <= one.status < 400
    return one is not None and read and not line.is_error and _TELLS.search(one.path) is None


def _fail(facts: Facts, since: Sequence[LogLine]) -> bool:
    """Are more than a few of all requests refused or failed, by the lines, or by the whole log where it was counted?"""
    answered = [(line, one.status) for line in since if (one := request_of(line.text))]
    failed = _often([line for line, status in answered if status >= 400])
    tallies = [tally for tally in facts.requests.values() if tally.get("requests")]
    counted = any(tally["failed"] + tally["refused"] > _FEW * tally["requests"] for tally in tallies)
    return counted or failed > _FEW * _often([line for line, _ in answered])


def _are_calm(lines: Sequence[LogLine]) -> bool:
    return all(line.level in _CALM_LEVELS for line in lines)


def _often(lines: Sequence[LogLine]) -> int:
    """How often they were said in all: of those of a kind each tells it."""
    return sum({kind_of(line): line.count for line in lines}.values())


def _of_each_kind(lines: Sequence[LogLine]) -> list[LogLine]:
    return list({kind_of(line): line for line in lines}.values())
