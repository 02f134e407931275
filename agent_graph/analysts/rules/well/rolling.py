"""A cluster that is taken through member by member, as planned: copies are missing for a while, and nobody suffers."""

import re
from collections.abc import Sequence
from datetime import timedelta
from statistics import median

from agent_graph.analysts.rules.facts import Facts, LogLine, Metric
from agent_graph.analysts.rules.finding import Finding
from agent_graph.analysts.rules.parts import name, said, trouble_signals
from agent_graph.analysts.rules.well.complaints import complains
from agent_graph.analysts.rules.well.wellness import good_signs
from agent_graph.sources.signs import aliases
from backend.investigation.kinds import Category, Citation
from backend.redaction.clean import one_line

# Work that goes through the members of a cluster one after the other, or moves what they hold.
_WORK = re.compile(
    r"\broll(?:s|ing|ed)?\b(?! ?(?:back|ed back))|one (?:\w+ )?(?:at a time|by one|after (?:the other|another))"
    r"|node by node|broker by broker|\b(?:maintenance|upgrad(?:e|ing)|patch(?:ing|es)?|re-?boots?|re-?starts?)\b"
    r"|scal(?:e|ed|ing)\b|replicas \d+ ?->|expan(?:d|sion)"
    r"|(?:add|new|replace|swap)\w* .{0,30}\b(?:node|broker|member|disk|osd|shard)"
    r"|re-?balanc|re-?assign|re-?locat|decommission|scrub|drain(?:ing|s)?\b|CHG-?\d",
    re.IGNORECASE,
)
# What is measured of copies and members, not of those who use them.
_OF_COPIES = re.compile(
    r"replica|shard|isr\b|in_?sync|partition|quorum|member|nodes?\b|nodes_|brokers?|peers|osd|_pgs?\b|pg_(?:degraded|misplaced)"
    r"|health|resync|recover|degraded|followers?|leader|voters?",
    re.IGNORECASE,
)
# Looks like this to others while it lasts.
_LOOKS_LIKE: frozenset[Category] = frozenset({"replication_lag", "node_failure"})
_WHOLE = ("cluster", "service", "app", "statefulset", "kafka", "name", "cluster_name", "release")
# Of a whole that is replaced, so much may be under way at a time.
_AWAY = 0.25
# So many counts of copies, and so many of their last values, say together that nothing is missing.
_SEVERAL, _SETTLED = 2, 3
_LASTS, _SLACK = timedelta(hours=8), timedelta(minutes=5)


def rolling(facts: Facts, likely: Sequence[Category]) -> Finding | None:
    """It was begun, what it takes away comes back each time, and who uses it is served as ever."""
    works = [change for change in facts.changes if _is_work(change, facts)]
    copies = [m for m in facts.metrics if _OF_COPIES.search(m.line.split("{")[0]) and _returns(m)]
    good = good_signs(facts) or _whole(facts)
    copies += [m for m in facts.metrics if _replaced(m, facts.metrics)]
    if not works or not good or not copies or trouble_signals(facts) or set(likely) - _LOOKS_LIKE:
        return None
    if complains(facts):
        return None
    how = "what it takes away comes back" if _returns(copies[0]) else "the new take the place of the old"
    what = f"{said(works[-1], 300)}; {how}: {copies[0].line}"
    return Finding(
        category="healthy",
        statement=one_line(f"{name(facts)} is taken through member by member, as planned: {what}", 900) + ".",
        supporting=[
            works[-1].cite("the work was begun"),
            *(metric.cite(how) for metric in copies[:2]),
            *good[:3],
        ],
        strength="strong",
        disproof="Look again once the work is over: copies that are missing still would be an incident.",
    )


def _is_work(change: LogLine, facts: Facts) -> bool:
    """Begun before the alert, for the target or for the cluster that it is a part of."""
    began = facts.case.started_at
    if change.at is None or not began - _LASTS <= change.at <= began + _SLACK or not _WORK.search(change.message):
        return False
    labels = [alert.labels for alert in facts.case.alerts]
    wholes = {one[key] for one in labels for key in _WHOLE if one.get(key)}
    known = [*aliases(facts.case), *wholes]
    target = change.message.partition(":")[0].split(" ", 1)[-1]
    parts = [part for part in re.split(r"[/\s:@,]+", target) if len(part) > 2]
    return any(
        own == part or own.startswith(f"{part}-") or part.startswith(f"{own}-") for own in known for part in parts
    )


def _whole(facts: Facts) -> list[Citation]:
    """That nothing is missing any more, where an alert is about copies: each count of them is where it was at first."""
    told = [f"{alert.name} {' '.join(alert.annotations.values())}" for alert in facts.case.alerts]
    counts = [m for m in facts.metrics if _OF_COPIES.search(m.name)]
    if not told or not all(_OF_COPIES.search(text) for text in told) or len(counts) < _SEVERAL:
        return []
    level = all(m.points[0][1] == value for m in counts for _, value in m.points[-_SETTLED:])
    return [m.cite("as it was before the work") for m in counts if _returns(m)] if level else []


def _replaced(new: Metric, others: Sequence[Metric]) -> bool:
    """Does it count members that come one by one in the place of those that another series of its name counts?"""
    mine = [value for _, value in new.points]
    if mine[-1] <= mine[0] or mine != sorted(mine):
        return False
    called = new.name
    for old in others:
        values = [value for _, value in old.points]
        if old is not new and old.name == called and len(values) == len(mine):
            wholes = {a + b for a, b in zip(mine, values, strict=True)}
            if values == sorted(values, reverse=True) and max(wholes) - min(wholes) <= _AWAY * max(wholes):
                return True
    return False


def _returns(metric: Metric) -> bool:
    """Did it leave its level, and come back to it, or is it on its way back?"""
    values = [value for _, value in metric.points]
    usual = median(values[: max(2, len(values) // 8)])
    furthest = max(values, key=lambda value: abs(value - usual))
    away = abs(furthest - usual)
    return away > 0 and abs(values[-1] - usual) <= 0.8 * away
