"""What fails is only what nobody waits for: made up for afterwards, replayed, mirrored; the same for users does not."""

import re
from collections.abc import Sequence

from agent_graph.analysts.rules.facts import Facts, LogLine, Metric
from agent_graph.analysts.rules.finding import Finding
from agent_graph.analysts.rules.noise import kind_of
from agent_graph.analysts.rules.parts import decisive, name, said, trouble_signals
from agent_graph.analysts.rules.well.complaints import began, complains
from agent_graph.analysts.rules.well.wellness import good_signs
from backend.investigation.kinds import Category

# As series tell by a label what is done for nobody who waits. What a canary is given, users have asked for.
_NOBODYS = re.compile(
    r"back-?_?fill\w*|re-?process\w*|re-?play\w*|shadow(?:ed|ing)?|mirror(?:ed|ing)?|dry-?_?run|load-?_?test\w*",
    re.IGNORECASE,
)
_ERRORS, _FEW = ("errors", "few_errors"), ("errors", "few_errors", "other")
# What it looks like to others.
_LOOKS_LIKE: frozenset[Category] = frozenset({"app_crash", "dependency_failure"})
_POINTS, _NEAR = 10, 0.15


def nobody_waits(facts: Facts, likely: Sequence[Category]) -> Finding | None:
    """Each failure that is counted and complained of is of such work, and its fellow counts none of the others'."""
    pairs = [(m, fellow) for m in facts.metrics if _is_nobodys(m) and (fellow := _fellow(m, facts)) is not None]
    quotes = {metric.cite().quote for metric, _ in pairs}
    others = [cite for cite in trouble_signals(facts) if cite.quote not in quotes]
    good = [cite for cite in good_signs(facts) if cite.quote not in quotes]
    if not pairs or others or not good or not facts.case.firing or set(likely) - _LOOKS_LIKE:
        return None
    failed, fellow = max(pairs, key=lambda pair: pair[0].highest)
    told = _counted(failed, facts)
    if not told or complains(facts, aside=told):
        return None
    return Finding(
        category="healthy",
        statement=f"{name(facts)} fails only in what nobody waits for: {failed.line}, each of them"
        f' "{said(decisive(told), 200)}"; of the same for users none fails: {fellow.line}.',
        supporting=[
            failed.cite("what nobody waits for"),
            fellow.cite("the same for users"),
            decisive(told).cite("said as often as it is counted"),
            *good[:2],
        ],
        strength="strong",
        disproof="Ask who started that work whether somebody waits for it after all.",
    )


def _is_nobodys(metric: Metric) -> bool:
    """Does it count failures of such work, and have there been some since the alert was near?"""
    values = metric.labels.values()
    return metric.role in _ERRORS and metric.last > 0 and any(_NOBODYS.fullmatch(value) for value in values)


def _fellow(metric: Metric, facts: Facts) -> Metric | None:
    """The series of all others' work, told apart by that label alone, that counts no failure all the time."""
    keys = {key for key, value in metric.labels.items() if _NOBODYS.fullmatch(value)}
    own = {key: value for key, value in metric.labels.items() if key not in keys}
    alike = [m for m in facts.metrics if m is not metric and m.name == metric.name and m.role in _FEW]
    alike = [
        m for m in alike if {k: v for k, v in m.labels.items() if k not in keys} == own and keys <= m.labels.keys()
    ]
    users = [m for m in alike if not any(_NOBODYS.fullmatch(m.labels[key]) for key in keys)]
    calm = [m for m in users if len(m.points) >= _POINTS and m.highest == m.points[0][1] == m.last]
    return calm[0] if users and len(calm) == len(users) else None


def _counted(failed: Metric, facts: Facts) -> list[LogLine]:
    """What is complained of, where it is one thing and said about as often as failures were counted."""
    errors = [line for line in facts.matching_levels("error", "fatal") if line.at]
    kinds = {kind_of(line) for line in errors}
    late = [line for line in errors if line.at and line.at >= began(facts)]
    if len(kinds) != 1 or not late:
        return []
    often, grown = max(len(errors), errors[0].count), failed.highest - failed.points[0][1]
    return errors if abs(often - grown) <= _NEAR * grown else []
