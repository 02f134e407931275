"""Stopped by a timetable: what sleeps every night is not down, as long as it is not due to be up again."""

import re
from collections.abc import Sequence
from datetime import timedelta

from agent_graph.analysts.rules.facts import Facts, LogLine
from agent_graph.analysts.rules.finding import Finding
from agent_graph.analysts.rules.parts import name, said, trouble_signals
from agent_graph.analysts.rules.well.absence import explained, only_away
from agent_graph.analysts.rules.well.complaints import complains
from agent_graph.analysts.rules.well.tagged import tagged_for
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
_HOURS = re.compile(r"\b([01]?\d|2[0-3])[:.h]([0-5]\d) ?(?:-|–|to) ?(?:[01]?\d|2[0-4])[:.h][0-5]\d\b", re.IGNORECASE)
# Who stops things by the clock, and what stops nothing on purpose.
_STOPPER = re.compile(
    r"auto-?(?:matic(?:ally)?[- ])?(?:shutdown|stop|pause|suspend|hibernat|scal)|down-?scaler|kube-?green|snooze"
    r"|(?:instance|vm|stop)[- ]scheduler|by (?:its |the )?(?:schedule|timetable|calendar)"
    r"|every (?:day|night|evening|weekend)",
    re.IGNORECASE,
)
_BY_MISTAKE = re.compile(r"\bbug|mistake|acciden|wrong|fail|error|unexpected|rollout|by hand|manual", re.IGNORECASE)
_PLACES = ("env", "environment", "stage", "tier", "cluster", "namespace")
_LIVE = re.compile(r"(?:^|[-_./])prod(?:uction)?(?:$|[-_./0-9])|(?:^|[-_./])live(?:$|[-_./])", re.IGNORECASE)
_BEFORE, _AFTER, _LATE = timedelta(minutes=20), timedelta(minutes=5), timedelta(minutes=5)
_AGAIN, _WEEKEND = timedelta(hours=12), (4, 5, 6)


def by_timetable(facts: Facts, likely: Sequence[Category]) -> Finding | None:
    """It was stopped as its timetable says just before it was missed, and is not due to be up again yet.

    The timetable is somebody's who stops by the clock, or one that was kept before; nothing broke as it stopped.
    """
    if not explained(likely) or _live(facts) or not only_away(facts) or complains(facts):
        return None
    began = facts.case.started_at
    near = [c for c in facts.changes if c.at is not None and began - _BEFORE <= c.at <= began + _AFTER]
    clocks = [(change, tagged_for(change, facts)) for change in near if _by_the_clock(change)]
    stops = [(change, tagged) for change, tagged in clocks if tagged or _ours(facts, change)]
    # Whoever tagged it chose the timetable.
    kept = [(stop, _before(facts, stop) or [tag for tag in (tagged,) if tag]) for stop, tagged in stops]
    kept = [(stop, before) for stop, before in kept if before or (_STOPPER.search(stop.message) and _due(stop))]
    kept = [(stop, before) for stop, before in kept if not _overdue(facts, stop)]
    if not kept:
        return None
    stop, before = kept[-1]
    missed = trouble_signals(facts)
    return Finding(
        category="healthy",
        statement=f"{name(facts)} is off by its timetable: {said(stop, 300)}.",
        supporting=[
            stop.cite("stopped by its timetable"),
            *(line.cite("so it was registered before") for line in before[-1:]),
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


def _by_the_clock(change: LogLine) -> bool:
    said = change.message
    # Friday's evening begins it, and its Saturday is Friday or Sunday elsewhere: what it stops on a Wednesday is wrong.
    its_day = change.at is None or "weekend" not in said.lower() or change.at.weekday() in _WEEKEND
    return its_day and bool(_STOPPED.search(said) and _TIMETABLE.search(said)) and not _BY_MISTAKE.search(said)


def _before(facts: Facts, stop: LogLine) -> list[LogLine]:
    """The same stop on other days."""
    earlier = [c for c in facts.changes if c.at and stop.at and c.at <= stop.at - _AGAIN]
    return [change for change in earlier if _plain(change) == _plain(stop)]


def _plain(change: LogLine) -> str:
    return re.sub(r"\d+", "#", change.message)


def _due(stop: LogLine) -> re.Match[str] | None:
    """When it is to be up again, as far as it is said."""
    return _UP_AGAIN.search(stop.message) or _HOURS.search(stop.message)


def _overdue(facts: Facts, stop: LogLine) -> bool:
    """Is it past the time at which it was to be up again? What is stopped every day is up within one."""
    due = _due(stop)
    if stop.at is None or due is None:
        return stop.at is None or facts.case.now > stop.at + _AGAIN
    up = stop.at.replace(hour=int(due[1]), minute=int(due[2]))
    up += timedelta(days=1) if up <= stop.at else timedelta()
    return facts.case.now > up + _LATE


def _live(facts: Facts) -> bool:
    """Is it for users? Then a timetable that stops it is the incident."""
    target = facts.case.target
    labels = [target.labels, *(alert.labels for alert in facts.case.alerts)]
    places = [value for one in labels for key, value in one.items() if key in _PLACES]
    return any(_LIVE.search(text) for text in (target.name, target.namespace or "", *places))
