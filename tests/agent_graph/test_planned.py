"""What looks like an outage and is none: finished jobs, drained nodes, starts that took a while, levels as usual."""

from datetime import timedelta
from typing import Any

import pytest

from agent_graph.analysts.rules.confidence import confidence_of
from agent_graph.analysts.rules.finding import Finding
from agent_graph.analysts.rules.ranking import rank
from agent_graph.sources.courses import course
from agent_graph.sources.kubernetes.state import evidence_of
from agent_graph.sources.measures import measures_of
from agent_graph.sources.series import Series
from tests.agent_graph.cases import NOW, case


def _pod(name: str, phase: str, node: str, owner: str, *, ready: bool) -> dict[str, Any]:
    return {
        "kind": "Pod",
        "metadata": {"name": name, "ownerReferences": [{"kind": owner, "name": "api"}]},
        "spec": {"nodeName": node, "containers": [{"name": "app"}]},
        "status": {
            "phase": phase,
            "conditions": [{"type": "Ready", "status": str(ready)}],
            "containerStatuses": [{"name": "app", "ready": ready, "restartCount": 0, "state": {}}],
        },
    }


def _node(name: str, *, ready: bool = True) -> dict[str, Any]:
    conditions = [{"type": "Ready", "status": str(ready)}, {"type": "DiskPressure", "status": "False"}]
    return {
        "kind": "Node",
        "metadata": {"name": name},
        "spec": {"unschedulable": True},
        "status": {"conditions": conditions},
    }


def _probe(pod: str, minutes_ago: float, said: str = "x") -> dict[str, Any]:
    stamp = (NOW - timedelta(minutes=minutes_ago)).isoformat()
    about = {"kind": "Pod", "name": pod, "namespace": "default"}
    times = {"count": 5, "firstTimestamp": stamp, "lastTimestamp": stamp}
    return {
        "kind": "Event",
        "type": "Warning",
        "reason": "Unhealthy",
        "message": said,
        "involvedObject": about,
        **times,
    }


def _signs(*objects: dict[str, Any]) -> list[tuple[str, str]]:
    found = evidence_of(case(), list(objects), "test")
    return [(s["category"], s["weight"]) for one in found for s in one.data["signs"]]


HERE, ELSEWHERE = "web", "other"
JOB = {
    "kind": "Job",
    "metadata": {"name": "web"},
    "status": {"conditions": [{"type": "Complete", "status": "True"}]},
}
FAILED = {**JOB, "status": {"conditions": [{"type": "Failed", "status": "True"}]}}
WELL = ("healthy", "strong")
CASES: dict[str, tuple[list[dict[str, Any]], list[tuple[str, str]]]] = {
    "a job's pod that is done": ([JOB, _pod("web-1", "Succeeded", "n", "Job", ready=False)], [WELL, WELL]),
    "a job that failed": ([FAILED], [("trouble", "strong"), ("app_crash", "strong")]),
    "a server's pod that ended is not done": ([_pod("web-1", "Succeeded", "n", "ReplicaSet", ready=False)], []),
    "drained, and all runs elsewhere": (
        [_node(HERE), _pod("a-1", "Running", ELSEWHERE, "ReplicaSet", ready=True)],
        [("healthy", "weak"), WELL, WELL],
    ),
    "drained, and what ran there is not ready": (
        [_node(HERE), _pod("a-1", "Running", ELSEWHERE, "ReplicaSet", ready=False)],
        [("other_down", "strong"), ("healthy", "weak"), WELL],
    ),
    "cordoned with a workload left": (
        [_node(HERE), _pod("a-1", "Running", HERE, "ReplicaSet", ready=True)],
        [WELL, ("healthy", "weak")],
    ),
    "a probe that passed since": (
        [_pod("web-1", "Running", "n", "ReplicaSet", ready=True), _probe("web-1", 10)],
        [WELL, ("probe_failure", "weak")],
    ),
    "a probe that failed just now": (
        [_pod("web-1", "Running", "n", "ReplicaSet", ready=True), _probe("web-1", 1)],
        [WELL, ("probe_failure", "strong")],
    ),
    "whether it has started, asked of one that has": (
        [_pod("web-1", "Running", "n", "ReplicaSet", ready=True), _probe("web-1", 1, "Startup probe failed: HTTP 503")],
        [WELL, ("probe_failure", "weak")],
    ),
    "whether it has started, asked of one that has not": (
        [
            _pod("web-1", "Running", "n", "ReplicaSet", ready=False),
            _probe("web-1", 1, "Startup probe failed: HTTP 503"),
        ],
        [("trouble", "strong"), ("probe_failure", "strong")],
    ),
    "a probe of a pod that is not ready": (
        [_pod("web-1", "Running", "n", "ReplicaSet", ready=False), _probe("web-1", 10)],
        [("trouble", "strong"), ("probe_failure", "strong")],
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_what_was_meant_is_told_from_trouble(name: str):
    objects, wanted = CASES[name]
    assert _signs(*objects) == wanted


def test_a_lost_node_is_not_a_drained_one():
    found = _signs(_node(HERE, ready=False), _pod("a-1", "Running", ELSEWHERE, "ReplicaSet", ready=True))
    assert WELL not in found
    assert ("node_failure", "proof") in found


@pytest.mark.parametrize(("end", "wanted"), [([3.0, 2.0, 3.0], "flat"), ([9.0, 9.0, 9.0], "raised")])
def test_a_level_is_raised_only_above_what_was_usual(end: list[float], wanted: str):
    began = case().started_at
    values = [0.0, 3.0, 1.0, 0.0, 3.0, 1.0, 0.0, 3.0, 1.0, 3.0, *end]
    start = began.timestamp() - 120 - 60 * 10
    assert course(Series({}, [(start + 60 * n, v) for n, v in enumerate(values)]), began) == wanted


def test_the_age_of_a_transaction_is_no_latency():
    series = Series({"__name__": "pg_stat_activity_max_tx_duration_seconds"}, [(60.0 * n, 60.0 * n) for n in range(9)])
    assert [(m.role, m.rising_is_bad) for m in measures_of(case(), [series])] == [("transaction_age", False)]


def test_last_words_outrank_earlier_complaints():
    complaint = Finding("slow_query", "slow", [], "weak", onset=NOW - timedelta(minutes=20))
    fatal = Finding("disk_pressure", "full", [], "weak", onset=NOW, last_words=True)
    ranked = rank([(one, confidence_of(one, case(), {})) for one in (complaint, fatal)])
    assert [r.finding.category for r in ranked] == ["disk_pressure", "slow_query"]
