"""A share of failures that is high because hardly anything is asked: one request failed, and is served since."""

import re
from collections.abc import Sequence
from datetime import timedelta
from itertools import pairwise

from agent_graph.analysts.rules.facts import Facts, LogLine, Metric
from agent_graph.analysts.rules.finding import Finding
from agent_graph.analysts.rules.parts import name, said, says_nothing, trouble_signals
from agent_graph.analysts.rules.well.complaints import CALM, bad_lines, began
from agent_graph.analysts.rules.well.wellness import good_signs
from agent_graph.logs.requests import Request, request_of
from backend.investigation.kinds import Category

_SHARE = re.compile(r"ratio|rate|budget|burn|availability|\bsl[oi]\b|percent|%|share", re.IGNORECASE)
# A series called a rate may be one by the second.
_OF_ALL = re.compile(r"ratio|share|percent|budget|burn|\bsl[oi]\b|_sl[oi]_|availability", re.IGNORECASE)
_OF_FAILURES = re.compile(r"error|fail|5xx|success|availability|budget|\bsl[oi]\b|burn", re.IGNORECASE)
# So few requests that one of them is a share to be woken for, and so close belongs to it what is said of it.
_FEW, _TOGETHER = 40, timedelta(seconds=10)
# What checks of health do not ask.
_CHANGES = ("POST", "PUT", "PATCH", "DELETE")
# What one line may be taken for. Whatever was seen or measured is none of these alone.
_LOOKS_LIKE: frozenset[Category] = frozenset(
    {"dependency_failure", "app_crash", "config_error", "network_error", "permission_denied"}
)
_NO_TROUBLE = ("healthy", "trouble", "trouble_over", "on_time", "backup", "upkeep")


def one_of_few(facts: Facts, likely: Sequence[Category]) -> Finding | None:
    """All that is too high is a share, which one failed request of a handful is, and nothing else was said."""
    told = [f"{alert.name} {' '.join(alert.annotations.values())}" for alert in facts.case.alerts]
    if not told or not all(_SHARE.search(one) and _OF_FAILURES.search(one) for one in told):
        return None
    others = [s for s in facts.signs if s.category not in _NO_TROUBLE and s.weight != "weak"]
    shares = {metric.cite().quote: metric for metric in facts.metrics if _is_share(metric)}
    trouble, good = trouble_signals(facts), good_signs(facts)
    if others or set(likely) - _LOOKS_LIKE or not good or any(c.quote not in shares for c in trouble):
        return None
    failed, served = _failed(facts), _served(facts)
    highest = max((shares[c.quote].highest for c in trouble), default=0.0)
    if failed is None or not served or highest * _FEW < 1:
        return None
    return Finding(
        category="healthy",
        statement=f"{name(facts)} is asked so little that one request is {highest:.0%} of all: it failed once, as far"
        f" as is seen, and serves the same since: {said(failed, 240)}. An alert that asks for a least number of"
        " failures would not have fired.",
        supporting=[
            failed.cite("the only failure"),
            served[-1].cite("the same is served since"),
            *(c.model_copy(update={"note": "a share of very few"}) for c in trouble[:1]),
            *good[:3],
        ],
        strength="strong",
        disproof="Send the request that failed once more; failing for others, too, it would be an incident.",
    )


def _is_share(metric: Metric) -> bool:
    called = metric.name
    return metric.role in ("errors", "few_errors") and metric.highest <= 1 and _OF_ALL.search(called) is not None


def _rose_once(metric: Metric) -> bool:
    """A second failure would raise it once more."""
    return sum(after > before for (_, before), (_, after) in pairwise(metric.points)) <= 1


def _failed(facts: Facts) -> LogLine | None:
    """What is said of the one request that failed, where nothing else is complained of, here or around it."""
    bad = [line for line in bad_lines(facts) if line.is_error or not _tells_of_success(line)]
    requests = [line for line in bad if (one := request_of(line.text)) is not None and one.status >= 500]
    # Of many lines of requests only some are kept: then the one complaint stands for the one request.
    if not requests and all(_rose_once(metric) for metric in facts.metrics if _is_share(metric)):
        requests = [line for line in bad if line.is_error]
    if len({line.text for line in requests}) != 1 or requests[0].count > 1 or requests[0].at is None:
        return None
    at = requests[0].at
    if facts.case.now - at < CALM or any(line.at and abs(line.at - at) > _TOGETHER for line in bad):
        return None
    if any(line.is_error and line.at and line.at >= began(facts) for line in facts.around):
        return None
    return next((line for line in bad if line is not requests[0] and not says_nothing(line)), requests[0])


def _tells_of_success(line: LogLine) -> bool:
    request = request_of(line.text)
    return request is not None and request.status < 400


def _served(facts: Facts) -> list[LogLine]:
    """The same request, served since."""
    found = [(line, request_of(line.text)) for line in [*facts.lines, *facts.usual]]
    failed = next(((line, one) for line, one in found if one is not None and one.status >= 500), None)
    if failed is None:
        bad = [line.at for line in facts.lines if line.is_error and line.at]
        changing = [line for line, one in found if one and one.status < 400 and one.method in _CHANGES]
        return [line for line in changing if bad and line.at and line.at > max(bad)]
    at, asked = failed[0].at, failed[1]
    return [line for line, one in found if one and _same(one, asked) and line.at and at and line.at > at]


def _same(one: Request, asked: Request) -> bool:
    return one.status < 400 and one.method == asked.method and one.route == asked.route
