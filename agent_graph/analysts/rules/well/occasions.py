"""What was announced or done at that time by people or by a plan: the reader of good news is told what it was."""

import re
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise

from agent_graph.analysts.rules.context.deeds import deeds
from agent_graph.analysts.rules.facts import Facts, LogLine
from agent_graph.analysts.rules.finding import Finding
from agent_graph.analysts.rules.parts import said
from agent_graph.sources.signs import aliases
from backend.redaction.clean import one_line

_KINDS = re.compile(
    r"announce|maintenance|plan|job|cron|schedul|drill|chaos|game|event|campaign|ticket|platform", re.IGNORECASE
)
_WORDS = re.compile(
    r"maintenance|planned|announce|scheduled|expect(?:ed)?\b|window|upgrade|firmware|switchover|failover|flush|re-?load"
    r"|replay|back-?fill|re-?index|migrat|drill|patch(?:ing|ed)|reboot|CHG|CHANGE-\d",
    re.IGNORECASE,
)
_AHEAD, _BEFORE, _AFTER = timedelta(days=7), timedelta(minutes=30), timedelta(minutes=10)
# So shortly before, a rollout of its own is why a service stumbled and stands again.
_ROLLED_OUT = timedelta(minutes=10)
_CLOCK = re.compile(r"\b([01]?\d|2[0-3])[:.h]([0-5]\d)\b")
_WORD = re.compile(r"[A-Za-z0-9][\w-]+")
_COMMON = frozenset(
    "node prod production default exporter kubernetes http https main job up com example internal".split()
)
_SHOWN = 2


def told_why(finding: Finding | None, facts: Facts) -> Finding | None:
    """The finding with what was announced or done at that time, unless it says that already."""
    found = [] if finding is None else [line for line in _at_that_time(facts) if line.text not in finding.quotes]
    if finding is None or not found:
        return finding
    told = "; ".join(said(line, 220) for line in found)
    cites = [line.cite("said or done at that time") for line in found]
    return replace(
        finding,
        statement=one_line(f"{finding.statement.rstrip('.')}. At that time: {told}", 1_000).rstrip(".") + ".",
        supporting=finding.supported(cites, after=3),
    )


def _at_that_time(facts: Facts) -> list[LogLine]:
    """Of the changes first; what logs say once about then comes after."""
    return [*_occasions(facts), *deeds(facts, facts.case.started_at, facts.case.now)]


def _occasions(facts: Facts) -> list[LogLine]:
    """Done just before it began; or announced for it days before, by the hour or by a name that the alert has."""
    began = facts.case.started_at
    own = {sign.quote for sign in facts.signs_of("bad_deploy") if sign.at and began - _ROLLED_OUT <= sign.at <= began}
    timed = [line for line in facts.changes if line.at is not None and (_fits(line) or line.cite().quote in own)]
    done = [line for line in timed if line.at and began - _BEFORE <= line.at <= began + _AFTER]
    ahead = [line for line in timed if line.at and began - _AHEAD <= line.at < began - _BEFORE]
    names = _names(facts)
    meant = [line for line in ahead if _at(line, began) or (not done and names & set(_lower(line)))]
    return list({line.text: line for line in [*meant[-1:], *done[-1:]]}.values())[:_SHOWN]


def _fits(line: LogLine) -> bool:
    """Is it more than a deploy that happened to come before?"""
    kind = line.message.split(" ", 1)[0] if line.message else ""
    return _KINDS.search(kind) is not None or (_WORDS.search(line.text) is not None and "deploy" not in kind.lower())


def _at(line: LogLine, began: datetime) -> bool:
    """Does it name the time at which it began, or a span that it is in?"""
    minutes = [int(hour) * 60 + int(minute) for hour, minute in _CLOCK.findall(line.message)]
    then = began.hour * 60 + began.minute
    near = any(abs(then - one) <= 20 for one in minutes)
    return near or any(a <= then <= b for a, b in pairwise(minutes) if a < b)


def _lower(line: LogLine) -> list[str]:
    return [word.lower() for word in _WORD.findall(line.message)]


def _names(facts: Facts) -> set[str]:
    """What the alert and the target are called, and what they are a part of."""
    labels = [value for alert in facts.case.alerts for key, value in alert.labels.items() if key != "severity"]
    whole = [*aliases(facts.case), facts.case.target.namespace or "", *labels]
    return {part.lower() for name in whole for part in re.split(r"[/:.]", name) if len(part) > 1} - _COMMON
