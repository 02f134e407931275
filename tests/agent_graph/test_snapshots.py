"""How many run one statement at one look, beside how long answers took all the while."""

from dataclasses import replace

import pytest

from agent_graph.analysts.rules.context.snapshots import with_hindsight
from agent_graph.analysts.rules.facts import Facts, Metric, Sign
from tests.agent_graph.cases import BEGAN, case

SAME = Sign("E1", "postgres", "slow_query", "strong", "6 of 6 run the same statement", "", None, "busy")
FEW = Sign("E1", "postgres", "slow_query", "weak", "22 of 22 active sessions run the same statement", "", None, "busy")
CPU = Sign("E1", "postgres", "slow_query", "weak", "wait CPU:CPU: 3.10 average active sessions", "", None, "busy")
LONG = Sign("E1", "postgres", "slow_query", "strong", "pid 7 active for 900 s", "pid 7", BEGAN, "runs on")
STEADY = Sign("E2", "prometheus", "healthy", "strong", "p95: 0.35 → 0.34", "p95", None, "p95 did not change")
SLOW = Sign("E2", "prometheus", "trouble", "strong", "p95: 0.35 → 9", "p95", BEGAN, "p95 is well above")
OTHER = Sign("E3", "prometheus", "healthy", "strong", "errors: 0 → 0", "errors", None, "errors did not change")

# name: what was seen at the look, what was measured, whether the look still weighs
LOOKS: dict[str, tuple[Sign, Sign, bool]] = {
    "answers take as long as ever": (SAME, STEADY, False),
    "answers take longer": (SAME, SLOW, True),
    "sessions pile up at what became slow": (FEW, SLOW, True),
    "sessions at one statement as ever": (FEW, STEADY, False),
    "sessions at one statement, nothing measured": (FEW, OTHER, False),
    "busy processors name no statement": (CPU, SLOW, False),
    "nobody measured how long": (SAME, OTHER, True),
    "one statement that does not end": (LONG, STEADY, True),
}


@pytest.mark.parametrize("name", LOOKS)
def test_a_look_weighs_little_beside_a_measurement_over_time(name: str):
    look, measured, weighs = LOOKS[name]
    role = "errors" if measured is OTHER else "latency"
    metric = Metric(measured.evidence, role, measured.quote, [(0.0, 1.0)], None, None)
    facts = with_hindsight(replace(Facts(case()), signs=[look, measured], metrics=[metric]))
    assert (facts.signs[0].weight == "strong") == weighs
