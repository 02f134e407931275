"""Who waits for a machine that comes, or gave way as made to, is no trouble; who waits in vain, or is missed, is."""

from datetime import timedelta
from typing import Any

import pytest

from agent_graph.analysts.rules.analyst import analyse
from agent_graph.sources.kubernetes.state import evidence_of
from agent_graph.sources.kubernetes.waiting import read_waiting
from agent_graph.sources.signs import Book
from backend.investigation.kinds import AlertFact
from tests.agent_graph.cases import NOW, alert, case

Object = dict[str, Any]
NO_ROOM = "0/3 nodes are available: 3 Insufficient cpu."
TAINTED = "0/3 nodes are available: 2 Insufficient cpu, 1 node(s) had untolerated taint {team: db}."
WAITING = alert(name="PodsPending", labels={"alertname": "PodsPending"}, annotations={"summary": "2 pods are Pending"})
SLOW = alert(name="PodsPending", labels={}, annotations={"summary": "pods are Pending, p99 latency is 9 s"})


def _ago(minutes: float) -> str:
    return (NOW - timedelta(minutes=minutes)).isoformat()


def _pod(n: int, node: str = "", phase: str = "Pending", said: str = NO_ROOM, **spec: Any) -> Object:
    about = {"name": f"web-7f8c9d6b5-abcd{n}", "creationTimestamp": _ago(9)}
    about |= {"ownerReferences": [{"kind": "ReplicaSet", "name": "web-7f8c9d6b5"}]}
    runs, placed = phase == "Running", {"type": "PodScheduled", "status": str(bool(node)), "message": said}
    status: Object = {"phase": phase, "conditions": [placed, {"type": "Ready", "status": str(runs)}]}
    if node:
        state = {"running": {}} if runs else {"waiting": {"reason": "ContainerCreating"}}
        status["containerStatuses"] = [{"name": "app", "ready": runs, "restartCount": 0, "state": state}]
    return {"kind": "Pod", "metadata": about, "spec": {"nodeName": node, **spec}, "status": status}


def _node(name: str, minutes: float, ready: bool = True) -> Object:
    status = {"conditions": [{"type": "Ready", "status": str(ready)}]}
    return {"kind": "Node", "metadata": {"name": name, "creationTimestamp": _ago(minutes)}, "status": status}


def _event(reason: str, n: int, minutes: float) -> Object:
    about = {"kind": "Pod", "name": f"web-7f8c9d6b5-abcd{n}"}
    return {"kind": "Event", "type": "Normal", "reason": reason, "message": reason, "lastTimestamp": _ago(minutes)} | {
        "involvedObject": about
    }


ORDERED = [_event("TriggeredScaleUp", n, 8) for n in (1, 2)]
OLD, NEW = _node("n-old", 9_000), _node("n-new", 2)
PLACED, LEFT = _pod(1, "n-new"), _pod(2)
GAVE = [_event("Preempted", n, 20) for n in (7, 8)]
LOW: Any = {"priority": -10}
RUNS = _pod(5, "n-old", "Running", priority=-10)
# name: what fired, the objects; is it no trouble
ROOM: dict[str, tuple[AlertFact, list[Object], bool]] = {
    "a machine joined, and another is to": (WAITING, [OLD, NEW, PLACED, LEFT, *ORDERED], True),
    "users notice": (SLOW, [OLD, NEW, PLACED, LEFT, *ORDERED], False),
    "no machine joined": (WAITING, [OLD, LEFT, _pod(1), *ORDERED], False),
    "it joined, and nobody fits on it": (WAITING, [OLD, NEW, LEFT, _pod(1), *ORDERED], False),
    "one was ordered none": (WAITING, [OLD, NEW, PLACED, LEFT, ORDERED[0]], False),
    "the next was refused": (WAITING, [OLD, NEW, PLACED, LEFT, *ORDERED, _event("FailedScaleUp", 2, 1)], False),
    "ordered long ago": (
        WAITING,
        [OLD, NEW, PLACED, LEFT, *(_event("TriggeredScaleUp", n, 40) for n in (1, 2))],
        False,
    ),
    "they gave way": (WAITING, [OLD, RUNS, _pod(1, **LOW), _pod(2, **LOW), *GAVE], True),
    "one of them is not to": (WAITING, [OLD, RUNS, _pod(1, **LOW), _pod(2), *GAVE], False),
    "nobody took their place": (WAITING, [OLD, RUNS, _pod(1, **LOW), _pod(2, **LOW)], False),
    "none is left": (WAITING, [OLD, _pod(1, **LOW), _pod(2, **LOW), *GAVE], False),
    "more than room is missing": (WAITING, [OLD, RUNS, _pod(1, said=TAINTED, **LOW), *GAVE], False),
    "a machine was lost": (WAITING, [OLD, _node("n-2", 9_000, False), RUNS, _pod(1, **LOW), *GAVE], False),
}


@pytest.mark.parametrize("name", ROOM)
def test_who_waits_for_room_as_the_cluster_is_set_up_is_no_trouble(name: str):
    fired, objects, well = ROOM[name]
    told = case(runtime="kubernetes", alerts=[fired])
    found = [one.model_copy(update={"label": f"E{n}"}) for n, one in enumerate(evidence_of(told, objects, "test"), 1)]
    assert (analyse(told, found).verdict == "not_an_incident") is well


class _Counted(dict[str, Any]):
    """An event that counts how often it is asked whom it is of."""

    asked = 0

    def get(self, key: str, default: Any = None) -> Any:
        _Counted.asked += key == "involvedObject"
        return super().get(key, default)


def test_events_are_read_as_often_for_many_who_wait_as_for_a_few():
    events: list[Object] = [_Counted(_event("TriggeredScaleUp", n % 10, 8)) for n in range(100)]
    asked: list[int] = []
    for count in (2, 40):
        _Counted.asked = 0
        pods = [_pod(n) for n in range(count)]
        read_waiting(Book(), [*pods, *events], pods, NOW)
        asked.append(_Counted.asked)
    assert asked[0] == asked[1] > 0
