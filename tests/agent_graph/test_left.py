"""Measurements of a machine that is gone say nothing of a target that runs on others; of its own machine they do."""

from dataclasses import replace

import pytest

from agent_graph.analysts.rules.facts import Facts, Metric, Sign
from agent_graph.analysts.rules.left import without_left
from tests.agent_graph.cases import case

WHOLE = Sign(
    "E1", "kubernetes", "healthy", "strong", "deployment web: 4 of 4", "web", None, "all replicas of web are ready"
)
SHORT = Sign("E1", "kubernetes", "trouble", "strong", "deployment web: 2 of 4", "web", None, "web misses replicas")
DONE = Sign("E1", "kubernetes", "healthy", "strong", "pod web-1", "web-1", None, "pod web-1 has finished its work")
SCOPE = frozenset({"node/here-1", "node/here-2", "shop/deployment/web"})

# name: what the cluster says of the target, which node the measurement is of, whether it still counts
LEFT: dict[str, tuple[Sign, str, bool]] = {
    "a machine that was taken back": (WHOLE, 'up{job="node", node="gone-1"}: 1 → 0', False),
    "another exporter's name for it": (WHOLE, 'node_up{kubernetes_node="gone-1"}: 1 → 0', False),
    "its own machine": (WHOLE, 'up{job="node", node="here-1"}: 1 → 0', True),
    "no machine's": (WHOLE, 'up{job="web"}: 1 → 0', True),
    "a run that is done": (DONE, 'up{job="web", pod="web-1"}: 1 → 0', False),
    "another run": (DONE, 'up{job="web", pod="web-2"}: 1 → 0', True),
    "a run that is not": (WHOLE, 'up{job="web", pod="web-1"}: 1 → 0', True),
    "replicas are missing": (SHORT, 'up{job="node", node="gone-1"}: 1 → 0', True),
}


@pytest.mark.parametrize("name", LEFT)
def test_what_is_measured_of_a_machine_that_left_is_left_out(name: str):
    state, line, counts = LEFT[name]
    down = Sign("E2", "prometheus", "trouble", "strong", line, "up", None, "it is down")
    measured = Metric("E2", "up", line, [(0.0, 1.0), (60.0, 0.0)], None, None)
    facts = without_left(replace(Facts(case()), signs=[state, down], metrics=[measured], scope=SCOPE))
    assert (down in facts.signs, measured in facts.metrics) == (counts, counts)
