"""One member fewer, because one was emptied and taken out as registered: the others hold everything."""

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise

from agent_graph.analysts.rules.facts import Facts, LogLine, Metric
from agent_graph.analysts.rules.finding import Finding
from agent_graph.analysts.rules.noise import kind_of
from agent_graph.analysts.rules.parts import name, said, trouble_signals
from agent_graph.analysts.rules.well.complaints import bad_lines, complains
from agent_graph.analysts.rules.well.wellness import good_signs
from agent_graph.sources.signs import aliases
from backend.investigation.kinds import Category, Citation

_TAKEN_OUT = re.compile(
    r"decommission|retir(?:e|ing|ed)|\bremov(?:e|ing|ed)\b|scal(?:e|ing|ed)[- ](?:in|down)|shrink|switch(?:ed|ing)? off"
    r"|power(?:ed|ing)?[- ]?(?:off|down)|out of service|return(?:ed|s)? to (?:the )?(?:provider|pool)|for good",
    re.IGNORECASE,
)
_COUNT = re.compile(
    r"nodes|members|brokers|instances|servers|workers|replicas|peers|hosts|machines|size", re.IGNORECASE
)
# What a member holds; and what a whole is measured by, which is all at zero.
_HELD = re.compile(
    r"shards|docs|documents|leaders|partitions|connections|regions|tablets|ranges|replicas|vnodes|queues|pgs",
    re.IGNORECASE,
)
_MISSING = re.compile(
    r"unassigned|under_?replicated|under_?min|offline|missing|unavailable|degraded|color=\"red\"|state=\"red\"|orphan",
    re.IGNORECASE,
)
# Emptying takes as long as there is something to move; whoever was seen at it may go hours after it was registered.
_SOON, _WHILE_EMPTYING, _EARLY = timedelta(minutes=30), timedelta(hours=24), timedelta(minutes=2)
_LOOKS_LIKE: frozenset[Category] = frozenset({"node_failure", "memory_pressure", "dependency_failure", "network_error"})


def member_out(facts: Facts, likely: Sequence[Category]) -> Finding | None:
    """The count fell by one as a registered member went, which held nothing; of the rest nothing is missing."""
    fell = next((metric for metric in facts.metrics if _COUNT.search(metric.name) and _fell(metric)), None)
    if fell is None or set(likely) - _LOOKS_LIKE or complains(facts):
        return None
    gone = next((found for change in facts.changes if (found := _emptied(change, fell, facts)) is not None), None)
    missing = [metric for metric in facts.metrics if _MISSING.search(metric.line.partition(": ")[0])]
    if gone is None or not missing or any(metric.highest > 0 for metric in missing):
        return None
    change, which, empty = gone
    trouble = [c for c in trouble_signals(facts) if which not in c.quote and c.quote != fell.cite().quote]
    if trouble or not _says_nothing_new(facts, change, which) or (likely and _is_seen(facts)):
        return None
    good: list[Citation] = good_signs(facts)
    return Finding(
        category="healthy",
        statement=f"{name(facts)} is one member smaller because {which} was emptied and taken out as registered"
        f" ({said(change, 240)}), and nothing is missing of what the others hold. Let the rule expect one fewer.",
        supporting=[
            change.cite("its end was registered"),
            empty.cite("it held nothing any more"),
            fell.cite("one fewer since"),
            missing[0].cite("nothing is missing"),
            *good[:2],
        ],
        strength="strong",
        disproof="Ask whoever registered it; something that only it held would make it an incident.",
    )


def _fell(metric: Metric) -> bool:
    """By one, once, and has stayed there."""
    values = [value for _, value in metric.points]
    steps = [after - before for before, after in pairwise(values) if after != before]
    return steps == [-1.0] and metric.change_at is not None


def _emptied(change: LogLine, fell: Metric, facts: Facts) -> tuple[LogLine, str, Metric] | None:
    """The change, the member that it names, and what says that it held nothing for as long as it was seen."""
    head, _, summary = change.message.partition(": ")
    at, then = change.at, fell.change_at
    if at is None or then is None or not _TAKEN_OUT.search(f"{head} {summary}"):
        return None
    known = aliases(facts.case)
    parts = [part for part in re.split(r"[/\s,@]+", head)[1:] if len(part) > 2 and part not in known]
    for member in _members(parts, summary, facts):
        of_it = [m for m in facts.metrics if f'="{member}"' in m.line and _HELD.search(m.name)]
        soon = _SOON if all(metric.highest == 0 for metric in of_it) else _WHILE_EMPTYING
        if of_it and -_EARLY <= then - at <= soon and all(_was_empty(metric, then) for metric in of_it):
            return change, member, of_it[0]
    return None


def _members(parts: Sequence[str], summary: str, facts: Facts) -> list[str]:
    """Who is named, and who is called by the end of that name in the measurements and once more in the sentence."""
    labels = {value for metric in facts.metrics if _HELD.search(metric.name) for value in metric.labels.values()}
    ends = [v for v in sorted(labels) if any(part.endswith(f"-{v}") for part in parts)]
    return [*parts, *(v for v in ends if re.search(rf"(?<![\w.-]){re.escape(v)}(?![\w-])", summary))]


def _was_empty(metric: Metric, then: datetime) -> bool:
    """Did it hold nothing any more when it went, and nothing since? What it held may only have become less."""
    values = [value for at, value in metric.points if at < then.timestamp()]
    later = [value for at, value in metric.points if at >= then.timestamp()]
    falls = all(after <= before for before, after in pairwise(values))
    return metric.highest == 0 or (not any(later) and falls and values[-1:] == [0.0])


def _says_nothing_new(facts: Facts, change: LogLine, which: str) -> bool:
    """Is all that sounds bad since of a kind that was said before, too, or told of the member that is gone?"""
    gone = re.compile(rf"(?<![\w.-]){re.escape(which)}(?![\w-])")
    bad = [line for line in bad_lines(facts) if line.is_error or not gone.search(line.text)]
    before = {kind_of(line) for line in bad if line.at and change.at and line.at < change.at}
    return all(kind_of(line) in before for line in bad if line.at and change.at and line.at >= change.at)


def _is_seen(facts: Facts) -> bool:
    """Does a platform or a measurement say what is likely, and not words alone?"""
    return any(s.category in _LOOKS_LIKE and s.weight != "weak" for s in facts.signs)
