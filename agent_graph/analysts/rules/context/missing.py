"""What would settle it: what was not recorded of the target, and what of it contradicts itself."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from statistics import median

from agent_graph.analysts.rules.facts import Facts, Metric
from agent_graph.analysts.rules.parts import name, said, trouble_signals
from agent_graph.sources.signs import aliases, belongs
from agent_graph.wording import clock
from backend.redaction.clean import one_line

# A log that ends this long before now says nothing of now.
_ENDS = timedelta(minutes=10)
_QUOTE, _COMPLAINT = 120, 300
# So many steps tell how often a series is measured; a pause is so many of them.
_STEPS, _LONGER = 6, 5
_BEFORE = timedelta(minutes=30)


def missing(facts: Facts) -> str:
    """As sentences; empty where everything was there and agreed."""
    wanted = [*_logs(facts), *_state(facts), *_measurements(facts), *_gap(facts)]
    settle = f" To settle it, look at {_listed(wanted)}." if wanted else ""
    return _against(facts) + settle


def loudest(facts: Facts) -> str:
    """What it says of itself most often of all it complains of, for a reader who is told no cause."""
    errors = [line for line in facts.matching_levels("error", "fatal") if not line.speaker]
    most = max(errors, key=lambda line: line.count, default=None)
    if most is None:
        return ""
    often = f" {most.count} times" if most.count > 1 else ""
    since = f" since {clock(most.at, seconds=False)}" if most.at else ""
    return f" It complains{often}{since}: {said(most, _COMPLAINT)}."


def _logs(facts: Facts) -> list[str]:
    said = [line for line in [*facts.lines, *facts.usual] if not line.speaker]
    if not said:
        return [f"what {name(facts)} itself logs"]
    last = max((line.at for line in said if line.at), default=None)
    gone = facts.target is not None and not facts.target.running
    ends = last is not None and last < facts.case.now - _ENDS and not gone
    return [f"its log after {clock(last, seconds=False)}"] if ends and last is not None else []


def _state(facts: Facts) -> list[str]:
    if facts.case.target.source_type == "database":
        asked = any(sign.source == "postgres" for sign in facts.signs)
        return [] if asked else ["what the server says of itself: its sessions and its own log"]
    known = aliases(facts.case)
    seen = facts.target is not None or any(
        sign.source in ("kubernetes", "docker") and belongs(sign.subject, known) for sign in facts.signs
    )
    run = facts.case.target.runtime is not None or facts.case.target.source_type in ("container", "host")
    return ["its state as its platform or machine sees it"] if run and not seen else []


def _measurements(facts: Facts) -> list[str]:
    return [] if facts.metrics or facts.monitor is not None else ["a measurement of it"]


def _gap(facts: Facts) -> list[str]:
    """Where most measurements pause at once, shortly before the trouble or in it: that was not seen."""
    pauses = [pause for metric in facts.metrics if (pause := _longest_pause(metric))]
    since = (facts.case.started_at - _BEFORE).timestamp()
    near = [(start, end) for start, end in pauses if end >= since]
    start, end = max((start for start, _ in near), default=0.0), min((end for _, end in near), default=0.0)
    if len(near) * 2 <= len(facts.metrics) or end - start < _ENDS.total_seconds():
        return []
    first, last = (clock(datetime.fromtimestamp(at, UTC), seconds=False) for at in (start, end))
    return [f"whatever else kept what happened between {first} and {last}, when hardly anything was measured"]


def _longest_pause(metric: Metric) -> tuple[float, float] | None:
    """From which point to which, where it is far longer than between its other points."""
    at = [moment for moment, _ in metric.points]
    steps = [(later - one, one, later) for one, later in pairwise(at)]
    if len(steps) < _STEPS:
        return None
    longest, start, end = max(steps)
    usual = median(step for step, _, _ in steps)
    return (start, end) if longest >= max(_LONGER * usual, _ENDS.total_seconds()) else None


def _against(facts: Facts) -> str:
    """The good news that contradicts the bad."""
    bad = trouble_signals(facts)
    good = [sign for sign in facts.signs_of("healthy", "strong") if not bad or sign.quote != bad[0].quote]
    if not bad or not good:
        return ""
    return f" Against it: {one_line(good[0].quote, _QUOTE).rstrip('.')}."


def _listed(wanted: list[str]) -> str:
    return wanted[0] if len(wanted) == 1 else f"{', '.join(wanted[:-1])} and {wanted[-1]}"
