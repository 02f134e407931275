"""A proxy that gives up sooner than the work takes: the work takes as long as ever, and the proxy was set anew."""

import re
from datetime import timedelta

from agent_graph.analysts.rules.change_kinds import is_setting
from agent_graph.analysts.rules.facts import Facts, LogLine, Metric
from agent_graph.analysts.rules.finding import Finding
from agent_graph.analysts.rules.parts import first_at, log_citations, name, said, trouble_signals
from backend.investigation.kinds import Category

# Who stands in front and did not wait for the answer.
_GAVE_UP = re.compile(
    r"upstream timed out|upstream request timeout|upstream response timeout|\" 504 UT\b|response_timeout"
    r"|\"(?:response_flags|flags)\": ?\"UT\"|\b504 Gateway Time-?out|\bsH-- |Backend fetch failed|first byte timeout",
    re.IGNORECASE,
)
_STATUS = re.compile(r"(?<![\d.])(?<!\d:)504(?![\d.:])")
_IN_FRONT = re.compile(
    r"ingress|nginx|envoy|haproxy|traefik|prox(?:y|ies)|gateway|load.?balanc|varnish|\bcdn\b|\bmesh\b|\bistio",
    re.IGNORECASE,
)
_BEFORE, _SLACK = timedelta(minutes=12), timedelta(minutes=1)
_SYMPTOMS: frozenset[Category] = frozenset({"network_error", "dependency_failure", "bad_deploy", "slow_query"})
_MEASURED = re.compile(r"ingress|nginx|envoy|haproxy|traefik|istio|proxy|gateway", re.IGNORECASE)


def out_of_patience(facts: Facts) -> Finding | None:
    """Time-outs in front from just after a change there, and the work itself is measured to take no longer."""
    lines = [line for line in [*facts.lines, *facts.around] if _gave_up(line)]
    began, steady = first_at(lines), _as_long_as_ever(facts)
    signals = trouble_signals(facts)
    if began is None or steady is None or not (signals or facts.case.firing):
        return None
    near = [c for c in facts.changes if c.at and began - _BEFORE <= c.at <= began + _SLACK]
    set_anew = [c for c in near if is_setting(c.message) and _IN_FRONT.search(_of(c))]
    if not set_anew:
        return None
    return Finding(
        category="config_error",
        statement=f"{name(facts)} takes no longer than before, and who stands in front of it no longer waits for it:"
        f" {said(lines[0], 240)}. Set anew just before: {said(set_anew[-1], 240)}.",
        supporting=[
            lines[0].cite("who gave up"),
            set_anew[-1].cite("just before the first"),
            steady.cite("the work takes as long as ever"),
            *log_citations(lines)[1:],
            *signals[:2],
        ],
        strength="strong",
        onset=began,
        explains=_SYMPTOMS,
        rooted=True,
        disproof="Compare how long it waits now and waited before: no less would rule it out.",
    )


def _gave_up(line: LogLine) -> bool:
    """Who writes each request down for information says by its status that it failed."""
    return _GAVE_UP.search(line.text) is not None and (line.complains or _STATUS.search(line.text) is not None)


def _of(change: LogLine) -> str:
    """To what it was done; what it says besides may name anybody."""
    return change.message.partition(": ")[0]


def _as_long_as_ever(facts: Facts) -> Metric | None:
    """How long the work takes, measured where it is done: not by whoever stands in front and cuts it off."""
    unchanged = {s.cite().quote for s in facts.signs_of("healthy", "strong") if s.source == "prometheus"}
    latency = [m for m in facts.metrics if m.role == "latency" and not _MEASURED.search(m.name)]
    return next((m for m in latency if m.cite().quote in unchanged), None)
