"""Checks that measure the wrong thing: the prober has trouble of its own, or asks in a way that no user does."""

import re

from agent_graph.analysts.rules.complaints import CALM, CALM_LINES, complains
from agent_graph.analysts.rules.facts import Facts
from agent_graph.analysts.rules.finding import Finding
from agent_graph.analysts.rules.parts import name

# Errors of whoever asks, not of whom it asks: a domain that is gone is answered with NXDOMAIN, not with "try again".
_PROBERS = re.compile(
    r"EAI_AGAIN|temporary failure in name resolution|ENETUNREACH|network is unreachable", re.IGNORECASE
)


def probers_own(facts: Facts) -> Finding | None:
    """Our check could not even ask (its resolver, its network), while the target goes on serving others."""
    monitor = facts.monitor
    failure = monitor.find(_PROBERS) if monitor is not None and monitor.down else None
    if failure is None or monitor is None or (facts.containers and facts.target and not facts.target.running):
        return None
    since = facts.case.now - CALM
    served = [line for line in facts.lines if line.level == "info" and line.at is not None and line.at >= since]
    good = [s.cite("as it should be") for s in facts.signs_of("healthy", "strong") if s.source != "monitor_history"]
    elsewhere = [s for s in facts.signs_of("trouble", "strong")]
    if elsewhere or len(served) < CALM_LINES or len(good) < 1 or complains(facts):
        return None
    return Finding(
        category="healthy",
        statement=f"{name(facts)} goes on serving; the prober itself cannot resolve names or reach the network.",
        supporting=[failure, served[-1].cite("it serves meanwhile"), *good[:2]],
        strength="strong",
        disproof="Check it from another location: failing there, too, would disprove it.",
    )
