"""A registered drill puts a fault on the way to the target: the way breaks, and what is done goes on as ever."""

import re
from collections.abc import Sequence
from datetime import datetime

from agent_graph.analysts.rules.facts import Facts, LogLine
from agent_graph.analysts.rules.finding import Finding
from agent_graph.analysts.rules.parts import name, said, trouble_signals
from agent_graph.analysts.rules.ranking import ROLLED_OUT
from agent_graph.analysts.rules.well.drilled_pods import goes_on
from agent_graph.analysts.rules.well.drills import DRILL, is_here
from agent_graph.analysts.rules.well.hours import began_in_force
from backend.investigation.kinds import Category, Citation

# What a drill does to a way, as people register it.
_FAULT = re.compile(
    r"latenc|\bdelay|\bslow|partition|packet|\bloss\b|black-?hole|isolat|disconnect|unplug|\bcut\b|network|\blinks?\b"
    r"|\binject|\btime-?outs?\b|sever|unreachable|\bDNS\b",
    re.IGNORECASE,
)
_LOOKS_LIKE: frozenset[Category] = frozenset({"network_error", "dependency_failure", "probe_failure", "dns_failure"})
# What may be measured to be wrong where a way is: whoever fails its users tells it by its errors.
_OF_THE_WAY = ("partition", "breaker", "latency", "network")
_USERS = ("queue", "latency", "errors", "few_errors", "success")
_TOOL = re.compile(r"\bchaos|fault[- ]?inject|\binject(?:ed|ing)?\b|gremlin|litmus|toxiproxy", re.IGNORECASE)
_MADE_BY_IT = ("healthy", "trouble", "trouble_over", "planned", "bad_deploy", "other_down")


def fault_as_drilled(facts: Facts, likely: Sequence[Category]) -> Finding | None:
    """A drill of this place is on that says which way it breaks, it began in its hours, and nobody is served worse."""
    plan = next((c for c in reversed(facts.changes) if _is_plan(c) and is_here(c, facts)), None)
    hours = began_in_force(plan, facts) if plan is not None else None
    if plan is None or hours is None or facts.matching_levels("fatal"):
        return None
    deployed = [s for s in facts.signs_of("bad_deploy") if s.at is None or s.at >= hours - ROLLED_OUT]
    if set(likely) - _LOOKS_LIKE - (set() if deployed else {"bad_deploy"}):
        return None
    wrong = trouble_signals(facts)
    served = _served(facts, {cite.quote for cite in wrong})
    if not served or not _only_the_way(facts, wrong, hours):
        return None
    tool = [line for line in [*facts.around, *facts.lines] if _TOOL.search(line.text) and line.at and line.at >= hours]
    return Finding(
        category="healthy",
        statement=f"{name(facts)} meets the fault that a registered drill makes on purpose, and what it does goes on:"
        f" {said(plan, 300)}.",
        supporting=[
            plan.cite("the drill was registered"),
            *wrong[:2],
            *(line.cite("the drill at work") for line in tool[:1]),
            *served[:3],
        ],
        strength="strong",
        disproof="Look again when the registered hours are over, and at who uses it: failing then, it is one.",
    )


def _only_the_way(facts: Facts, wrong: Sequence[Citation], since: datetime) -> bool:
    """Is all that is wrong of a way, and was none of it before these hours?"""
    of_the_way = [metric for metric in facts.metrics if metric.role in _OF_THE_WAY]
    known = {metric.cite().quote for metric in of_the_way}
    felt = [s for s in facts.signs if s.weight != "weak" and s.category not in (*_LOOKS_LIKE, *_MADE_BY_IT)]
    before = any(metric.change_at and metric.change_at < since for metric in of_the_way)
    return not felt and not before and all(cite.quote in known for cite in wrong)


def _is_plan(change: LogLine) -> bool:
    return DRILL.search(change.message) is not None and _FAULT.search(change.message) is not None


def _served(facts: Facts, wrong: set[str]) -> list[Citation]:
    """What is measured of those who use it, and is as before: work that goes on, or what grows where it does not."""
    quiet = {s.quote for s in facts.signs_of("healthy", "strong") if s.source == "prometheus"} - wrong
    as_before = [m for m in facts.metrics if m.role in _USERS and m.cite().quote in {q[:400] for q in quiet}]
    return [m.cite("as before") for m in [*filter(goes_on, facts.metrics), *as_before]]
