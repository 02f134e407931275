"""A member that was added takes its first copy: it is not ready until that is there, and is to take so long."""

import re
from collections.abc import Sequence
from datetime import timedelta
from itertools import pairwise

from agent_graph.analysts.rules.facts import Facts, LogLine, Metric
from agent_graph.analysts.rules.finding import Finding
from agent_graph.analysts.rules.parts import name, said, trouble_signals
from agent_graph.analysts.rules.well.complaints import complains
from agent_graph.analysts.rules.well.wellness import good_signs
from agent_graph.sources.signs import aliases, belongs
from backend.investigation.kinds import Category

_ONES = r"(?:members?|replicas?|nodes?|instances?|copies|standbys|secondaries|voters|brokers)"
_MORE = re.compile(
    rf"\b{_ONES}:? (?:from )?(\d{{1,3}}) ?(?:->|→|to) ?(\d{{1,3}})\b(?!\.)"
    rf"|(?<!\.)\b(\d{{1,3}}) ?(?:->|→|to) ?(\d{{1,3}}) {_ONES}\b",
    re.IGNORECASE,
)
# Who is scaled has members, whatever they are called.
_SCALED = re.compile(r"(?<![\w.])(\d{1,3}) ?(?:->|→|to) ?(\d{1,3})(?![\w.])")
# What grows of one that does not get its copy: what it has yet to read or to send.
_NO_COPY = re.compile(r"wal|bin_?log|(?:^|_)x?logs?(?:_|$)", re.IGNORECASE)
_COPIES = re.compile(
    r"\bcopy|\bcopies|initial sync|\bsync|clon(?:e|es|ing)|bootstrap|stream(?:s|ing)|join|restor"
    r"|\bseed|base_?backup|backfill",
    re.IGNORECASE,
)
_LASTS = re.compile(
    r"(?:about|takes|approx\.?|ca\.?|~|expected|up to|within)\s*(?:about )?(\d{1,3}) ?(m(?:in\w*)?|h(?:ours?)?)\b", re.I
)
# What one says of itself that takes its copy; any member streams, and joins.
_AT_IT = re.compile(
    r"initial sync|clon(?:e|ing)\b|bootstrap|base_?backup|backfill|\b(?:copying|restoring|seeding)\b", re.IGNORECASE
)
_POD, _REPLICAS = re.compile(r"^pod (\S+?):? "), re.compile(r"^statefulset \S+: (\d+) of (\d+) replicas ready")
# Statements that are slow, and those that only read everything once for the copy.
_SLOW = re.compile(r"slow query|\bduration: \d{4,}|Query_time", re.IGNORECASE)
_FOR_COPY = re.compile(
    r"getMore|\bCOPY\b|SQL_NO_CACHE|initial.?sync|\bclon(?:e|ing)|BASE_BACKUP|oplog|snapshot", re.IGNORECASE
)
_SLACK, _POINTS, _GROWN = 1.25, 8, 1.2
# So long it is believed to copy that says so itself and grows, where nobody said how long it takes.
_UNTOLD, _LATELY = timedelta(hours=1), timedelta(minutes=5)
_LOOKS_LIKE: frozenset[Category] = frozenset({"probe_failure", "bad_deploy", "slow_query"})


