"""Work that its scheduler registered uses all the CPU that it is given, and gets on: what waits for nobody may."""

import re
from collections.abc import Sequence
from datetime import datetime, timedelta

from agent_graph.analysts.rules.facts import Facts, LogLine, Metric
from agent_graph.analysts.rules.finding import Finding
from agent_graph.analysts.rules.parts import name, said, trouble_signals
from agent_graph.analysts.rules.well.complaints import complains
from agent_graph.analysts.rules.well.wellness import good_signs
from agent_graph.sources.signs import aliases, belongs
from backend.investigation.kinds import Category

_RUN = re.compile(r"^\S*(?:job|cron|schedul|batch|pipeline)\S* ", re.IGNORECASE)
_BEGUN = re.compile(r"queued|start|begin|began|launch|trigger|submitted|running|accepted", re.IGNORECASE)
_URGENT = ("critical", "page", "high", "emergency", "p1")
_NO_TROUBLE = ("healthy", "trouble", "trouble_over", "cpu_throttling", "planned", "bad_deploy")
_EARLY, _NEAR, _LASTS = timedelta(minutes=10), timedelta(minutes=3), timedelta(hours=12)
# Work gets on where as much of it is done now as at most, or nearly.
_STEADY, _RECENT = 0.6, 5


def busy_with_its_run(facts: Facts, likely: Sequence[Category]) -> Finding | None:
    """It is throttled since its registered run began, ready, and asked by nobody; what the run does gets on."""
    held = [metric for metric in facts.metrics if metric.role == "cpu_throttled" and metric.change_at is not None]
    since = min((metric.change_at for metric in held if metric.change_at), default=None)
    run = _run(facts, since) if since is not None else None
    if run is None or since is None or set(likely) - {"cpu_throttling"} or facts.requests or _urgent(facts):
        return None
    elsewhere = [signal for signal in trouble_signals(facts) if not any(signal.quote in m.line for m in held)]
    others = [s for s in facts.signs if s.category not in _NO_TROUBLE and s.weight != "weak"]
    done = [metric for metric in facts.metrics if _gets_on(metric, since, facts)]
    ready = [cite for cite in good_signs(facts) if not any(cite.quote in m.line for m in held)]
    if elsewhere or others or not done or not ready or complains(facts):
        return None
    return Finding(
        category="healthy",
        statement=f"{name(facts)} uses all the CPU that it is given for the run that was registered, and gets on:"
        f" {said(run, 240)}; {done[0].line[:200]}.",
        supporting=[
            run.cite("the run was registered"),
            held[0].cite("held back by its limit since"),
            done[0].cite("it gets on"),
            *ready[:3],
        ],
        strength="strong",
        disproof="Compare with how long the last runs took: past its deadline it would be an incident.",
    )


def _run(facts: Facts, since: datetime) -> LogLine | None:
    """The target's own, registered as it began to be held back."""
    known = aliases(facts.case)
    for change in reversed(facts.changes):
        head, _, summary = change.message.partition(": ")
        parts = [part for part in re.split(r"[/\s,@]+", head.partition(" ")[2]) if part]
        ours = any(belongs(part, known) for part in parts)
        in_time = change.at is not None and -_NEAR <= since - change.at <= _EARLY
        lasts = change.at is not None and facts.case.now - change.at <= _LASTS
        if ours and in_time and lasts and _RUN.search(change.message) and _BEGUN.search(summary):
            return change
    return None


def _urgent(facts: Facts) -> bool:
    return any(alert.labels.get("severity", "").lower() in _URGENT for alert in facts.case.alerts)


def _gets_on(metric: Metric, since: datetime, facts: Facts) -> bool:
    """Is it work of the target that came with the run, and goes on?"""
    at, values = metric.change_at, [value for _, value in metric.points[-_RECENT:]]
    ours = any(belongs(value, aliases(facts.case)) for value in metric.labels.values())
    came = metric.role == "other" and at is not None and abs(at - since) <= _NEAR
    return came and ours and min(values) >= _STEADY * metric.highest > 0
