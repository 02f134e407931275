"""A value that leaps by a thousand within a minute, while whoever else measures the same sees nothing: another unit.

Libraries that are upgraded begin to tell milliseconds where they told seconds, and bytes where they told kilobytes.
"""

import re
from dataclasses import replace
from itertools import pairwise
from statistics import median

from agent_graph.analysts.rules.facts import Facts, Metric, Sign
from agent_graph.sources.metric_evidence import UNCHANGED

_FACTORS = (1e3, 1e6, 1e9)
# How near to the factor the leap is, and how far values of one unit lie apart.
_NEAR, _APART = 0.15, 4.0
_LEAST = 3
# Labels that say what is measured: of another way to it nothing follows.
_WAY = re.compile(r'\b(?:route|path|handler|uri|endpoint|operation|method|host|service)="[^"]*"')


def without_conversions(facts: Facts) -> Facts:
    """Without the trouble that such a series tells; it is said instead that its unit changed."""
    witness = next((m for m in facts.metrics if m.role == "latency" and _unchanged(m, facts)), None)
    told = {s.quote for s in facts.signs_of("trouble") if s.source == "prometheus"}
    leapt = [m for m in facts.metrics if m.role == "latency" and m.cite().quote in told and _converted(m)]
    felt = {s.quote for s in facts.signs_of("trouble", "strong")} - {m.cite().quote for m in leapt}
    if witness is None or not leapt or felt or any(_WAY.findall(m.line) != _WAY.findall(witness.line) for m in leapt):
        return facts
    gone = {m.cite().quote for m in leapt}
    named = leapt[0].name
    means = f"{named} is told in another unit since: it leapt by a thousand at once, and what else measures it did not"
    sign = Sign(leapt[0].evidence, "prometheus", "healthy", "strong", leapt[0].line, named, leapt[0].change_at, means)
    return replace(facts, signs=[sign, *(s for s in facts.signs if s.quote not in gone)])


def _unchanged(metric: Metric, facts: Facts) -> bool:
    quote = metric.cite().quote
    return any(s.quote == quote and s.means.endswith(UNCHANGED) for s in facts.signs_of("healthy", "strong"))


def _converted(metric: Metric) -> bool:
    """Is it at once, and for good, as many times what it was as one unit is of another?"""
    values = [value for _, value in metric.points if value > 0]
    if len(values) < 2 * _LEAST or len(values) < len(metric.points):
        return False
    steps = [max(b / a, a / b) for a, b in pairwise(values)]
    at = steps.index(max(steps)) + 1
    before, after = values[:at], values[at:]
    if min(len(before), len(after)) < _LEAST or any(max(side) > _APART * min(side) for side in (before, after)):
        return False
    leap = max(median(after), median(before)) / min(median(after), median(before))
    return any(abs(leap / factor - 1) <= _NEAR for factor in _FACTORS)
