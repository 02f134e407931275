"""What operators say of the objects they keep: told where the target misses just that, or the alert is about it."""

from datetime import timedelta
from typing import Any

import pytest

from agent_graph.sources.kubernetes.state import evidence_of
from tests.agent_graph.cases import BEGAN, alert, case

Object = dict[str, Any]
STUCK: Object = {
    "kind": "Pod",
    "metadata": {"name": "web-1"},
    "status": {
        "phase": "Pending",
        "containerStatuses": [
            {
                "name": "web",
                "state": {"waiting": {"reason": "CreateContainerConfigError", "message": 'secret "pay-db" not found'}},
            }
        ],
    },
}


def _kept(kind: str, name: str, *, reason: str = "SyncError", days_ago: int = 0, **spec: Any) -> Object:
    at = (BEGAN - timedelta(days=days_ago)).isoformat()
    told = {"type": "Ready", "status": "False", "reason": reason, "message": "AccessDenied", "lastTransitionTime": at}
    return {"kind": kind, "metadata": {"name": name}, "spec": spec, "status": {"conditions": [told]}}


RELEASE = alert(labels={"kind": "HelmRelease", "name": "web"})
CASES: dict[str, tuple[list[Object], bool]] = {
    "the secret that is missing": ([STUCK, _kept("ExternalSecret", "pay-db")], True),
    "a secret that it was to give that name": ([STUCK, _kept("VaultSecret", "x", target={"name": "pay-db"})], True),
    "a release that the alert is about": ([_kept("HelmRelease", "web")], True),
    "what scales the target": ([_kept("ScaledObject", "queue-3", scaleTargetRef={"name": "web"})], True),
    "what scales another": ([_kept("ScaledObject", "queue-3", scaleTargetRef={"name": "api"})], False),
    "another secret": ([STUCK, _kept("ExternalSecret", "pay-db-old")], False),
    "one that is under way": ([STUCK, _kept("ExternalSecret", "pay-db", reason="Progressing")], False),
    "a release that failed days before": ([_kept("HelmRelease", "web", days_ago=3)], False),
    "something else of the same name": ([_kept("Dashboard", "web")], False),
}


@pytest.mark.parametrize(
    ("kind", "minutes", "said"),
    [
        ("HelmRelease", 4, {"healthy", "trouble_over"}),
        ("HelmRelease", -4_000, {"healthy"}),
        ("Dashboard", 4, set[str]()),
    ],
)
def test_what_the_alert_names_may_be_well_again_by_its_own_word(kind: str, minutes: int, said: set[str]):
    one, at = _kept(kind, "web"), (BEGAN + timedelta(minutes=minutes)).isoformat()
    told = {"type": "Ready", "status": "True", "reason": "Succeeded", "lastTransitionTime": at}
    found = evidence_of(case(alerts=[RELEASE]), [{**one, "status": {"conditions": [told]}}], "test")
    assert {sign["category"] for each in found for sign in each.data["signs"]} == said


@pytest.mark.parametrize(
    ("reasons", "ready", "well"),
    [
        (["CanaryPauseStep"], 5, True),
        (["CanaryPauseStep"], 4, False),
        (["InconclusiveAnalysisRun"], 5, False),
        (["CanaryPauseStep", "InconclusiveAnalysisRun"], 5, False),
    ],
)
def test_a_rollout_that_waits_at_a_step_of_its_plan_waits_for_somebody(reasons: list[str], ready: int, well: bool):
    one = _kept("Rollout", "web", replicas=5)
    one["status"] |= {"readyReplicas": ready, "pauseConditions": [{"reason": reason} for reason in reasons]}
    about = case(alerts=[alert(labels={"rollout": "web", "name": "web"})])
    signs = [sign["category"] for each in evidence_of(about, [one], "test") for sign in each.data["signs"]]
    assert signs == (["healthy"] if well else ["config_error", "trouble"])


@pytest.mark.parametrize("name", CASES)
def test_an_operator_is_heard_on_what_is_missed(name: str):
    objects, heard = CASES[name]
    found = evidence_of(case(alerts=[RELEASE]), objects, "test")
    told = [sign["means"] for one in found for sign in one.data["signs"] if sign["category"] == "config_error"]
    assert any("AccessDenied" in means for means in told) is heard
    # Why it is missing comes before that it is.
    assert not (heard and STUCK in objects) or "AccessDenied" in told[0]
