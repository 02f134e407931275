"""Refused at a port that was written into its settings just before: nobody is down, it asks at the wrong door."""

import re
from datetime import timedelta

from agent_graph.analysts.rules.facts import Facts, LogLine
from agent_graph.analysts.rules.finding import Finding
from agent_graph.analysts.rules.parts import first_at, log_citations, name, said, trouble_signals
from backend.investigation.kinds import Category

# Refused, and not left waiting: whoever has that address is there, and nobody of it listens at that port.
_REFUSED = re.compile(r"\brefused\b|ECONNREFUSED", re.IGNORECASE)
_PORT = re.compile(
    r"(?<![\w.:-])(?:[a-zA-Z][\w.-]{0,80}|\d{1,3}(?:\.\d{1,3}){3}|\[[0-9a-f:]+\]):(\d{2,5})(?!\w|[:.]\w)"
)
# Who shuts a port is another matter than who asks at the wrong one.
_SHUT = re.compile(
    r"firewall|iptables|nftables|security.?group|polic(?:y|ies)\b|\bacls?\b|\bdeny|\bblock|\bclose[sd]?\b|\bdrops?\b"
    r"|harden|restart|stop(?:ped)?\b|drain|remov",
    re.IGNORECASE,
)
_BEFORE, _SLACK = timedelta(minutes=15), timedelta(minutes=1)
_SYMPTOMS: frozenset[Category] = frozenset(
    {"dependency_failure", "network_error", "app_crash", "restart_loop", "probe_failure", "connection_exhaustion"}
)


def new_port(facts: Facts) -> Finding | None:
    """It is refused at one port, from just after a change that names that port, and nobody around it is down."""
    lines = [line for line in facts.matching(_REFUSED, any_level=True) if line.at is not None and _ports(line)]
    began, signals = first_at(lines), trouble_signals(facts)
    if began is None or not signals or _somebody_is_down(facts):
        return None
    near = [c for c in facts.changes if c.at and began - _BEFORE <= c.at <= began + _SLACK]
    for change in near[::-1]:
        of_it = [line for line in lines if any(_means(change, port, facts) for port in _ports(line))]
        if of_it and not _SHUT.search(change.message):
            return _asked_there(facts, change, of_it)
    return None


def _asked_there(facts: Facts, change: LogLine, lines: list[LogLine]) -> Finding:
    port = next(port for port in _ports(lines[0]) if _means(change, port, facts))
    return Finding(
        category="config_error",
        statement=f"{name(facts)} is refused at port {port}, where nobody listens: {said(lines[0])}. The port was named"
        f" by a change just before: {said(change, 300)}.",
        supporting=[
            lines[0].cite("refused there"),
            change.cite("it names that port"),
            *log_citations(lines)[1:],
            *trouble_signals(facts)[:3],
        ],
        strength="strong",
        onset=first_at(lines),
        explains=_SYMPTOMS,
        rooted=True,
        disproof=f"Ask who listens at port {port} there (ss -ltn): somebody does, and the change is not to blame.",
    )


def _ports(line: LogLine) -> list[str]:
    return _PORT.findall(line.message)


def _means(change: LogLine, port: str, facts: Facts) -> bool:
    """Is it what was set, or at least named where others are seen to run? A number of a version or address is none."""
    named = rf"(?<![\d.]){port}(?![\d.]*\d)"
    if re.search(rf"(?:->|→|=>|\bto\b)[^,;\n]{{0,60}}?{named}", change.message):
        return True
    return re.search(named, change.message) is not None and _others_run(facts)


def _others_run(facts: Facts) -> bool:
    others = [c.data.get("status") for c in facts.containers if not c.data.get("of_target")]
    siblings = [state for c in facts.containers for state in (c.data.get("siblings") or {}).values()]
    return "running" in (*others, *siblings)


def _somebody_is_down(facts: Facts) -> bool:
    """Who is down listens nowhere, and that is why."""
    others = [c for c in facts.containers if not c.data.get("of_target")]
    siblings = [state for c in facts.containers for state in (c.data.get("siblings") or {}).values()]
    away = any(state in ("restarting", "dead", "paused") for state in siblings)
    return away or bool(facts.signs_of("other_down")) or any(not c.running and not c.finished for c in others)
