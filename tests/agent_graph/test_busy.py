"""Statements noted as slow count once the processor went up with them, and are told with what they work on."""

from dataclasses import replace
from datetime import timedelta

import pytest

from agent_graph.analysts.rules.facts import Facts, LogLine, Metric
from agent_graph.analysts.rules.signatures.slow_query import match
from tests.agent_graph.cases import NOW, alert, case

SLOW = (
    '{"s":"I","msg":"Slow query","attr":{"ns":"shop.baskets","planSummary":"COLLSCAN","docsExamined":418821,'
    '"durationMillis":3811}}'
)
# how often it was noted, when the processor went up (minutes ago), from and to which share, whether that counts
NOTED: dict[str, tuple[int, float, float, float, bool]] = {
    "together": (44, 20, 0.2, 0.96, True),
    "noted twice": (2, 20, 0.2, 0.96, False),
    "busy since long before": (44, 55, 0.2, 0.96, False),
    "always busy": (44, 20, 0.9, 0.96, False),
    "not busy": (44, 20, 0.2, 0.4, False),
}


@pytest.mark.parametrize("name", NOTED)
def test_noted_statements_count_where_the_processor_went_up_with_them(name: str):
    count, ago, low, high, counts = NOTED[name]
    at = [NOW - timedelta(minutes=minutes) for minutes in (21, 1)]
    lines = [LogLine("E2", SLOW, "Slow query", "info", one, count) for one in at]
    points = [(NOW.timestamp() - 60 * n, high if n <= ago else low) for n in range(60, -1, -1)]
    cpu = Metric("E3", "cpu", "cpu: up", points, None, NOW - timedelta(minutes=ago))
    finding = match(replace(Facts(case(alerts=[alert()])), lines=lines, metrics=[cpu]))
    assert finding is not None
    assert (finding.strength == "strong") == counts
    assert "on shop.baskets, COLLSCAN, documents read: 418821" in finding.statement
