"""What has come to the end it was made for, or was taken away on purpose, and what was not."""

from datetime import timedelta
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


def _run(owner: str = "Job", code: int = 0, minutes_ago: int = 30) -> Object:
    """A run whose work is at its end, and the proxy beside it is not."""
    pod = _ended(code, owner=owner, phase="Running")
    end = {"exitCode": code, "finishedAt": (NOW - timedelta(minutes=minutes_ago)).isoformat()}
    proxy = {"name": "proxy", "ready": True, "state": {"running": {}}}
    pod["status"]["containerStatuses"] = [{"name": "main", "ready": False, "state": {"terminated": end}}, proxy]
    return pod


@pytest.mark.parametrize(
    ("pod", "kept"),
    [
        (_run(), True),
        (_run("ReplicaSet"), False),
        (_run(code=1), False),
        (_run(minutes_ago=2), False),
    ],
)
def test_a_run_that_is_done_is_kept_alive_by_what_stands_beside_it(pod: Object, kept: bool):
    signs = [sign for one in evidence_of(case(), [pod], "test") for sign in one.data["signs"]]
    assert any("proxy beside it still runs" in sign["means"] for sign in signs) is kept


def _set(new: int, ready: int) -> Object:
    status = {"desiredNumberScheduled": 9, "updatedNumberScheduled": new, "numberReady": ready}
    return {"kind": "DaemonSet", "metadata": {"name": "web"}, "spec": {}, "status": status}


def _made(*minutes_ago: int) -> list[Object]:
    about = {"kind": "DaemonSet", "name": "web"}
    stamps = [(NOW - timedelta(minutes=ago)).isoformat() for ago in minutes_ago]
    return [
        {"kind": "Event", "reason": "SuccessfulCreate", "message": f"Created pod: web-{n}", "lastTimestamp": stamp}
        | {"involvedObject": about}
        for n, stamp in enumerate(stamps)
    ]


def _scaled(said: str, *minutes_ago: int) -> list[Object]:
    """As a deployment's controller tells it, which has sets of pods made."""
    about, told = {"kind": "Deployment", "name": "web"}, {"reason": "ScalingReplicaSet", "message": said}
    return [{**event, **told, "involvedObject": about} for event in _made(*minutes_ago)]


def _some(new: int, ready: int) -> Object:
    strategy = {"rollingUpdate": {"maxSurge": 0, "maxUnavailable": 2}}
    status = {"replicas": 9, "updatedReplicas": new, "readyReplicas": ready}
    return {"kind": "Deployment", "metadata": {"name": "web"}, "status": status} | {
        "spec": {"replicas": 9, "strategy": strategy}
    }


UP, DOWN = "Scaled up replica set web-7f8c to 6 from 4", "Scaled down replica set web-7f8c to 4 from 6"
# name: the objects, whether who is away is no trouble
ROLLOUTS: dict[str, tuple[list[Object], bool]] = {
    "one after the other": ([_set(5, 8), *_made(33, 24, 15, 6)], True),
    "none was made for long": ([_set(5, 8), *_made(63, 54, 45, 36)], False),
    "more are away than may be": ([_set(5, 7), *_made(33, 24, 15, 6)], False),
    "the first does not come up": ([_set(1, 8), *_made(33, 24, 15, 6)], False),
    "two after the other two": ([_some(6, 7), *_scaled(UP, 9, 6, 3)], True),
    "more than two are away": ([_some(6, 6), *_scaled(UP, 9, 6, 3)], False),
    "the new ones are taken away again": ([_some(6, 7), *_scaled(DOWN, 9, 6, 3)], False),
    "nothing is rolled out": ([_set(9, 8), *_made(33, 24, 15, 6)], False),
}


@pytest.mark.parametrize("name", ROLLOUTS)
def test_who_is_away_for_a_rollout_that_gets_on_is_not_missed(name: str):
    objects, well = ROLLOUTS[name]
    signs = [sign["category"] for one in evidence_of(case(), objects, "test") for sign in one.data["signs"]]
    assert ("trouble" not in signs) is well


