"""What has come to the end it was made for, or was taken away on purpose, and what was not."""

from typing import Any

import pytest

from agent_graph.sources.kubernetes.endings import ended_as_meant
from agent_graph.sources.kubernetes.state import evidence_of
from tests.agent_graph.cases import NOW, case

Object = dict[str, Any]


def _ended(
    code: int, *, owner: str = "", phase: str = "Failed", reason: str = "", said: str = "", **spec: Any
) -> Object:
    return {
        "kind": "Pod",
        "metadata": {"name": "web", "ownerReferences": [{"kind": owner, "name": "x"}] if owner else []},
        "spec": {"nodeName": "n1", "restartPolicy": "Never", "containers": [{"name": "main", **spec}]},
        "status": {
            "phase": phase,
            **({"reason": said} if said else {}),
            "containerStatuses": [
                {"name": "main", "ready": False, "state": {"terminated": {"exitCode": code, "reason": reason}}}
            ],
        },
    }


SHELL: Any = {"stdin": True, "tty": True}
CASES: dict[str, tuple[Object, bool]] = {
    "a debug shell left with Ctrl-C": (_ended(130, **SHELL), True),
    "a shell whose last command was not found": (_ended(127, **SHELL), True),
    "a tool that somebody stopped": (_ended(143), True),
    "a workflow's step that is done": (_ended(0, owner="Workflow", phase="Succeeded"), True),
    "a test hook without an owner that is done": (_ended(0, phase="Succeeded"), True),
    "work by hand that failed": (_ended(1), False),
    "a shell killed for memory": (_ended(137, reason="OOMKilled", **SHELL), False),
    "a shell that its node sent away": (_ended(137, said="Evicted", **SHELL), False),
    "a server without a controller": (_ended(143, ports=[{"containerPort": 80}]), False),
    "a server with one": (_ended(0, owner="ReplicaSet", phase="Succeeded"), False),
    "a failed run of a job": (_ended(143, owner="Job"), False),
}


@pytest.mark.parametrize("name", CASES)
def test_who_ended_as_meant_is_told_from_who_broke(name: str):
    pod, meant = CASES[name]
    assert bool(ended_as_meant(pod)) is meant
    signs = [sign["category"] for one in evidence_of(case(), [pod], "test") for sign in one.data["signs"]]
    assert ("trouble" not in signs) is (meant or pod["status"]["phase"] == "Succeeded")


def _node(name: str, *taints: str, ready: bool = True) -> Object:
    return {
        "kind": "Node",
        "metadata": {"name": name},
        "spec": {"taints": [{"key": taint, "effect": "NoSchedule"} for taint in taints]},
        "status": {"conditions": [{"type": "Ready", "status": str(ready)}]},
    }


def _told(reason: str, message: str) -> Object:
    about = {"kind": "Node", "name": "web"}
    stamp = NOW.isoformat()
    return {"kind": "Event", "reason": reason, "message": message, "involvedObject": about, "lastTimestamp": stamp}


def _moved(*, ready: bool = True, node: str = "n2") -> Object:
    return {
        "kind": "Pod",
        "metadata": {"name": "api-1", "ownerReferences": [{"kind": "ReplicaSet", "name": "api"}]},
        "spec": {"nodeName": node, "containers": [{"name": "main"}]},
        "status": {
            "phase": "Running",
            "conditions": [{"type": "Ready", "status": str(ready)}],
            "containerStatuses": [{"name": "main", "ready": ready, "restartCount": 0, "state": {"running": {}}}],
        },
    }


SPOT = _told("SpotInterrupted", "Spot interruption warning was triggered")
REMOVED = _told("RemovingNode", "Node web event: Removing Node web from Controller")
SMALLER = _told("ScaleDown", "marked the node as toBeDeleted/unschedulable")
BLOCKED = _told("DisruptionBlocked", "Cannot disrupt Node: pod has do-not-disrupt")
LOST = _told("NodeNotReady", "Node web status is now: NodeNotReady")
GOING = _node("web", "karpenter.sh/disrupted", ready=False)
DEPARTURES: dict[str, tuple[list[Object], bool]] = {
    "a machine taken back, and its pods run elsewhere": ([_node("n2"), SPOT, REMOVED, _moved()], True),
    "an autoscaler had no use for it": ([_node("n2"), SMALLER, REMOVED, _moved()], True),
    "it is about to go and empty": ([_node("n2"), GOING, _moved()], True),
    "a machine taken back, and its pods wait": ([_node("n2"), SPOT, REMOVED, _moved(ready=False)], False),
    "nobody said that it would go": ([_node("n2"), LOST, REMOVED, _moved()], False),
    "somebody said that it cannot go": ([_node("n2"), BLOCKED, LOST, REMOVED, _moved()], False),
    "it is about to go and still carries pods": ([_node("n2"), GOING, _moved(node="web")], False),
    "it is nobody's node here": ([_node("n2"), _moved()], False),
}


@pytest.mark.parametrize("name", DEPARTURES)
def test_a_node_that_was_told_to_go_is_missed_only_by_those_who_wait(name: str):
    objects, planned = DEPARTURES[name]
    signs = [sign["category"] for one in evidence_of(case(), objects, "test") for sign in one.data["signs"]]
    assert ("planned" in signs) is planned


@pytest.mark.parametrize(
    ("spec", "said"),
    [
        ({"suspend": True}, "suspended"),
        ({"concurrencyPolicy": "Forbid"}, "run web-29001 goes on since 2026"),
        ({"concurrencyPolicy": "Allow"}, ""),
    ],
)
def test_a_schedule_that_starts_nothing_says_why(spec: Object, said: str):
    active = {"active": [{"kind": "Job", "name": "web-29001"}]}
    cronjob = {"kind": "CronJob", "metadata": {"name": "web"}, "spec": spec, "status": active}
    run = {"kind": "Job", "metadata": {"name": "web-29001"}, "status": {"startTime": "2026-05-04T01:00:00Z"}}
    means = [sign["means"] for one in evidence_of(case(), [cronjob, run], "test") for sign in one.data["signs"]]
    assert any(said in one for one in means) is bool(said)
