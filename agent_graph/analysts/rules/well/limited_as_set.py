"""One caller asks for more than its plan allows and is told so; all others are served as ever."""

import re
from collections.abc import Sequence
from statistics import median

from agent_graph.analysts.rules.facts import Facts, LogLine, Metric
from agent_graph.analysts.rules.finding import Finding
from agent_graph.analysts.rules.parts import name, said, trouble_signals
from agent_graph.analysts.rules.well.complaints import complains
from backend.investigation.kinds import Category

_ABOUT = re.compile(r"429|too ?many ?requests|rate.?limit|throttl|4xx|client.?error", re.IGNORECASE)
_CODE = re.compile(r"code|status", re.IGNORECASE)
# By what callers are told apart, and in what words a limit is part of what was agreed with them.
_CALLER = re.compile(r"plan|tier|client|tenant|partner|consumer|customer|account|key|caller|user|org\w*", re.IGNORECASE)
_AGREED = re.compile(r"\b(?:plan|tier)[=: ]\S|trial|\bfree\b|sandbox|\blimit[=: ]\d+ ?(?:/|per)", re.IGNORECASE)
# What it asks of others: there it is the one that is limited.
_ASKS = re.compile(r"http_client|client_req|outgoing|outbound|upstream|egress|external", re.IGNORECASE)
_TOLD = re.compile(r"\b429\b")
_AS_EVER, _LEAST = 0.8, 5


def limited_as_set(facts: Facts, likely: Sequence[Category]) -> Finding | None:
    """All that is refused is one caller's, by an agreed limit, and nothing was changed."""
    about = " ".join(f"{alert.name} {' '.join(alert.annotations.values())}" for alert in facts.case.alerts)
    limited = [m for m in facts.metrics if _code(m) == "429" and m.last > 0 and not _ASKS.search(m.line)]
    callers = {caller for m in limited for caller in _callers(m)}
    if not all(map(_callers, limited)):
        # Whoever has no name is refused, too.
        return None
    if not _ABOUT.search(about) or not limited or set(likely) - {"rate_limited"} or facts.signs_of("bad_deploy"):
        return None
    told = [line for line in facts.lines if _TOLD.search(line.text)]
    agreed = [line for line in told if _AGREED.search(line.text)]
    lines = {m.cite().quote for m in limited}
    if not agreed or len(agreed) < len(told) or any(c.quote not in lines for c in trouble_signals(facts)):
        return None
    served = [m for m in facts.metrics if (_code(m) or "").startswith("2") and callers and not _callers(m) & callers]
    served = [m for m in served if _callers(m) and m.name == limited[0].name]
    if len(callers) > 1 or not served or not all(_as_ever(m) for m in served) or complains(facts, aside=told):
        return None
    return _finding(facts, limited[0], served[0], agreed[0])


def _finding(facts: Facts, limited: Metric, served: Metric, agreed: LogLine) -> Finding:
    who = next(iter(_callers(limited)))
    return Finding(
        category="healthy",
        statement=f"{name(facts)} limits one caller as it is set to ({who[0]} {who[1]}), and serves all others as ever:"
        f" {said(agreed, 200)}.",
        supporting=[limited.cite("all that is refused"), agreed.cite("the limit"), served.cite("others are served")],
        strength="strong",
        disproof="Ask whether that caller was promised more.",
    )


def _code(metric: Metric) -> str | None:
    return next((value for key, value in metric.labels.items() if _CODE.search(key)), None)


def _callers(metric: Metric) -> set[tuple[str, str]]:
    return {(key, value) for key, value in metric.labels.items() if _CALLER.fullmatch(key)}


def _as_ever(metric: Metric) -> bool:
    """Is as much of it served as at first?"""
    values = [value for _, value in metric.points]
    return len(values) >= 2 * _LEAST and median(values[-_LEAST:]) >= _AS_EVER * median(values[:_LEAST]) > 0