@pytest.mark.parametrize(("restarts", "weight"), [(0, "weak"), (2, "strong")])
def test_who_was_just_made_by_a_rollout_that_gets_on_may_take_its_time_to_start(restarts: int, weight: str):
    born = {"name": "web-abcd1", "creationTimestamp": (NOW - timedelta(minutes=3)).isoformat()}
    status = {"name": "app", "ready": False, "restartCount": restarts, "state": {"running": {}}}
    pod = {"kind": "Pod", "metadata": born, "status": {"phase": "Running", "containerStatuses": [status]}}
    told = {"reason": "Unhealthy", "type": "Warning", "count": 9, "message": "Startup probe failed: refused"}
    asked = {**_made(1)[0], **told, "involvedObject": {"kind": "Pod", "name": "web-abcd1"}}
    objects = [_some(6, 8), *_scaled(UP, 9, 6, 3), pod, asked]
    signs = [sign for one in evidence_of(case(), objects, "test") for sign in one.data["signs"]]
    assert [sign["weight"] for sign in signs if sign["category"] == "probe_failure"] == [weight]


def _leaving(kind: str, name: str, minutes_ago: int, **more: Any) -> Object:
    told = (NOW - timedelta(minutes=minutes_ago)).isoformat()
    return {"kind": kind, "metadata": {"name": name, "namespace": "web", "deletionTimestamp": told, **more}}


HELD: Any = {"finalizers": ["db-operator.example.com"]}
OFF = {"kind": "Deployment", "metadata": {"name": "db-operator"}, "spec": {"replicas": 0}, "status": {"replicas": 0}}
# name: the objects, what is said of who does not go (empty: nothing)
LINGERING: dict[str, tuple[list[Object], str]] = {
    "held by who is there": ([_leaving("Database", "web", 40, **HELD)], "held by the finalizers db-operator"),
    "held by who is away": ([_leaving("Database", "web", 40, **HELD), OFF], "db-operator, which would let it go"),
    "told just now": ([_leaving("Database", "web", 4, **HELD)], ""),
    "somebody else's": ([_leaving("Database", "other", 40, **HELD)], ""),
    "held by nobody": ([_leaving("Database", "web", 40)], ""),
}


@pytest.mark.parametrize("name", LINGERING)
def test_what_does_not_go_says_by_what_it_is_held(name: str):
    objects, said = LINGERING[name]
    signs = [sign for one in evidence_of(case(), objects, "test") for sign in one.data["signs"]]
    assert any("held by" in sign["means"] and said in sign["means"] for sign in signs) is bool(said)


@pytest.mark.parametrize(("image", "missed"), [("registry.k8s.io/pause:3.9", False), ("acme/pause-menu:2", True)])
def test_who_only_keeps_room_free_is_not_missed(image: str, missed: bool):
    spec: Object = {"containers": [{"name": "main", "image": image}]}
    waits = {"type": "PodScheduled", "status": "False", "message": "0/6 nodes are available: 6 Insufficient cpu."}
    status: Object = {"phase": "Pending", "conditions": [waits]}
    pod: Object = {"kind": "Pod", "metadata": {"name": "web-1"}, "spec": spec, "status": status}
    whole: Object = {
        "kind": "Deployment",
        "metadata": {"name": "web"},
        "spec": {"replicas": 2, "template": {"spec": spec}},
    }
    objects = [pod, {**whole, "status": {"replicas": 2, "readyReplicas": 1}}]
    signs = [sign["category"] for one in evidence_of(case(), objects, "test") for sign in one.data["signs"]]
    assert ("trouble" in signs, "scheduling_failure" in signs) == (missed, missed)


def _budget(allowed: int, wanted: int) -> list[Object]:
    kept = {"currentHealthy": 1, "desiredHealthy": wanted, "expectedPods": 1, "disruptionsAllowed": allowed}
    one = {"kind": "PodDisruptionBudget", "metadata": {"name": "b"}, "spec": {"selector": {"matchLabels": {"a": "b"}}}}
    pod = _moved(node="web")
    return [{**one, "status": kept}, {**pod, "metadata": {**pod["metadata"], "labels": {"a": "b"}}}]


