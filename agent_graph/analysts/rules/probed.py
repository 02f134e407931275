"""Somebody else's address that a check lost when the trouble began, and that a neighbour complains of by its name."""

import re
from collections.abc import Sequence
from datetime import timedelta

from agent_graph.analysts.rules.facts import Facts, LogLine, Sign
from agent_graph.analysts.rules.finding import Finding
from agent_graph.analysts.rules.parts import name, said
from agent_graph.sources.signs import aliases, belongs
from backend.redaction.clean import one_line

_PROBED = re.compile(r'[{,] ?(?:instance|target)="(?:\w+://)?([\w.-]+(?::\d+)?)')
_ASKED = ("up", "probe")
_NO_KIND = ("trouble", "trouble_over", "healthy")
# How long a name is that nothing else has.
_CHOSEN = 5
_BEFORE, _AFTER = timedelta(minutes=30), timedelta(minutes=5)


def probed_down(facts: Facts) -> Finding | None:
    """The target's users suffer from a party that it may not even know: two stand between, and one says so."""
    for sign in facts.signs_of("trouble", "strong"):
        found = _PROBED.search(sign.quote) if _in_time(sign, facts) else None
        if found is None or _own(found[1], facts):
            continue
        told = _complaint(found[1].split(":")[0], facts)
        if told is not None:
            return _of(found[1], sign, told, facts)
    return None


def answers_no_check(facts: Facts, lines: Sequence[LogLine]) -> list[Sign]:
    """Whoever is complained of does not answer its own check either; where nobody's check passes, it is the way."""
    asked = {metric.cite().quote: metric for metric in facts.metrics if metric.role in _ASKED}
    hosts = {found[1]: metric for quote, metric in asked.items() if (found := _PROBED.search(quote))}
    away = {host: metric for host, metric in hosts.items() if not metric.last and not _own(host, facts)}
    if len(away) > 1 and all(not metric.last for metric in hosts.values()):
        return []
    said_ = " ".join(line.text.lower() for line in lines)
    quotes = {metric.cite().quote for host, metric in away.items() if _is_named(host, said_)}
    return [s for s in facts.signs_of("trouble", "strong") if s.cite().quote in quotes]


def _is_named(host: str, text: str) -> bool:
    """By its whole name, or by the one word of it that somebody chose: api.acme-pay.example is acme-pay."""
    whole = host.split(":")[0].lower()
    chosen = whole.split(".")[-2:][0]
    return whole in text or (
        len(chosen) >= _CHOSEN and re.search(rf"(?<![\w-]){re.escape(chosen)}(?![\w-])", text) is not None
    )


def _of(address: str, sign: Sign, told: LogLine, facts: Facts) -> Finding:
    who = f"{told.speaker} says" if told.speaker else "it is said"
    return Finding(
        category="dependency_failure",
        statement=f"{name(facts)} suffers from {address}, {_state(sign, facts)}; {who}: {said(told, 300)}.",
        supporting=[sign.cite("another's, and not as it should be"), told.cite("who complains of it")],
        strength="strong",
        onset=sign.at,
        disproof=f"Look at {address}: if it is well while {name(facts)} still fails, it is not the cause.",
        explains=frozenset({"app_crash", "network_error"}),
        rooted=True,
    )


def _state(sign: Sign, facts: Facts) -> str:
    """Only who does not answer has not answered; of the rest, what was measured of it."""
    since = f"since {sign.at:%H:%M} UTC"
    asked = [metric for metric in facts.metrics if metric.role in _ASKED and metric.cite().quote == sign.quote[:400]]
    alike = [s.means for s in facts.signs if s.quote == sign.quote and s.category not in _NO_KIND and s.means]
    told = [*alike, sign.quote][0]
    return f"which has not answered {since}" if asked else f"where {since} {one_line(told, 300)}"


def _in_time(sign: Sign, facts: Facts) -> bool:
    began = facts.case.started_at
    return sign.at is not None and sign.source == "prometheus" and began - _BEFORE <= sign.at <= began + _AFTER


def _own(address: str, facts: Facts) -> bool:
    """Is it the target's own, by its name, by its alert, or by what our monitor asks?"""
    host = address.split(":")[0]
    alerted = [alert.labels.get("instance", "") for alert in facts.case.alerts]
    asked = " ".join(facts.monitor.lines[:3]) if facts.monitor is not None else ""
    known = aliases(facts.case)
    parts = [host, *host.split(".")[:2]]
    return any(belongs(part, known) for part in parts) or any(
        host in one for one in [*alerted, facts.case.title, asked]
    )


def _complaint(host: str, facts: Facts) -> LogLine | None:
    lines = [line for line in [*facts.around, *facts.lines] if host.lower() in line.text.lower()]
    return next((line for line in lines if line.is_bad), None)
