"""Checks that measure the wrong thing: the prober has trouble of its own, or asks in a way that no user does."""

import re
from collections.abc import Sequence
from datetime import timedelta
from statistics import median

from agent_graph.analysts.rules.facts import Facts, LogLine, Metric
from agent_graph.analysts.rules.finding import Finding
from agent_graph.analysts.rules.parts import name, said, trouble_signals
from agent_graph.analysts.rules.well.complaints import CALM, CALM_LINES, complains
from agent_graph.logs.requests import request_of
from agent_graph.sources.signs import aliases, belongs
from backend.investigation.kinds import Category, Citation

# Errors of whoever asks, or of the zone that is asked for, whose servers fail: then nobody finds the target. Only those
# who are served meanwhile tell the one from the other.
_PROBERS = re.compile(
    r"EAI_AGAIN|temporary failure in name resolution|ENETUNREACH|network is unreachable", re.IGNORECASE
)
# Who finds names for whoever asks, on the machine that asks.
_RESOLVERS = re.compile(
    r"dnsmasq|unbound|pi-?hole|resolved|\bnamed\b|\bbind9?\b|adguard|stubby|dnscrypt|recursor|nscd", re.I
)
_UNRESOLVED = re.compile(r"EAI_AGAIN|temporary failure in name resolution", re.IGNORECASE)
# Asking whether a machine answers echoes, which nobody needs who uses it: how series are called that measure it, and
# what such a check prints (a path may be called /ping, too); and what lets echoes through or not.
_ECHO_SERIES = re.compile(
    r"^(?:smoke)?ping_\w+\{|^icmp_\w+\{|\b(?:job|module|prober)=\"(?:[^\"]*icmp|blackbox[-_]ping\")", re.IGNORECASE
)
_ECHO_CHECK = re.compile(r"\bicmp\b|packets? transmitted|packet loss|echo re(?:quest|ply)", re.IGNORECASE)
_GATE = re.compile(
    r"icmp|\bping|firewall|security.?group|\bsg-|\bacl\b|ip6?tables|nftables|\bnft\b|ingress|harden|\brules?\b",
    re.IGNORECASE,
)
_BEFORE, _AFTER, _LEAST = timedelta(minutes=30), timedelta(minutes=2), 3
# No way leads out of where it is asked from; and how much less may be asked while all who ask still come through.
_NO_WAY = re.compile(r"ENETUNREACH|network is unreachable", re.IGNORECASE)
_ASKED, _HARDLY_LESS = re.compile(r"request|response|hits|by_client|sessions", re.IGNORECASE), 0.8


def probers_own(facts: Facts, likely: Sequence[Category] = ()) -> Finding | None:
    """Our check could not even ask (its resolver, its network), while the target goes on serving others."""
    if "config_error" in likely and not _is_its_resolvers(facts):
        return None
    monitor = facts.monitor
    failure = monitor.find(_PROBERS) if monitor is not None and monitor.down else None
    if failure is None or monitor is None or (facts.containers and facts.target and not facts.target.running):
        return None
    served, passed = served_lines(facts), _passes_meanwhile(facts)
    good = [s.cite("as it should be") for s in facts.signs_of("healthy", "strong") if s.source != "monitor_history"]
    elsewhere = [s for s in facts.signs_of("trouble", "strong")]
    own = [line for line in facts.lines if line.is_bad and passed and line.speaker in _probers(facts)]
    if elsewhere or not (len(served) >= CALM_LINES or passed) or len(good) < 1 or complains(facts, aside=own):
        return None
    words = sorted((line for line in own if line.is_error), key=lambda line: line.at or facts.case.now)
    words = words or (
        [line for line in facts.lines if line.is_bad and _RESOLVERS.search(line.speaker)] if likely else []
    )
    meanwhile = f" Checks pass meanwhile ({passed})." if passed and not served else ""
    return Finding(
        category="healthy",
        statement=f"{name(facts)} goes on serving; the prober itself cannot resolve names or reach the network."
        + meanwhile
        + (f" It says so: {said(words[0], 200)}." if words else ""),
        supporting=[
            failure,
            *(line.cite("it serves meanwhile") for line in served[-1:]),
            *(line.cite("the prober's own words") for line in words[:2]),
            *good[:2],
        ],
        strength="strong",
        disproof="Check it from another location: failing there, too, would disprove it.",
    )


