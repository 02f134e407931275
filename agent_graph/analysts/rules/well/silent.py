"""Telemetry that ended before the trouble began: good news from before it says nothing of it."""

from datetime import timedelta

from agent_graph.analysts.rules.facts import Facts

# Collectors are this late, and alerts fire some minutes after what they are about.
_LATE = timedelta(minutes=10)
# What goes on for as long as the target is watched.
_ALWAYS = ("up", "probe", "ready", "memory", "cpu")


def fell_silent(facts: Facts) -> bool:
    """Did both its log and what is always measured of it end well before it was reported, and not begin again?"""
    until = facts.case.started_at - _LATE
    watched = [metric for metric in facts.metrics if metric.role in _ALWAYS and metric.points]
    last = max((metric.points[-1][0] for metric in watched), default=None)
    heard = facts.heard_until
    return heard is not None and heard < until and last is not None and last < until.timestamp()
