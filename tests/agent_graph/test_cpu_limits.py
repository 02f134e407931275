"""Throttled since its limit was lowered: the limit is the cause. What raised it, or was of something else, is not."""

import pytest

from agent_graph.analysts.rules.facts import Facts, Sign
from agent_graph.analysts.rules.signatures.cpu_throttling import match
from agent_graph.sources import elsewhere
from tests.agent_graph.cases import BEGAN, NOW, case
from tests.agent_graph.test_metric_shapes import series, since

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


@pytest.mark.parametrize(("after", "first"), [(0.9, "cpu throttled"), (0.05, "cpu")])
def test_of_a_neighbour_it_is_told_first_that_its_limit_holds_it_back(after: float, first: str):
    """How much CPU it uses since rose more than the share of periods in which it waits, and says less."""
    pod = {"namespace": "shop", "pod": "quotes-5c8d7f9b4-k2m4n", "container": "quotes"}
    around = [
        series("container_cpu_usage_seconds_total", lambda n: 1e3 + 60 * (0.05 * n + 0.75 * max(0, n)), **pod),
        series("container_cpu_throttled_ratio", since(0.02, after), **pod),
    ]
    told = case("basket", runtime="kubernetes", labels={"namespace": "shop"})
    (found,) = elsewhere.evidence_of(told, elsewhere.foreign(told, around), BEGAN, NOW)
    assert found.content.startswith(f"quotes: {first}: ")
