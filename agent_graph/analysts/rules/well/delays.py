"""A replica that is behind because it was told to be: as far as the delay that was set, and no further."""

import re

from agent_graph.analysts.rules.facts import Facts, Metric
from agent_graph.analysts.rules.finding import Finding
from agent_graph.analysts.rules.parts import name, said, trouble_signals
from agent_graph.analysts.rules.well.complaints import complains
from agent_graph.analysts.rules.well.wellness import good_signs
from backend.investigation.kinds import Citation

# How servers call the delay that they keep.
_DELAY = re.compile(
    r"(?:sql_delay|source_delay|master_delay|min_apply_delay|(?:secondary|slave)delay(?:secs)?|apply_delay|delayed?_seconds)"
    r"\W{1,4}(\d+) ?(ms|s|min|h|d)?\b",
    re.IGNORECASE,
)
_DELAYS = re.compile(r"delay", re.IGNORECASE)
_SECONDS = {"ms": 0.001, "s": 1.0, "min": 60.0, "h": 3600.0, "d": 86400.0}
_LEAST, _NEAR = 60.0, 0.1
_ABOUT_LAG = ("replication_lag", "healthy", "trouble", "trouble_over", "planned", "bad_deploy")


def behind_on_purpose(facts: Facts) -> Finding | None:
    """All that is wrong is a lag, it stands at the delay that was set, and replication runs."""
    lags = {m.cite().quote: m for m in facts.metrics if m.role == "replication_lag" and m.last >= _LEAST}
    signals = trouble_signals(facts)
    wrong = [lags[signal.quote] for signal in signals if signal.quote in lags] if signals else list(lags.values())
    stopped = any(s.category not in _ABOUT_LAG and s.weight != "weak" for s in facts.signs)
    if len(wrong) < len(signals) or stopped or complains(facts):
        return None
    set_to = [found for lag in wrong if (found := _set(facts, lag))] if wrong else _beyond(facts)
    if not set_to or len(set_to) < len(wrong):
        return None
    told = next((c for c in facts.changes if _DELAY.search(c.text) or "delayed" in c.text.lower()), None)
    why = f" ({said(told, 160)})" if told is not None else ""
    return Finding(
        category="healthy",
        statement=f"{name(facts)} is behind on purpose, by the delay that was set and no more{why}.",
        supporting=[
            *(lag.cite("stands at the delay") for lag in wrong[:1]),
            *set_to[:2],
            *([told.cite("who set it, and why")] if told else []),
            *good_signs(facts)[:2],
        ],
        strength="strong",
        disproof="Compare the lag with the delay again: more than the delay would be an incident.",
    )


def _set(facts: Facts, lag: Metric) -> Citation | None:
    """What says that the delay is as long as the lag: a setting that is measured, said in a log, or changed."""
    values = [value for _, value in lag.points]
    if max(values) - min(values) > 2 * _NEAR * max(values):
        return None
    for metric in facts.metrics:
        if metric is not lag and _DELAYS.search(metric.line.split("{")[0]) and _as_long(metric.last, lag.last):
            return metric.cite("the delay that was set")
    for line in [*facts.lines, *facts.changes]:
        found = _DELAY.search(line.text)
        if found and _as_long(float(found[1]) * _SECONDS[(found[2] or "s").lower()], lag.last):
            return line.cite("the delay that was set")
    return None


def _beyond(facts: Facts) -> list[Citation]:
    """The delay that is measured, where the lag that is left beyond it is none."""
    lags = [metric for metric in facts.metrics if metric.role == "replication_lag"]
    delays = [metric for metric in facts.metrics if _DELAYS.search(metric.line.split("{")[0]) and metric.last >= _LEAST]
    return [metric.cite("the delay that was set") for metric in delays] if lags else []


def _as_long(delay: float, lag: float) -> bool:
    return delay >= _LEAST and abs(lag - delay) <= _NEAR * delay
