"""Throttled since its limit was lowered: the limit is the cause. What raised it, or was of something else, is not."""

import pytest

from agent_graph.analysts.rules.facts import Facts, Sign
from agent_graph.analysts.rules.signatures.cpu_throttling import match
from tests.agent_graph.cases import BEGAN, case

SLOW = Sign("E1", "prometheus", "cpu_throttling", "strong", "throttled: 1% → 80%", "web", BEGAN, "cpu throttled")

# What was changed as it began: is the limit blamed?
CHANGES = {
    "resources.limits.cpu 2 -> 1, requests.cpu 2 -> 1": True,
    "limits.cpu 200m -> 60m": True,
    "cpu quota: limit of cpus 1.5 to 750m": True,
    "resources.limits.cpu 1 -> 2": False,
    "limits.cpu 500m -> 1": False,
    "limits.memory 2Gi -> 1Gi": False,
    "web 5.0 -> 5.1": False,
}


@pytest.mark.parametrize("summary", CHANGES)
def test_a_limit_that_was_lowered_is_why_it_is_throttled(summary: str):
    change = Sign("E2", "changes", "bad_deploy", "strong", summary, "web", BEGAN, f"config of web: {summary}")
    found = match(Facts(case(), signs=[SLOW, change]))
    assert (found is not None and "bad_deploy" in found.explains) == CHANGES[summary]
