"""A dependency that is down with its machine is the machine's victim; one that is down by itself stays the cause."""

from dataclasses import replace

import pytest

from agent_graph.analysts.rules.facts import Facts, Sign
from agent_graph.analysts.rules.finding import Finding
from agent_graph.analysts.rules.nodes_gone import blamed_on_nodes
from tests.agent_graph.cases import BEGAN, case

POD = "pod redis-0: phase Running on k8s-w-07, 0/1 containers ready; not ready"
LOST = "node k8s-w-07: Ready=Unknown NodeStatusUnknown: Kubelet stopped posting node status."
# name: what the platform says of a machine, whether the dependency that is down is cited, what leads
MACHINES: dict[str, tuple[str, bool, str]] = {
    "its machine is lost": (LOST, True, "node_failure"),
    "another machine is lost": (LOST.replace("w-07", "w-03"), True, "dependency_failure"),
    "its machine is cordoned": ("node k8s-w-07: Ready, unschedulable", True, "dependency_failure"),
    "another pod is needed": (LOST, False, "dependency_failure"),
}


@pytest.mark.parametrize("name", MACHINES)
def test_the_machine_leads_where_it_took_the_dependency_with_it(name: str):
    said, cited, category = MACHINES[name]
    pod = Sign("E2", "kubernetes", "other_down", "strong", POD, "redis-0", BEGAN, "redis-0: not ready")
    node = Sign("E3", "kubernetes", "other_down", "proof", said, "k8s-w-07", BEGAN, "node k8s-w-07 is NotReady")
    needed = Finding("dependency_failure", "web cannot reach redis.", [pod.cite()] if cited else [], "proof")
    found = blamed_on_nodes([needed], replace(Facts(case()), signs=[pod, node]))
    assert found[0].category == category
    assert found[-1] == needed
    if category == "node_failure":
        assert "k8s-w-07 is NotReady" in found[0].statement
