"""A replica that is behind because it was told to be: as far as the delay that was set, and no further."""

import re
from collections.abc import Sequence

from agent_graph.analysts.rules.facts import Facts, Metric, Sign
from agent_graph.analysts.rules.finding import Finding
from agent_graph.analysts.rules.parts import name, said, trouble_signals
from agent_graph.analysts.rules.set_delays import SetDelay, set_delays
from agent_graph.analysts.rules.well.complaints import complains
from agent_graph.analysts.rules.well.wellness import good_signs
from backend.investigation.kinds import Citation

# What alerts about copies of a database speak of.
_COPIES = re.compile(r"repli[ck]|stand-?by|slave|secondary|follower|behind|\blag|(?-i:Lag)|\bdelayed", re.IGNORECASE)
_TOLD = re.compile(r"delayed (?:copy|replica|standby|secondary|slave|member)", re.IGNORECASE)
_INSTANCE = re.compile(r'\binstance="([^"]*)"')
# As a server's own state is written down.
_LATE = re.compile(r"^replication \S+: .{0,60}\blag (\d+) s\b")
_LEAST, _NEAR = 60.0, 0.1
_ABOUT_LAG = ("replication_lag", "healthy", "trouble", "trouble_over", "planned", "bad_deploy")


def behind_on_purpose(facts: Facts) -> Finding | None:
    """All that is wrong is a lag, it stands at the delay that was set, and replication runs."""
    delays = set_delays(facts) if _about_copies(facts) else []
    lags = {m.cite().quote: m for m in facts.metrics if m.role == "replication_lag" and m.last >= _LEAST}
    states = [found for sign in facts.signs_of("replication_lag") for found in _told_by_state(delays, sign)]
    by_state = {sign.quote for sign, _ in states}
    signals = [signal for signal in trouble_signals(facts) if signal.quote not in by_state]
    wrong = [lags[signal.quote] for signal in signals if signal.quote in lags] if signals else list(lags.values())
    stopped = any(s.category not in _ABOUT_LAG and s.weight != "weak" for s in facts.signs)
    if not delays or len(wrong) < len(signals) or stopped or complains(facts):
        return None
    set_to = [found for lag in wrong if (found := _set(delays, lag))] if wrong else _beyond(facts, delays)
    set_to = set_to or [quote for _, quote in states[:1] if not wrong]
    if not set_to or len(set_to) < len(wrong):
        return None
    quotes = {found.quote for found in set_to}
    told = next((c for c in facts.changes if c.cite().quote in quotes or _TOLD.search(c.text)), None)
    why = f" ({said(told, 160)})" if told is not None else ""
    return Finding(
        category="healthy",
        statement=f"{name(facts)} is behind on purpose, by the delay that was set and no more{why}.",
        supporting=[
            *(lag.cite("stands at the delay") for lag in wrong[:1]),
            *(sign.cite("stands at the delay") for sign, _ in states[:1]),
            *set_to[:2],
            *([told.cite("who set it, and why")] if told else []),
            *good_signs(facts)[:2],
        ],
        strength="strong",
        disproof="Compare the lag with the delay again: more than the delay would be an incident.",
    )


def _about_copies(facts: Facts) -> bool:
    said = [facts.case.title, *(alert.name for alert in facts.case.alerts)]
    said += [text for alert in facts.case.alerts for text in alert.annotations.values()]
    return _COPIES.search(" ".join(said)) is not None


def _set(delays: Sequence[SetDelay], lag: Metric) -> Citation | None:
    """What says that the delay is as long as the lag, of the same copy."""
    values = [value for _, value in lag.points]
    if max(values) - min(values) > 2 * _NEAR * max(values):
        return None
    return next((d.quote for d in delays if _of_the_same(d, lag) and _as_long(d.seconds, lag.last)), None)


def _told_by_state(delays: Sequence[SetDelay], sign: Sign) -> list[tuple[Sign, Citation]]:
    """Does the server itself say that it is late by as much as was set?"""
    late = _LATE.search(sign.quote)
    return [(sign, d.quote) for d in delays if late is not None and _as_long(d.seconds, float(late[1]))][:1]


def _beyond(facts: Facts, delays: Sequence[SetDelay]) -> list[Citation]:
    """The delay that was set, where the lag that is left beyond it is none."""
    lags = [metric for metric in facts.metrics if metric.role == "replication_lag"]
    return [delay.quote for delay in delays if delay.seconds >= _LEAST] if lags else []


def _of_the_same(delay: SetDelay, lag: Metric) -> bool:
    """Of two copies each has its own setting."""
    of = [set(_INSTANCE.findall(text)) for text in (delay.quote.quote, lag.line)]
    return of[0] == of[1] or not all(of)


def _as_long(delay: float, lag: float) -> bool:
    return delay >= _LEAST and abs(lag - delay) <= _NEAR * delay
