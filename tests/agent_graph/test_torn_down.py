"""What was made for a trial today and wants no replica is torn down; what has users, or broke, is missed."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from agent_graph.analysts.rules.facts import Facts, Sign
from agent_graph.analysts.rules.well.suspended import suspended
from agent_graph.sources.kubernetes.state import evidence_of
from tests.agent_graph.cases import BEGAN, alert, case

ZERO = Sign(
    "E3", "kubernetes", "config_error", "strong", "deployment web: 0 of 0", "web", None, "web is scaled to zero"
)
OOM = Sign("E3", "kubernetes", "oom", "proof", "pod web-0: OOMKilled", "web-0", BEGAN, "it ran out of memory")
HOUR = timedelta(hours=1)


def _facts(
    space: str = "dr-rehearsal", age: timedelta = HOUR, name: str = "TargetDown", means: str = ZERO.means, *more: Sign
) -> Facts:
    told = case(alerts=[alert(name=name, annotations={"summary": "web"})])
    told = told.model_copy(update={"target": told.target.model_copy(update={"namespace": space})})
    made = {"name": "web", "namespace": space, "made": (BEGAN - age).isoformat()}
    return replace(Facts(told), signs=[replace(ZERO, means=means), *more], platform={"workloads": [made]})


TRIALS: dict[str, tuple[Facts, bool]] = {
    "a rehearsal of today": (_facts(), True),
    "a preview of a branch": (_facts("shop-preview-417"), True),
    "a stack for a load test": (_facts("load-test"), True),
    "where users are": (_facts("shop"), False),
    "a preview that is live": (_facts("prod-preview"), False),
    "it stands there for a month": (_facts(age=30 * 24 * HOUR), False),
    "users are failed": (_facts(name="Web5xxErrors"), False),
    "it wants replicas and has none": (_facts(means="web misses replicas"), False),
    "it broke as it ran": (_facts("dr-rehearsal", HOUR, "TargetDown", ZERO.means, OOM), False),
}


@pytest.mark.parametrize("name", TRIALS)
def test_a_trial_is_at_its_end(name: str):
    facts, well = TRIALS[name]
    assert (suspended(facts, ["config_error"]) is not None) == well


def test_when_a_workload_was_made_is_read_from_its_platform():
    web: dict[str, Any] = {
        "kind": "Deployment",
        "metadata": {"name": "web", "creationTimestamp": "2026-11-21T02:00:00Z"},
        "spec": {"replicas": 0},
        "status": {"observedGeneration": 2},
    }
    found = [one for e in evidence_of(case(), [web], "test") for one in e.data.get("workloads", [])]
    assert [one["made"] for one in found] == ["2026-11-21T02:00:00Z"]
