"""A pod that failed is no trouble once another pod of the same job did its work, and is while none did."""

from typing import Any

import pytest

from agent_graph.sources.kubernetes.state import evidence_of
from tests.agent_graph.cases import case

Object = dict[str, Any]


def _pod(which: str, code: int, **labels: str) -> Object:
    """As agents and dumps tell pods that leave out whose they are: only their labels say it."""
    end = {"terminated": {"exitCode": code, "reason": "Error" if code else "Completed"}}
    return {
        "kind": "Pod",
        "metadata": {"name": f"web-29584980-{which}", "labels": labels},
        "spec": {"nodeName": "n1", "restartPolicy": "Never", "containers": [{"name": "main"}]},
        "status": {
            "phase": "Failed" if code else "Succeeded",
            "containerStatuses": [{"name": "main", "ready": False, "state": end}],
        },
    }


def _job(succeeded: int, wanted: int = 1) -> Object:
    ended = [{"type": "Complete", "status": "True"}] if succeeded >= wanted else []
    return {
        "kind": "Job",
        "metadata": {"name": "web-29584980"},
        "spec": {"completions": wanted, "backoffLimit": 3},
        "status": {"startTime": "2026-11-21T02:00:00Z", "succeeded": succeeded, "failed": 1, "conditions": ended},
    }


FAILED, DONE = _pod("q8cvn", 1, **{"job-name": "web-29584980"}), _pod("5rr7m", 0, **{"job-name": "web-29584980"})
CASES: dict[str, tuple[list[Object], bool]] = {
    "the next try did it": ([FAILED, DONE, _job(1)], True),
    "the next try did it, by the newer label": (
        [_pod("q8cvn", 1, **{"batch.kubernetes.io/job-name": "web-29584980"}), DONE, _job(1)],
        True,
    ),
    "no try has done it yet": ([FAILED, _job(0)], False),
    "one of three parts is done": ([FAILED, DONE, _job(1, wanted=3)], False),
    "it is another job's pod": ([_pod("q8cvn", 1, **{"job-name": "web-29584970"}), _job(1)], False),
    "it says of no job": ([_pod("q8cvn", 1), _job(1)], False),
}


@pytest.mark.parametrize("name", CASES)
def test_a_failed_pod_is_over_once_its_job_is_done(name: str):
    objects, over = CASES[name]
    signs = [sign["category"] for one in evidence_of(case(), objects, "test") for sign in one.data["signs"]]
    assert ("trouble" not in signs and "app_crash" not in signs) is over
