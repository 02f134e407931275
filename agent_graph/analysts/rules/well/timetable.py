"""Stopped by a timetable: what sleeps every night is not down, as long as it is not due to be up again."""

import re
from collections.abc import Sequence
from datetime import timedelta

from agent_graph.analysts.rules.facts import Facts, LogLine
from agent_graph.analysts.rules.finding import Finding
from agent_graph.analysts.rules.parts import name, said, trouble_signals
from agent_graph.analysts.rules.well.absence import explained
from agent_graph.sources.signs import aliases, belongs
from backend.investigation.kinds import Category

_STOPPED = re.compile(
    r"stopp|shut(?:ting)?[- ]?down|deallocat|\bto (?:0|zero)\b|power(?:ed|ing)?[- ]?off|suspend|hibernat|paus(?:ed|ing)"
    r"|turned off|asleep|\bsleep|down-?scal|scaled? down|-> ?0\b",
    re.IGNORECASE,
)
_TIMETABLE = re.compile(
    r"schedul|nightly|\bdaily\b|every (?:day|night|evening|weekend)|auto-?(?:shutdown|stop|pause|suspend)|\bcron"
    r"|(?:office|working|business) hours|weekend|uptime: ?\w|timetable|calendar",
    re.IGNORECASE,
)
_UP_AGAIN = re.compile(r"(?:start|until|resum|wake|\bup\b|back)\D{0,20}([01]?\d|2[0-3])[:.h]([0-5]\d)", re.IGNORECASE)
_LIVE = re.compile(r"(?:^|[-_./])prod(?:uction)?(?:$|[-_./0-9])|(?:^|[-_./])live(?:$|[-_./])", re.IGNORECASE)
_BEFORE, _AFTER, _LATE = timedelta(minutes=20), timedelta(minutes=5), timedelta(minutes=5)
_AGAIN = timedelta(hours=12)


def by_timetable(facts: Facts, likely: Sequence[Category]) -> Finding | None:
    """It was stopped as its timetable says just before it was missed, and is not due to be up again yet."""
    began = facts.case.started_at
    near = [c for c in facts.changes if c.at is not None and began - _BEFORE <= c.at <= began + _AFTER]
    stops = [change for change in near if _STOPPED.search(change.text) and _TIMETABLE.search(change.text)]
    stops = [change for change in stops if _ours(facts, change) and not _overdue(facts, change)]
    if not stops or not explained(likely) or _live(facts):
        return None
    stop = stops[-1]
    before = [c for c in facts.changes if c.message == stop.message and c.at and stop.at and c.at <= stop.at - _AGAIN]
    missed = trouble_signals(facts)
    return Finding(
        category="healthy",
        statement=f"{name(facts)} is off by its timetable: {said(stop, 300)}.",
        supporting=[
            stop.cite("stopped by its timetable"),
            *(line.cite("as before") for line in before[-1:]),
            *missed[:2],
        ],
        strength="strong",
        disproof="Look again when it is due to be up; being away then would be an incident.",
    )


def _ours(facts: Facts, change: LogLine) -> bool:
    """Is what was stopped the target, or what the evidence says is away?"""
    target = change.message.split(":", 1)[0].split(" ", 1)[-1].strip()
    parts = [part for part in re.split(r"[/\s,@]+", target) if len(part) > 2]
    known = [
        *aliases(facts.case),
        *(host for host in (facts.case.target.server_name, facts.case.target.namespace) if host),
    ]
    away = " ".join(signal.quote for signal in trouble_signals(facts))
    return any(belongs(part, known) or re.search(rf"\b{re.escape(part)}\b", away) for part in parts)


def _overdue(facts: Facts, stop: LogLine) -> bool:
    """Is it past the time at which it was to be up again?"""
    due = _UP_AGAIN.search(stop.message)
    if due is None or stop.at is None:
        return False
    up = stop.at.replace(hour=int(due[1]), minute=int(due[2]))
    up += timedelta(days=1) if up <= stop.at else timedelta()
    return facts.case.now > up + _LATE


def _live(facts: Facts) -> bool:
    """Is it for users? Then a timetable that stops it is the incident."""
    labels = [value for key, value in facts.case.target.labels.items() if key in ("env", "environment", "stage")]
    return any(_LIVE.search(text) for text in (facts.case.target.name, facts.case.target.namespace or "", *labels))