def first_copy(facts: Facts, likely: Sequence[Category]) -> Finding | None:
    """Only the member that was added is not ready, what it holds grows all the time, and its time is not over."""
    plan = next((change for change in reversed(facts.changes) if _is_plan(change, facts)), None)
    trouble, good = trouble_signals(facts), good_signs(facts)
    if plan is None or not good or set(likely) - _LOOKS_LIKE or complains(facts):
        return None
    added, new = _added(plan), {found[1] for c in trouble if (found := _POD.match(c.quote))}
    counts = [found for c in trouble if (found := _REPLICAS.match(c.quote))]
    if any(int(found[2]) != _counts(plan)[1] for found in counts) or not _are_last(new, plan):
        return None
    if len(new) != added or len(trouble) != len(counts) + len([c for c in trouble if _POD.match(c.quote)]):
        return None
    if any(int(found[2]) - int(found[1]) > added for found in counts) or _others_ill(facts, new, plan):
        return None
    slow = [line for line in facts.lines if _SLOW.search(line.text)]
    grown = [metric for member in sorted(new) for metric in facts.metrics if _grows(metric, member)]
    grows = [metric for metric in grown if plan.at and metric.points[0][0] > plan.at.timestamp()][:added]
    if len(grows) < added or any(not _FOR_COPY.search(line.text) for line in slow):
        return None
    words = [line for line in [*facts.lines, *facts.around] if _COPIES.search(line.message) and line not in slow]
    if _lasts(plan) is None and not any(_speaks(line, facts, new) for line in words):
        return None
    return Finding(
        category="healthy",
        statement=f"{name(facts)} was made larger, and {', '.join(sorted(new))} takes its first copy, as was said:"
        f" {said(plan, 300)}. It grows all the time: {grows[0].line[:200]}.",
        supporting=[
            plan.cite("it was added, and takes so long"),
            grows[0].cite("the copy grows"),
            *(line.cite("its own words agree") for line in words[-1:]),
            *good[:3],
        ],
        strength="strong",
        disproof="Look again when the time that was given is over: not ready then, or no longer growing, it failed.",
    )


def _is_plan(change: LogLine, facts: Facts) -> bool:
    """Registered of the target before it began, with how long it takes, and that is not over."""
    head, _, summary = change.message.partition(": ")
    ours = any(belongs(part, aliases(facts.case)) for part in re.split(r"[/\s,@]+", head) if part)
    if not ours or change.at is None or change.at > facts.case.started_at or not _added(change):
        return False
    lasts = _lasts(change)
    until = change.at + (_UNTOLD if lasts is None else lasts * _SLACK)
    return _COPIES.search(summary) is not None and facts.case.now <= until


def _lasts(change: LogLine) -> timedelta | None:
    """How long it was said to take."""
    found = _LASTS.search(change.message.partition(": ")[2])
    return found and timedelta(**{"hours" if found[2][0].lower() == "h" else "minutes": int(found[1])})


def _speaks(line: LogLine, facts: Facts, new: set[str]) -> bool:
    """Is it said lately, by a new member itself or by the whole of them?"""
    ours = line.speaker in new or not line.speaker
    return (
        ours and _AT_IT.search(line.message) is not None and line.at is not None and line.at >= facts.case.now - _LATELY
    )


def _added(change: LogLine) -> int:
    before, after = _counts(change)
    return max(0, after - before)


def _counts(change: LogLine) -> tuple[int, int]:
    """How many members there were, and are to be."""
    head, _, summary = change.message.partition(": ")
    if found := _MORE.search(summary):
        return int(found[1] or found[3]), int(found[2] or found[4])
    scaled = _SCALED.search(summary) if head.startswith("scal") else None
    return (int(scaled[1]), int(scaled[2])) if scaled else (0, 0)


def _are_last(new: set[str], plan: LogLine) -> bool:
    """Members are numbered from 0: do these bear the numbers that were added, and not an old one's?"""
    before, after = _counts(plan)
    return {member.rpartition("-")[2] for member in new} == {str(number) for number in range(before, after)}


def _others_ill(facts: Facts, new: set[str], plan: LogLine) -> bool:
    """Does a platform or a measurement say that more is wrong than that the new ones are not ready?"""
    no_trouble = ("healthy", "trouble", "trouble_over", "other_down")
    told = [s for s in facts.signs if s.category not in no_trouble and s.weight != "weak"]
    return any(not any(one in s.quote for one in new) and s.quote != plan.cite().quote for s in told)


def _grows(metric: Metric, member: str) -> bool:
    """Is it of the member, in bytes, and more at every look, up to the last?"""
    values = [value for _, value in metric.points]
    called = metric.line.partition(": ")[0]
    own = re.search(rf'["-]{re.escape(member)}"', called) is not None and "bytes" in called
    own = own and _NO_COPY.search(called.partition("{")[0]) is None
    if not own or len(values) < _POINTS or values[-1] < _GROWN * values[0]:
        return False
    return all(later >= one for one, later in pairwise(values)) and values[-1] > values[-_POINTS // 2]
