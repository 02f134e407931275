"""Pods that have come to the end they were made for, and those that have not."""

from typing import Any

import pytest

from agent_graph.sources.kubernetes.endings import ended_as_meant
from agent_graph.sources.kubernetes.state import evidence_of
from tests.agent_graph.cases import case

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
