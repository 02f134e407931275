"""What being away on purpose looks like from outside, and what it never looks like."""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from agent_graph.analysts.rules.facts import Facts, Metric, Sign
from agent_graph.analysts.rules.parts import trouble_signals
from agent_graph.analysts.rules.well.complaints import began
from backend.investigation.kinds import Category, Citation

OF_ABSENCE: frozenset[Category] = frozenset(
    {"app_crash", "network_error", "probe_failure", "node_failure", "dependency_failure", "restart_loop", "bad_deploy"}
)
# Measurements of whether somebody is there, and of those who ask in vain.
_NOT_THERE = re.compile(
    r"^(?:\w+_)?up\{|^probe_|ready|replicas|not (?:well|running|available)|phase|\b5xx|=\"5\d\d|=\"5\.\.|error",
    re.IGNORECASE,
)
_UP = re.compile(r"(?:\w+_)?up\{|probe_")
# Databases call it fatal that they turn away whoever asks while they stop.
_STOPS = re.compile(r"shutting down|administrator command|starting up", re.IGNORECASE)
# By which signals a process ends that broke: SIGILL, SIGABRT, SIGBUS, SIGFPE, SIGSEGV.
_BROKEN = frozenset(128 + signal for signal in (4, 6, 7, 8, 11))


# Who is asked by others; and how often a copy must be seen to come nearer, and by how much.
_READ = re.compile(r"sessions|connections|requests|queries|qps", re.IGNORECASE)
_LOOKS, _NEARER = 5, 0.8

# A slot's name is no common word, and what is kept for whoever reads it needs room.
_LETTERS, _ROOM = 4, 0.85


def reader_away(facts: Facts, announced: str) -> bool:
    """Is all that is behind a slot that the announcement names, with room for what is kept for it?"""
    behind = facts.signs_of("replication_lag")
    named = [sign for sign in behind if len(sign.subject) > _LETTERS and sign.subject in announced]
    disk = facts.metric("disk")
    room = disk is not None and disk.last < _ROOM
    return bool(named) and room and all(sign in named or _slot_of(named, sign) for sign in behind)


def catches_up(facts: Facts, announced: Sign) -> bool:
    """Is all that is behind the very copy that is worked on in these hours, coming nearer all the time, unread?"""
    called = announced.subject.rpartition("/")[2]
    who = re.compile(rf"(?<![\w-]){re.escape(called)}(?![\w-])")
    if len(called) <= _LETTERS or not all(who.search(s.quote) for s in facts.signs_of("replication_lag")):
        return False
    own = [metric for metric in facts.metrics if who.search(metric.line)]
    behind = [metric for metric in own if metric.role == "replication_lag"]
    read = any(metric.last for metric in own if _READ.search(metric.name))
    since = announced.at
    return not read and bool(behind) and all(_falls(metric, since) for metric in behind)


def _falls(metric: Metric, since: datetime | None) -> bool:
    """Did it rise after that moment, and is it less at every look since its highest?"""
    values = [value for _, value in metric.points]
    after = values[values.index(max(values)) :]
    rose = since is not None and metric.change_at is not None and metric.change_at >= since
    return rose and len(after) >= _LOOKS and after[-1] <= _NEARER * after[0] and after == sorted(after, reverse=True)


def without(facts: Facts, signs: Sequence[Sign]) -> Facts:
    """The facts without these signs, and without the trouble that was seen in the very same lines."""
    lines = {sign.quote for sign in signs}
    return replace(facts, signs=[s for s in facts.signs if s not in signs and not _same(s, lines)])


def _same(sign: Sign, lines: set[str]) -> bool:
    return sign.category == "trouble" and any(sign.quote in line for line in lines)


def _slot_of(named: Sequence[Sign], sign: Sign) -> bool:
    return any(f'="{one.subject}"' in sign.quote for one in named)


def only_away(facts: Facts) -> bool:
    """Is all that is seen of it that it is not there, and did nothing of it break as it went?"""
    fatal = [line for line in facts.matching_levels("fatal") if not _STOPS.search(line.text)]
    broke = any(line.at is None or line.at >= began(facts) for line in fatal)
    own = facts.target
    broke = broke or (own is not None and (own.oom_killed or own.exit_code in _BROKEN))
    return not broke and all(_is_of_absence(facts, signal) for signal in trouble_signals(facts))


def others_away(facts: Facts, announced: str) -> bool:
    """Where the announcement names some of several by their numbers (web-1..3): is another of them away, too?"""
    family = re.escape(facts.case.target.name.rstrip("0123456789"))
    named = re.findall(
        rf"(?<![\w-]){family}(\d{{1,6}})(?:(?:\.\.|-|–| to )(?:{family})?(\d{{1,6}}))?(?![\w-])", announced
    )
    seen = [signal.quote for signal in trouble_signals(facts) if _UP.match(signal.quote)]
    away = {int(number) for quote in seen for number in re.findall(rf'="{family}(\d{{1,6}})[":.]', quote)}
    meant = [(int(first), int(last or first)) for first, last in named]
    return bool(family and meant) and not all(any(a <= one <= b for a, b in meant) for one in away)


def explained(likely: Sequence[Category]) -> bool:
    """Is all that else is thought likely what being away looks like?"""
    return not set(likely) - OF_ABSENCE


def _is_of_absence(facts: Facts, signal: Citation) -> bool:
    by_check = facts.monitor is not None and signal.evidence == facts.monitor.evidence
    by_state = facts.target is not None and signal.evidence == facts.target.evidence
    return by_check or by_state or _NOT_THERE.search(signal.quote) is not None
