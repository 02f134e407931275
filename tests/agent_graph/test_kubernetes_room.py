"""Nodes that ran out of room: who is named for it, and what is only its consequence."""

from datetime import timedelta
from typing import Any

import pytest

from agent_graph.sources.kubernetes.state import evidence_of
from tests.agent_graph.cases import NOW, case

Object = dict[str, Any]
LIMITED: Object = {"limits": {"memory": "1Gi"}}


def _stamp(minutes_ago: float) -> str:
    return (NOW - timedelta(minutes=minutes_ago)).isoformat()


def _pod(name: str, *, owner: str = "", **resources: Any) -> Object:
    return {
        "kind": "Pod",
        "metadata": {"name": name, "ownerReferences": [{"kind": owner, "name": "x"}] if owner else []},
        "spec": {"nodeName": "n1", "containers": [{"name": "main", "resources": resources}]},
        "status": {"phase": "Running", "containerStatuses": [{"name": "main", "ready": True, "state": {}}]},
    }


def _evicted(minutes_ago: float) -> Object:
    told = {"type": "DisruptionTarget", "status": "True", "lastTransitionTime": _stamp(minutes_ago)}
    status = {"phase": "Failed", "reason": "Evicted", "message": "The node was low on resource: memory."}
    return {**_pod("web-1", owner="ReplicaSet", **LIMITED), "status": {**status, "conditions": [told]}}


def _waiting(minutes_ago: float) -> Object:
    said = {"message": "0/3 nodes are available: 3 Insufficient memory.", "lastTransitionTime": _stamp(minutes_ago)}
    waits = {"type": "PodScheduled", "status": "False", "reason": "Unschedulable", **said}
    return {
        **_pod("web-2", **LIMITED),
        "spec": {"containers": []},
        "status": {"phase": "Pending", "conditions": [waits]},
    }


SHORT: Object = {
    "kind": "Node",
    "metadata": {"name": "n1"},
    "status": {
        "conditions": [
            {"type": "Ready", "status": "True"},
            {"type": "MemoryPressure", "status": "True", "lastTransitionTime": _stamp(10)},
        ]
    },
}


def _signs(*objects: Object) -> list[Any]:
    return [sign for one in evidence_of(case(), list(objects), "test") for sign in one.data["signs"]]


BESIDE: dict[str, tuple[Object, bool]] = {
    "a notebook without a limit": (_pod("notebook-ann"), True),
    "a build that only requests": (_pod("build-7", owner="Job", requests={"memory": "1Gi"}), True),
    "a neighbour that keeps to its limit": (_pod("cache-0", owner="StatefulSet", **LIMITED), False),
    "what runs on every node": (_pod("logs-x", owner="DaemonSet"), False),
}


@pytest.mark.parametrize("name", BESIDE)
def test_who_may_take_all_memory_of_a_node_is_named(name: str):
    beside, named = BESIDE[name]
    first = _signs(_evicted(9), beside, SHORT)[0]
    assert (first["category"], first["weight"]) == ("memory_pressure", "proof")
    assert "web-1" in first["means"]
    assert (beside["metadata"]["name"] in first["means"]) is named


@pytest.mark.parametrize(("evicted", "weight"), [(9, "strong"), (600, "proof")])
def test_a_pod_in_place_of_one_that_was_sent_away_waits_because_of_that(evicted: float, weight: str):
    found = _signs(_evicted(evicted), _waiting(8))
    assert [sign["weight"] for sign in found if sign["category"] == "scheduling_failure"] == [weight]


GONE = "1 node(s) had untolerated taint {node.kubernetes.io/unreachable: }, 2 "


@pytest.mark.parametrize(
    ("said", "weight"),
    [
        ("4 node(s) had volume node affinity conflict", "weak"),
        ("4 node(s) didn't match Pod's node affinity/selector", "weak"),
        ("4 Insufficient memory", "strong"),
        (f"{GONE} node(s) had volume node affinity conflict", "strong"),
    ],
)
def test_a_lost_node_is_over_where_a_pod_fits_on_none_that_is_left(said: str, weight: str):
    about, stamp = {"kind": "Pod", "name": "web-1"}, _stamp(5)
    told = {"kind": "Event", "involvedObject": about, "firstTimestamp": stamp, "lastTimestamp": stamp}
    lost = {**told, "type": "Normal", "reason": "TaintManagerEviction", "message": "Marking for deletion Pod web-1"}
    waits = {**told, "type": "Warning", "reason": "FailedScheduling", "message": f"0/4 nodes are available: {said}."}
    assert [sign["weight"] for sign in _signs(lost, waits) if sign["category"] == "node_failure"] == [weight]


def test_who_was_evicted_long_ago_is_another_story():
    assert not _signs(_evicted(600))
