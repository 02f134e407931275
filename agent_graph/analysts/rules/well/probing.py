"""Checks that measure the wrong thing: the prober has trouble of its own, or asks in a way that no user does."""

import re
from datetime import timedelta

from agent_graph.analysts.rules.facts import Facts, LogLine
from agent_graph.analysts.rules.finding import Finding
from agent_graph.analysts.rules.parts import name, said, trouble_signals
from agent_graph.analysts.rules.well.complaints import CALM, CALM_LINES, complains
from agent_graph.logs.requests import request_of
from backend.investigation.kinds import Citation

# Errors of whoever asks, not of whom it asks: a domain that is gone is answered with NXDOMAIN, not with "try again".
_PROBERS = re.compile(
    r"EAI_AGAIN|temporary failure in name resolution|ENETUNREACH|network is unreachable", re.IGNORECASE
)
# Asking whether a machine answers echoes, which nobody needs who uses it; and what lets them through or not.
_ECHO = re.compile(r"icmp|\bping|packets? transmitted|packet loss", re.IGNORECASE)
_GATE = re.compile(
    r"icmp|\bping|firewall|security.?group|\bsg-|\bacl\b|ip6?tables|nftables|\bnft\b|ingress|harden|\brules?\b",
    re.IGNORECASE,
)
_BEFORE, _AFTER = timedelta(minutes=30), timedelta(minutes=2)


def probers_own(facts: Facts) -> Finding | None:
    """Our check could not even ask (its resolver, its network), while the target goes on serving others."""
    monitor = facts.monitor
    failure = monitor.find(_PROBERS) if monitor is not None and monitor.down else None
    if failure is None or monitor is None or (facts.containers and facts.target and not facts.target.running):
        return None
    served = _served(facts)
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


def only_echoes(facts: Facts) -> Finding | None:
    """Nothing but echoes go unanswered, while requests of users, or checks that ask as they do, are served."""
    failing = trouble_signals(facts)
    served = [line.cite("it serves meanwhile") for line in _served(facts)[-1:]]
    asked = [
        s for s in facts.signs_of("healthy", "strong") if s.source != "monitor_history" and not _ECHO.search(s.quote)
    ]
    answered = [s.cite("answers when asked as users ask") for s in asked if re.match(r"probe_|http|up\{", s.quote)]
    echoes = failing and all(_ECHO.search(signal.quote) or _by_echo(facts, signal) for signal in failing)
    if not echoes or not answered or not (served or len(answered) > 1) or complains(facts):
        return None
    gates = [line for line in facts.changes if _GATE.search(line.text) and _near(facts, line)]
    why = f" Just before: {said(gates[-1], 240)}." if gates else ""
    return Finding(
        category="healthy",
        statement=f"{name(facts)} answers no pings and goes on serving: the check measures what no user needs.{why}",
        supporting=[
            failing[0],
            *(gate.cite("what may keep the echoes back") for gate in gates[-1:]),
            *served,
            *answered[:3],
        ],
        strength="strong",
        disproof="Ask for a page from outside: no answer there, too, would be an incident.",
    )


def _served(facts: Facts) -> list[LogLine]:
    """What it has just done for somebody, where it has done enough of it."""
    last = [line for line in [*facts.usual, *facts.lines] if line.at is not None and line.at >= facts.case.now - CALM]
    good = [line for line in last if line.level == "info" or ((one := request_of(line.text)) and one.status < 400)]
    good.sort(key=lambda line: line.at or facts.case.now)
    return good if len(good) >= CALM_LINES else []


def _by_echo(facts: Facts, signal: Citation) -> bool:
    """Is it a failure of our own check, and does that only ping?"""
    watched = facts.case.monitor
    own = facts.monitor is not None and signal.evidence == facts.monitor.evidence
    return own and watched is not None and watched.type.lower() in ("ping", "icmp")


def _near(facts: Facts, line: LogLine) -> bool:
    since = (
        facts.monitor.down_since if facts.monitor is not None and facts.monitor.down_since else facts.case.started_at
    )
    return line.at is not None and since - _BEFORE <= line.at <= since + _AFTER
