"""A backlog that is taken away at once, round after round: between two rounds it grows, no higher than ever."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from agent_graph.analysts.rules.facts import Facts, Metric
from agent_graph.analysts.rules.finding import Finding
from agent_graph.analysts.rules.parts import name, trouble_signals
from agent_graph.analysts.rules.well.complaints import complains
from agent_graph.analysts.rules.well.reported import series_of
from agent_graph.wording import clock
from backend.investigation.kinds import Category

# Work that is done in batches; memory that falls again and again may be a process that ends again and again.
_ROLES = ("queue",)
_FALLS_TO, _ALIKE = 0.2, 0.6
# So much higher than ever, and so much later than ever, is not the same again.
_HIGHER, _LATER = 1.15, 1.2
_LEAST = 2


def each_round(facts: Facts, likely: Sequence[Category]) -> Finding | None:
    """All that the alerts are about rose as high some times before, fell to next to nothing each time, and is due."""
    told = [metric for alert in facts.case.alerts for metric in series_of(alert, facts)]
    rounds = {metric.line: falls for metric in told if (falls := _rounds(metric))}
    others = [cite for cite in trouble_signals(facts) if cite.quote not in {metric.cite().quote for metric in told}]
    if not told or len(rounds) < len({metric.line for metric in told}) or others or likely or complains(facts):
        return None
    falls = min(rounds.values(), key=len)
    pause = timedelta(seconds=max(later - one for one, later in pairwise(falls)))
    last = datetime.fromtimestamp(falls[-1], UTC)
    return Finding(
        category="healthy",
        statement=f"{name(facts)} works off in rounds what waits for it, about every {pause.total_seconds() / 60:.0f}"
        f" minutes: it was as high {len(falls)} times before and fell to next to nothing each time, last at"
        f" {clock(last, seconds=False)}.",
        supporting=[told[0].cite("as high before, and taken away each time")],
        strength="strong",
        disproof="Look at it when the next round is over: still as high would be an incident.",
    )


def _rounds(metric: Metric) -> list[float]:
    """When it fell, if it did so some times from about as high, and is neither higher nor later than then."""
    falls: list[float] = []
    top, highest = 0.0, metric.highest
    for at, value in metric.points:
        if value <= _FALLS_TO * top and top >= _ALIKE * highest:
            falls, top = [*falls, at], 0.0
        top = max(top, value)
    if metric.role not in _ROLES or len(falls) < _LEAST:
        return []
    longest = max(later - one for one, later in pairwise(falls))
    now = metric.points[-1][0]
    before = max(value for at, value in metric.points if at < falls[-1])
    return falls if top <= _HIGHER * before and now - falls[-1] <= _LATER * longest else []
