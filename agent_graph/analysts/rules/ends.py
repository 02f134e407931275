"""How a run ended, as it is measured and as its own log tells: where the two differ, neither is believed."""

import re
from datetime import UTC, datetime, timedelta

from agent_graph.analysts.rules.facts import Facts, Metric
from agent_graph.analysts.rules.finding import Finding
from agent_graph.analysts.rules.parts import name, said
from agent_graph.analysts.rules.run_flags import failed_end, work_of
from agent_graph.analysts.rules.two_counts import two_counts_differ
from agent_graph.analysts.rules.two_ends import two_ends_differ

# Work that came to its end, as it says itself or as who runs it says.
_WELL = re.compile(
    r"deactivated successfully|succeeded|successfully|\bcompleted?\b|\bfinished\b|\bsaved\b|\bdone\b"
    r"|exit(?:ed)?.{0,20}(?:code|status)[ =:]{1,2}0\b|status=0/SUCCESS",
    re.IGNORECASE,
)
_BEFORE, _AFTER = timedelta(minutes=10), timedelta(minutes=5)


def ends_differ(facts: Facts) -> Finding | None:
    """It is measured to have failed, and its log of that very time says that it came to its end; or the two ends of a
    link or of a stream differ."""
    return two_ends_differ(facts) or two_counts_differ(facts) or _run_differs(facts)


def _run_differs(facts: Facts) -> Finding | None:
    failed = failed_end(facts)
    since = _since(failed) if failed is not None else None
    if failed is None or since is None:
        return None
    work = work_of(failed)
    near = [line for line in facts.lines if line.at and since - _BEFORE <= line.at <= since + _AFTER]
    ends = [line for line in near if _WELL.search(line.message) and any(word in line.text.lower() for word in work)]
    if not ends or any(line.is_bad for line in near):
        return None
    return Finding(
        category="unknown",
        statement=f"Two sources contradict each other about the run of {name(facts)}. Measured: {failed.line[:240]}."
        f" Its own log says: {said(ends[-1], 240)}. Which one is right, its result shows: look at what the run made,"
        " and at whoever wrote the measurement.",
        supporting=[failed.cite("as measured")],
        contradicting=[line.cite("as its own log says") for line in {one.text: one for one in ends}.values()][-2:],
        strength="weak",
        onset=since,
        disproof="Run it again, and read both: failing in both, it is the run.",
    )


def _since(metric: Metric) -> datetime | None:
    """When it turned bad; None where it always was."""
    turned = next((at for at, value in reversed(metric.points) if value != metric.last), None)
    later = [at for at, _ in metric.points if turned is not None and at > turned]
    return datetime.fromtimestamp(min(later), UTC) if later else None
