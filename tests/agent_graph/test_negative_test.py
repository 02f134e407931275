"""A pod that is made to fail for a test, and does, is no trouble; in production, or failing otherwise, it is."""

from typing import Any

import pytest

from agent_graph.analysts.rules.analyst import analyse
from agent_graph.sources.kubernetes.state import evidence_of
from tests.agent_graph.cases import alert, case

Object = dict[str, Any]
NOTED = {"e2e.corp.example/expected-state": "CrashLoopBackOff"}


def _pod(space: str, noted: dict[str, str], reason: str = "CrashLoopBackOff", name: str = "web") -> Object:
    state = {"waiting": {"reason": reason, "message": "back-off 5m0s restarting failed container"}}
    ended = {"terminated": {"exitCode": 101, "reason": "Error"}}
    statuses = [{"name": "app", "ready": False, "restartCount": 6, "state": state, "lastState": ended}]
    about = {"name": name, "namespace": space, "annotations": noted}
    return {"kind": "Pod", "metadata": about, "status": {"phase": "Running", "containerStatuses": statuses}}


def _space(name: str, **labels: str) -> Object:
    return {"kind": "Namespace", "metadata": {"name": name, "labels": labels}}


LOOPS = {"alertname": "PodCrashLooping", "pod": "web"}
# name: the objects, which pod the alert is about, whether it is no trouble
MADE: dict[str, tuple[list[Object], str, bool]] = {
    "in a namespace of tests": ([_pod("pr-17-e2e", NOTED)], "web", True),
    "in one that is labelled so": ([_pod("k3d9", NOTED), _space("k3d9", ttl="2h", purpose="tests")], "web", True),
    "in a namespace of no tests": ([_pod("shop", NOTED)], "web", False),
    "in one that is tested in production": ([_pod("shop-prod-e2e", NOTED)], "web", False),
    "in another state than is noted": ([_pod("pr-17-e2e", NOTED, "ImagePullBackOff")], "web", False),
    "nothing is noted": ([_pod("pr-17-e2e", {"owner": "CrashLoopBackOff"})], "web", False),
    "the alert is about another": ([_pod("pr-17-e2e", NOTED)], "shop", False),
    "a fellow fails, too": ([_pod("pr-17-e2e", NOTED), _pod("pr-17-e2e", {}, name="web-0")], "web", False),
}


@pytest.mark.parametrize("name", MADE)
def test_a_pod_that_is_made_to_fail_may(name: str):
    objects, which, well = MADE[name]
    fired = alert(
        name="PodCrashLooping", labels={**LOOPS, "pod": which}, annotations={"summary": "it is crash looping"}
    )
    told = case(runtime="kubernetes", alerts=[fired])
    target = told.target.model_copy(update={"namespace": objects[0]["metadata"]["namespace"]})
    told = told.model_copy(update={"target": target})
    found = [one.model_copy(update={"label": f"E{n}"}) for n, one in enumerate(evidence_of(told, objects, "test"), 1)]
    assert (analyse(told, found).verdict == "not_an_incident") is well
