"""A server's connections are given to as many processes again, however fresh: those that came last go first."""

from dataclasses import replace
from datetime import timedelta

import pytest

from agent_graph.analysts.rules.facts import Facts, LogLine, Metric, Sign
from agent_graph.analysts.rules.platform_remedies import options
from tests.agent_graph.cases import BEGAN, case

WORKLOAD = {
    "namespace": "crm",
    "kind": "deployment",
    "name": "importer",
    "replicas": 12,
    "containers": [],
    "first": False,
}
BAD = Sign("E1", "kubernetes", "trouble", "strong", "not ready", "importer", BEGAN, "not ready")
MAXIMUM = Sign(
    "E1", "kubernetes", "cpu_throttling", "weak", "at 12", "importer", None, "importer is at its maximum of 12"
)


def change(text: str, minutes: float = 6) -> LogLine:
    return LogLine("E2", text, text, None, BEGAN - timedelta(minutes=minutes), 1)


def measured(last: float) -> Metric:
    line = 'kube_deployment_status_replicas{deployment="importer"}'
    return Metric("E3", "other", line, [(0.0, 2.0), (60.0, last)], None, None)


BEFORE = Facts(case(), signs=[BAD], platform={"workloads": [WORKLOAD]})
SCALED = "scale crm/importer: replicas 2 -> 12 for the new customer"
OTHERS = "scale crm/mailer: replicas 2 -> 12"
# What is known → what is proposed.
KNOWN: dict[str, tuple[Facts, list[str]]] = {
    "scaled up by hand": (replace(BEFORE, changes=[change(SCALED)]), ["kubernetes.scale_deployment"]),
    "in other words": (
        replace(BEFORE, changes=[change("config importer: from 3 to 12 pods")]),
        ["kubernetes.scale_deployment"],
    ),
    "yesterday": (replace(BEFORE, changes=[change(SCALED, 1500)]), ["kubernetes.rollout_restart"]),
    "another was": (replace(BEFORE, changes=[change(OTHERS)]), ["kubernetes.rollout_restart"]),
    "its autoscaler would again": (replace(BEFORE, signs=[BAD, MAXIMUM]), []),
    "more run than before": (replace(BEFORE, metrics=[measured(12.0)]), []),
    "as many as before": (replace(BEFORE, metrics=[measured(2.0)]), ["kubernetes.rollout_restart"]),
}


@pytest.mark.parametrize("name", KNOWN)
def test_what_was_made_larger_goes_back_and_is_not_made_fresh(name: str):
    facts, kinds = KNOWN[name]
    assert [option.kind for option in options(facts, "connection_exhaustion")] == kinds
