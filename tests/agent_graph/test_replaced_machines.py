"""A machine that is off the cluster's list as others came for it, and that nobody misses, was replaced."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from agent_graph.sources.kubernetes.state import evidence_of
from backend.investigation.kinds import CaseFile
from tests.agent_graph.cases import BEGAN, case

Object = dict[str, Any]
GONE, SOON, LONG_AGO = "ip-10-3-77-12", BEGAN - timedelta(minutes=2), BEGAN - timedelta(days=9)


def _node(name: str, born: datetime = SOON, ready: str = "True") -> Object:
    conditions = [{"type": "Ready", "status": ready, "reason": "KubeletReady"}]
    metadata = {"name": name, "creationTimestamp": born.isoformat()}
    return {"kind": "Node", "metadata": metadata, "status": {"conditions": conditions, "nodeInfo": {}}}


def _deployment(name: str = "transcode", ready: int = 24) -> Object:
    status = {"replicas": 24, "readyReplicas": ready, "availableReplicas": ready}
    return {"kind": "Deployment", "metadata": {"name": name}, "spec": {"replicas": 24}, "status": status}


# Whom it is about, what is on the list, whether it was replaced.
LISTS: dict[str, tuple[str, list[Object], bool]] = {
    "another came": (GONE, [_node("ip-10-3-80-7"), _deployment()], True),
    "nobody came": (GONE, [_node("ip-10-3-80-7", LONG_AGO), _deployment()], False),
    "it is on the list": (GONE, [_node(GONE, LONG_AGO, "Unknown"), _node("ip-10-3-80-7"), _deployment()], False),
    "replicas are missed": (GONE, [_node("ip-10-3-80-7"), _deployment(ready=20)], False),
    "who came is not well": (GONE, [_node("ip-10-3-80-7", ready="False"), _deployment()], False),
    "another machine is lost": (
        GONE,
        [_node("ip-10-3-80-7"), _node("ip-10-3-77-90", LONG_AGO, "Unknown"), _deployment()],
        False,
    ),
    "one of another kind came": (GONE, [_node("gpu-a100-2"), _deployment()], False),
    "no machine": ("worker", [_node("worker-2"), _deployment()], False),
    "a workload of such a name": ("worker-1", [_node("worker-2"), _deployment("worker-1")], False),
}


@pytest.mark.parametrize("name", LISTS)
def test_what_is_gone_from_the_list_was_replaced_where_others_came_and_nothing_is_missed(name: str):
    whom, objects, replaced = LISTS[name]
    told = case(whom, source_type="host", runtime="kubernetes")
    assert _is_replaced(told, objects) is replaced


@pytest.mark.parametrize(("whom", "came"), [(GONE, "ip-10-3-80-7"), ("db1", "db13"), ("node2-postgres", "node13")])
@pytest.mark.parametrize(("runtime", "namespace"), [(None, None), ("docker", None), ("kubernetes", "monitoring")])
def test_who_was_never_a_node_of_the_cluster_was_not_replaced_in_it(
    whom: str, came: str, runtime: str | None, namespace: str | None
):
    told = case(whom, source_type="host", runtime=runtime)
    told = told.model_copy(update={"target": told.target.model_copy(update={"namespace": namespace})})
    assert not _is_replaced(told, [_node(came), _deployment()])


def _is_replaced(told: CaseFile, objects: list[Object]) -> bool:
    signs = [s for one in evidence_of(told, objects, "test") for s in one.data["signs"]]
    return any(s["category"] == "planned" and "in its place" in s["means"] for s in signs)
