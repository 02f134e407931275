"""A statement that is long because its work is, and always was: it has run for no longer than its last run took."""

import re
from collections.abc import Sequence

from agent_graph.analysts.rules.facts import Facts, Metric, Sign
from agent_graph.analysts.rules.finding import Finding
from agent_graph.analysts.rules.parts import name, trouble_signals
from agent_graph.analysts.rules.well.complaints import complains
from agent_graph.analysts.rules.well.dumps import LONG
from agent_graph.analysts.rules.well.wellness import good_signs
from backend.investigation.kinds import Category

# How long the last run of something took, as those who run it measure it.
_TOOK = re.compile(
    r"(?:^|_)(?:last|previous|prev)_\w*?(?:duration|runtime|run_time|elapsed)|(?:duration|runtime|elapsed)\w*?_last"
    r"|(?:^|_)last_(?:run|build|success)_?(?:duration|seconds)",
    re.IGNORECASE,
)
_MILLISECONDS = re.compile(r"_(?:ms|milliseconds|millis)(?:$|_)", re.IGNORECASE)
# A statement that is at work, as sessions are told; one that is idle in its transaction is not.
_RUNS = re.compile(r"\bactive for (\d+) s\b")
_LOOKS_LIKE: frozenset[Category] = frozenset({"slow_query"})
# Names so short stand in any statement; and by so much runs of one work differ.
_TELLING, _LONGER = 6, 1.1
_NO_NAMES = ("instance", "job", "server", "host", "datname", "database", "namespace", "cluster", "run", "env")


def as_long_as_ever(facts: Facts, likely: Sequence[Category]) -> Finding | None:
    """All alerts are of long statements, each that runs names what its last run is measured for, and nobody waits."""
    alerts = [f"{a.name} {' '.join(a.annotations.values())}" for a in facts.case.alerts]
    runs = [s for s in facts.signs_of("slow_query", "proof", "strong") if s.source == "postgres"]
    if not alerts or not all(map(LONG.search, alerts)) or not runs or set(likely) - _LOOKS_LIKE:
        return None
    took = [found for run in runs if (found := _last(run, facts)) is not None]
    locks = [metric for metric in facts.metrics if metric.role == "locks"]
    if len(took) < len(runs) or not locks or any(metric.highest > 0 for metric in locks):
        return None
    if _others(runs, facts) or facts.signs_of("lock_contention") or complains(facts):
        return None
    return Finding(
        category="healthy",
        statement=f"{name(facts)} does work that takes as long as ever, and nobody waits for it: {runs[0].means};"
        f" its last run took {took[0].last:,.0f}: {took[0].line[:200]}.",
        supporting=[
            runs[0].cite("the work at hand"),
            took[0].cite("how long its last run took"),
            locks[0].cite("nobody waits for a lock"),
            *good_signs(facts)[:3],
        ],
        strength="strong",
        disproof="Look again when the time that its last run took is over: at work then, ask what is different.",
    )


def _others(runs: Sequence[Sign], facts: Facts) -> bool:
    """Is anything wrong but that they are long?"""
    known = {run.cite().quote for run in runs}
    known |= {metric.cite().quote for metric in facts.metrics if metric.role == "transaction_age"}
    return any(cite.quote not in known for cite in trouble_signals(facts))


def _last(run: Sign, facts: Facts) -> Metric | None:
    """The measure of how long the last run of what it names took, where it has run for no longer yet."""
    runs = _RUNS.search(run.quote)
    if runs is None:
        return None
    own = [metric for metric in facts.metrics if _TOOK.search(metric.name) and _names(metric, run.quote)]
    return next((metric for metric in own if float(runs[1]) <= _LONGER * _seconds(metric)), None)


def _names(metric: Metric, quote: str) -> bool:
    """Is what it measures named in the statement, whole or before what is put to a name while it is made?"""
    values = [value for key, value in metric.labels.items() if key not in _NO_NAMES and len(value) >= _TELLING]
    return any(re.search(rf"(?<![A-Za-z0-9]){re.escape(value)}(?![A-Za-z0-9])", quote) for value in values)


def _seconds(metric: Metric) -> float:
    """The last run's while this one is at work: a measure that has changed since is this one's own, or another's."""
    if len({value for _, value in metric.points}) > 1:
        return 0.0
    return metric.last * (0.001 if _MILLISECONDS.search(metric.name) else 1.0)
