"""Refused because it is there already: somebody replays what was stored, and the store keeps duplicates out."""

import re
from collections.abc import Sequence
from datetime import timedelta

from agent_graph.analysts.rules.facts import Facts, LogLine, Metric
from agent_graph.analysts.rules.finding import Finding
from agent_graph.analysts.rules.parts import name, said, trouble_signals
from agent_graph.analysts.rules.well.complaints import complains
from agent_graph.analysts.rules.well.wellness import good_signs
from agent_graph.sources.signs import aliases, belongs
from backend.investigation.kinds import Category

_REPLAY = re.compile(
    r"\bre-?(?:play|process|import|send|deliver|ingest|consum|sync|driv|index|publish"
    r"|read(?!\w* (?:the )?(?:config|setting)))\w*"
    r"|\bback-?fill\w*|offsets? (?:re)?set",
    re.IGNORECASE,
)
# How stores refuse what they have.
THERE = re.compile(
    r"duplicate (?:key|entry|document|record|message)|already (?:exists|present)"
    r"|unique (?:constraint|key|index|violation)|E11000|version[_ ]?conflict|conditional (?:check|request) failed",
    re.IGNORECASE,
)
_COUNTS_WORDS = re.compile(r"log|message|line", re.IGNORECASE)
_LASTS, _EARLY, _LEAST = timedelta(hours=6), timedelta(minutes=2), 3
_LOOKS_LIKE: frozenset[Category] = frozenset({"app_crash", "lock_contention", "bad_deploy"})


def replayed(facts: Facts, likely: Sequence[Category]) -> Finding | None:
    """All that is complained of since a registered replay is what is there already, and only lines are too many."""
    complaints = [line for line in [*facts.lines, *facts.around] if line.is_error and line.at is not None]
    refused = [line for line in complaints if THERE.search(line.text)]
    plan = _plan(facts, refused)
    if plan is None or len(refused) < _LEAST or set(likely) - _LOOKS_LIKE or complains(facts, aside=refused):
        return None
    others = [line for line in complaints if line not in refused and line.at and plan.at and line.at >= plan.at]
    counts = {metric.cite().quote for metric in facts.metrics if counts_words(metric)}
    trouble, kept = [c for c in trouble_signals(facts) if c.quote not in counts], nothing_lost(facts)
    if others or trouble or not kept:
        return None
    return Finding(
        category="healthy",
        statement=f"{name(facts)} works through a replay that was registered, and what is refused is there already:"
        f" {said(plan, 300)}; {said(refused[0], 200)}.",
        supporting=[
            plan.cite("the replay was registered"),
            refused[0].cite("refused, for it is there already"),
            *(metric.cite("nothing fails for good") for metric in kept[:1]),
            *good_signs(facts)[:3],
        ],
        strength="strong",
        disproof="Count what the replay was to bring: missing after its end, it would be an incident.",
    )


def _plan(facts: Facts, refused: Sequence[LogLine]) -> LogLine | None:
    """The replay of the target that was registered before the first of them."""
    first = min((line.at for line in refused if line.at), default=None)
    known = aliases(facts.case)
    for change in reversed(facts.changes):
        head, _, summary = change.message.partition(": ")
        ours = any(belongs(part, known) for part in re.split(r"[/\s,@]+", head) if part)
        in_time = first and change.at and timedelta() <= first - change.at + _EARLY <= _LASTS
        if ours and in_time and _REPLAY.search(summary) and "deploy" not in head.lower():
            return change
    return None


def counts_words(metric: Metric) -> bool:
    """Does it count what a log says, and not who was failed?"""
    return metric.role in ("errors", "few_errors") and _COUNTS_WORDS.search(metric.name) is not None


def nothing_lost(facts: Facts) -> list[Metric]:
    """What counts work that failed for good, and did not rise."""
    failed = [m for m in facts.metrics if m.role in ("errors", "few_errors") and not counts_words(m)]
    return [] if any(m.change_at is not None or m.last > m.points[0][1] for m in failed) else failed
