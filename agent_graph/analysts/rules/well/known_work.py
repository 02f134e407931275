"""A statement that is long because it was planned so: registered as it began, and nobody waits for it."""

import re
from collections.abc import Sequence
from datetime import timedelta

from agent_graph.analysts.rules.facts import Facts, LogLine, Sign
from agent_graph.analysts.rules.finding import Finding
from agent_graph.analysts.rules.parts import name, said, trouble_signals
from agent_graph.analysts.rules.well.complaints import complains
from agent_graph.analysts.rules.well.dumps import LONG
from agent_graph.analysts.rules.well.wellness import good_signs
from backend.investigation.kinds import Category

_LOOKS_LIKE: frozenset[Category] = frozenset({"slow_query", "bad_deploy"})
_NEAR = timedelta(minutes=5)
# What work on a database is registered as; a deploy that brings a slow statement is none.
_WORK = re.compile(
    r"^\S*\s*(?:migrat|maintenance|planned|scheduled|job|batch|schema|dba|upkeep|announce|change\b)", re.I
)
_WORD = re.compile(r"[a-z]\w{4,}")
_ALIKE = 2


def known_work(facts: Facts, likely: Sequence[Category]) -> Finding | None:
    """The alerts are about a long transaction, and each long one is what somebody registered as it began."""
    alerts, runs = facts.case.alerts, facts.signs_of("slow_query", "proof", "strong")
    if not alerts or not all(LONG.search(f"{a.name} {' '.join(a.annotations.values())}") for a in alerts):
        return None
    plans = [plan for run in runs if (plan := _registered(run, facts)) is not None]
    others = {c.quote for c in trouble_signals(facts)} - {run.cite().quote for run in runs}
    if not runs or len(plans) < len(runs) or others or set(likely) - _LOOKS_LIKE or facts.signs_of("lock_contention"):
        return None
    good = good_signs(facts)
    if not good or complains(facts):
        return None
    return Finding(
        category="healthy",
        statement=f"{name(facts)} does what was registered, and nobody waits for it: {said(plans[0], 240)}.",
        supporting=[plans[0].cite("it was registered"), runs[0].cite("the work at hand"), *good[:3]],
        strength="strong",
        disproof="Look whether anybody waits for a lock, and whether it takes longer than was announced.",
    )


def _registered(run: Sign, facts: Facts) -> LogLine | None:
    """Begun when it began, and in words of it."""
    words = set(_WORD.findall(run.quote.lower()))
    near = [c for c in facts.changes if c.at is not None and run.at is not None and abs(c.at - run.at) <= _NEAR]
    return next((c for c in near if _WORK.search(c.message) and _alike(c, words)), None)


def _alike(change: LogLine, words: set[str]) -> bool:
    return len(words & set(_WORD.findall(change.message.partition(":")[2].lower()))) >= _ALIKE
