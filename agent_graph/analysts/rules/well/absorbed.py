"""Attempts that fail and are made again with success: is what they are attempts at measured to go as well as before?"""

import re
from collections.abc import Sequence
from statistics import median

from agent_graph.analysts.rules.facts import Facts, LogLine, Metric
from agent_graph.analysts.rules.finding import Finding
from agent_graph.analysts.rules.parts import name, said, trouble_signals
from agent_graph.analysts.rules.well.complaints import bad_lines, began, complains
from agent_graph.analysts.rules.well.wellness import good_signs
from backend.investigation.kinds import Category

# What a line says of being one of several attempts, and not the last of them.
_ATTEMPT = re.compile(
    r"\b(?:attempt|try|retry|retries)\b\"?(?: ?(?:no\.?|number))?[ :=#]{1,3}\d+"
    r"|\bwill (?:be )?re-?tr(?:y|ied)|\bretrying\b",
    re.I,
)
_LAST = re.compile(
    r"giv(?:e|ing|en) up|exhausted|no more|final(?:ly)?\b|max(?:imum)? (?:attempts|retries)|(\d+) ?(?:/|of) ?\1\b", re.I
)
_OF_ATTEMPTS = re.compile(r"attempt|retr(?:y|ies)|_tr(?:y|ies)\b|_calls?[_:]", re.IGNORECASE)
_OF_FAILURES = re.compile(r"fail|error|5xx|refus|lost|dropp|unsuccess", re.IGNORECASE)
_OF_SUCCESS = re.compile(
    r"complet|succe|processed|authori[sz]ed|served|conversion|orders?_|throughput|2xx", re.IGNORECASE
)
# What is left of a budget for it, and what stops all attempts once too many fail.
_BUDGET, _BROKEN = (
    re.compile(r"budget|remaining", re.IGNORECASE),
    re.compile(r"state=\"(?:open|half_open)\"|circuit_?(?:open|breaker_open)", re.I),
)
_LOOKS_LIKE: frozenset[Category] = frozenset({"app_crash", "dependency_failure", "network_error", "rate_limited"})
# An attempt more takes its time: so much longer may it take. So few less may come to their end; so much must be left.
_LONGER, _FEWER, _LEFT = 3.0, 0.9, 0.3
_POINTS = 10


def absorbed(facts: Facts, likely: Sequence[Category]) -> Finding | None:
    """All complaints are of attempts, attempts alone are measured to fail, and no more fails of what they are for."""
    tried = [line for line in bad_lines(facts) if line.at and line.at >= began(facts) and _is_one_of_several(line)]
    if not tried or set(likely) - _LOOKS_LIKE or complains(facts, aside=tried):
        return None
    attempts = [m for m in facts.metrics if m.role == "errors" and _OF_ATTEMPTS.search(_called(m))]
    outcome = [m for m in facts.metrics if m not in attempts and _OF_FAILURES.search(_called(m))]
    done = [m for m in facts.metrics if m not in [*attempts, *outcome] and _OF_SUCCESS.search(_called(m))]
    if not attempts or not outcome or any(m.highest > 0 for m in outcome) or not done or not all(map(_as_often, done)):
        return None
    explained = {m.cite().quote for m in attempts}
    explained |= {m.cite().quote for m in facts.metrics if m.role == "latency" and _hardly_later(m)}
    if _is_used_up(facts) or any(signal.quote not in explained for signal in trouble_signals(facts)):
        return None
    return Finding(
        category="healthy",
        statement=f"{name(facts)} makes up for what fails: attempts fail more often than before"
        f" ({said(tried[-1], 200)}), are made again, and nothing more fails of what they are for: {outcome[0].line};"
        f" {done[0].line}.",
        supporting=[
            tried[-1].cite("one attempt"),
            attempts[0].cite("attempts fail"),
            outcome[0].cite("what they are for does not"),
            done[0].cite("as much is done as before"),
            *good_signs(facts)[:2],
        ],
        strength="strong",
        disproof="Look for one that failed at its last attempt: that user was told no.",
    )


def _called(metric: Metric) -> str:
    return metric.line.partition("{")[0]


def _is_one_of_several(line: LogLine) -> bool:
    return _ATTEMPT.search(line.text) is not None and _LAST.search(line.text) is None


def _halves(metric: Metric) -> tuple[float, float]:
    """As it was at first, and as it is at last."""
    values = [value for _, value in metric.points]
    some = max(2, len(values) // 6)
    return median(values[:some]), median(values[-some:])


def _as_often(metric: Metric) -> bool:
    before, since = _halves(metric)
    return len(metric.points) >= _POINTS and before > 0 and since >= _FEWER * before


def _hardly_later(metric: Metric) -> bool:
    before, since = _halves(metric)
    return since <= _LONGER * before


def _is_used_up(facts: Facts) -> bool:
    """Are there hardly any attempts left to make, or are none made any more?"""
    left = [m for m in facts.metrics if _BUDGET.search(_called(m)) and _OF_ATTEMPTS.search(_called(m))]
    open_ = [m for m in facts.metrics if _BROKEN.search(m.line.partition("}")[0])]
    return any(m.last < _LEFT * m.highest for m in left) or any(m.highest > 0 for m in open_)