def _is_its_resolvers(facts: Facts) -> bool:
    """Does nobody complain but who asks, of names that nobody finds, and a resolver that serves the target no page?"""
    failed = facts.monitor.cite_failure() if facts.monitor is not None else None
    complaining = {line.speaker for line in facts.lines if line.is_bad} - _probers(facts)
    own = complaining and all(_RESOLVERS.search(who) and not belongs(who, aliases(facts.case)) for who in complaining)
    return bool(own) and failed is not None and _UNRESOLVED.search(failed.quote) is not None


def _passes_meanwhile(facts: Facts) -> int:
    """How many checks passed since the first of now failed: no fewer than failed, and users ask as ever and are served.

    Names that are found now and then are found by nobody else either; that no way leads out is only so where one is.
    """
    monitor = facts.case.monitor
    checks = sorted(monitor.checks, key=lambda check: check.at) if monitor is not None else []
    failed = [check for check in checks if check.status == "down"]
    if len(failed) < _LEAST or not all(_NO_WAY.search(check.error or "") for check in failed):
        return 0
    passed = sum(check.status == "up" and check.at > failed[0].at for check in checks)
    well = {sign.cite().quote for sign in facts.signs_of("healthy", "strong")}
    counted = any(m.role in ("few_errors", "success") and m.cite().quote in well for m in facts.metrics)
    asked = [metric for metric in facts.metrics if _ASKED.search(metric.name)]
    return passed if counted and passed >= len(failed) and all(map(_as_ever, asked)) else 0


def _as_ever(metric: Metric) -> bool:
    """Is it no less, since a while, than it was?"""
    values = [value for _, value in metric.points]
    third = max(1, len(values) // 3)
    return median(values[-third:]) >= _HARDLY_LESS * median(values[:third])


def _probers(facts: Facts) -> set[str]:
    """Who says that it cannot ask, and serves nothing itself."""
    asking = {line.speaker for line in facts.lines if line.speaker and _PROBERS.search(line.text)}
    serving = {line.speaker for line in [*facts.lines, *facts.usual] if request_of(line.text) is not None}
    return asking - serving


def only_echoes(facts: Facts) -> Finding | None:
    """Nothing but echoes go unanswered, while requests of users, or checks that ask as they do, are served."""
    failing = trouble_signals(facts)
    served = [line.cite("it serves meanwhile") for line in served_lines(facts)[-1:]]
    asked = [
        s
        for s in facts.signs_of("healthy", "strong")
        if s.source != "monitor_history" and not _ECHO_SERIES.search(s.quote)
    ]
    answered = [s.cite("answers when asked as users ask") for s in asked if re.match(r"probe_|http|up\{", s.quote)]
    echoes = failing and all(_by_echo(facts, signal) for signal in failing)
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


def served_lines(facts: Facts) -> list[LogLine]:
    """The requests of others that it has just served, where they are enough. That it goes on talking serves nobody."""
    last = [line for line in [*facts.usual, *facts.lines] if line.at is not None and line.at >= facts.case.now - CALM]
    asked = [(line, request_of(line.text)) for line in last]
    good = [line for line, one in asked if one is not None and one.status < 400 and not one.by_program]
    good.sort(key=lambda line: line.at or facts.case.now)
    return good if len(good) >= CALM_LINES else []


def _by_echo(facts: Facts, signal: Citation) -> bool:
    """Is it a series of echoes, or a failure of our own check, which only pings?"""
    watched = facts.case.monitor
    if facts.monitor is None or signal.evidence != facts.monitor.evidence:
        return _ECHO_SERIES.search(signal.quote) is not None
    pings = watched is not None and watched.type.lower() in ("ping", "icmp")
    return pings or _ECHO_CHECK.search(signal.quote) is not None


def _near(facts: Facts, line: LogLine) -> bool:
    since = (
        facts.monitor.down_since if facts.monitor is not None and facts.monitor.down_since else facts.case.started_at
    )
    return line.at is not None and since - _BEFORE <= line.at <= since + _AFTER