@pytest.mark.parametrize(("allowed", "wanted", "taints", "ready", "held"), [
    (0, 1, ["karpenter.sh/disrupted"], True, True),
    (1, 0, ["karpenter.sh/disrupted"], True, False),
    (0, 1, ["karpenter.sh/disrupted"], False, False),
    (0, 1, [], True, False),
])  # fmt: skip
def test_a_budget_that_allows_nothing_holds_a_node_that_is_to_be_emptied_while_it_is_well(
    allowed: int, wanted: int, taints: list[str], ready: bool, held: bool
):
    found = evidence_of(case(), [_node("web", *taints, ready=ready), *_budget(allowed, wanted)], "test")
    signs = [sign for one in found for sign in one.data["signs"] if sign["category"] == "config_error"]
    assert ["it keeps api-1 on node web" in sign["means"] for sign in signs] == [True] * held


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


def _web(ready: int) -> Object:
    return {
        "kind": "Deployment",
        "metadata": {"name": "web"},
        "spec": {"replicas": 3},
        "status": {"readyReplicas": ready},
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
    "an autoscaler found it empty": ([_node("n2"), _told("ScaleDown", "removing empty node"), REMOVED], True),
    "an autoscaler had no use for it, and no pod was read": ([_node("n2"), SMALLER, REMOVED], False),
    "it is about to go and empty": ([_node("n2"), GOING, _moved()], True),
    "a machine taken back, and its pods wait": ([_node("n2"), SPOT, REMOVED, _moved(ready=False)], False),
    "a machine taken back, no pod was read, and no workload misses one": ([_node("n2"), SPOT, REMOVED, _web(3)], True),
    "a machine taken back, no pod was read, and a workload misses one": ([_node("n2"), SPOT, REMOVED, _web(2)], False),
    "it is gone as it was told, no pod was read, and no workload misses one": ([_node("n2"), GOING, _web(3)], True),
    "it is gone as it was told, no pod was read, and one is missed": ([_node("n2"), GOING, _web(2)], False),
    "it is told to go and still there, and no pod was read": ([_node("web", "karpenter.sh/disrupted"), _web(3)], False),
    "it is only tainted for being unreachable": ([_node("web", "unreachable", ready=False), _web(3)], False),
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


def _timed(number: int, began: str, ended: str | None = None) -> Object:
    status = {"startTime": f"2026-11-{began}:00Z", "completionTime": f"2026-11-{ended}:00Z" if ended else None}
    return {"kind": "Job", "metadata": {"name": f"web-{number}"}, "status": status}


EARLIER = [_timed(28_990, "19T01:00", "19T01:40"), _timed(28_995, "20T01:00", "20T01:30")]


@pytest.mark.parametrize(
    ("spec", "runs", "said"),
    [
        ({"suspend": True}, [], "suspended"),
        ({"concurrencyPolicy": "Forbid"}, [_timed(29_001, "20T01:00")], "since 2026-11-20T01:00:00Z and lets no other"),
        ({"concurrencyPolicy": "Allow"}, [_timed(29_001, "20T01:00")], ""),
        (
            {"concurrencyPolicy": "Forbid"},
            [_timed(29_001, "21T02:40"), *EARLIER],
            "no longer than earlier ones took (40",
        ),
        ({"concurrencyPolicy": "Forbid"}, [_timed(29_001, "21T01:40"), *EARLIER], "lets no other start"),
        ({"concurrencyPolicy": "Forbid"}, [_timed(29_001, "21T02:40"), *EARLIER[:1]], "lets no other start"),
    ],
)
def test_a_schedule_that_starts_nothing_says_why(spec: Object, runs: list[Object], said: str):
    active = {"active": [{"kind": "Job", "name": "web-29001"}]}
    cronjob = {"kind": "CronJob", "metadata": {"name": "web"}, "spec": spec, "status": active}
    means = [sign["means"] for one in evidence_of(case(), [cronjob, *runs], "test") for sign in one.data["signs"]]
    assert any(said in one for one in means) is bool(said)
