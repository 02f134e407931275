"""How the last run of another pod ended that is ready again, and how long runs take whose schedule was not read."""

from datetime import timedelta
from typing import Any

import pytest

from agent_graph.sources.kubernetes.state import evidence_of
from tests.agent_graph.cases import NOW, case

Object = dict[str, Any]


# name: how the run before ended, minutes ago, is it ready again; what is told of it
FALLS: dict[str, tuple[str, int, int, bool, str]] = {
    "killed for memory": ("OOMKilled", 137, 3, True, "web was OOMKilled (exit code 137)"),
    "broke": ("Error", 1, 3, True, "web was ended (exit code 1)"),
    "was told to go": ("Completed", 143, 3, True, ""),
    "long ago": ("OOMKilled", 137, 90, True, ""),
    "still down, which is told otherwise": ("OOMKilled", 137, 3, False, ""),
}


@pytest.mark.parametrize("name", FALLS)
def test_how_the_last_run_of_another_pod_ended(name: str):
    reason, code, minutes, ready, told = FALLS[name]
    main: Object = {"name": "main", "resources": {"limits": {"memory": "256Mi"}}}
    pod: Object = {"kind": "Pod", "metadata": {"name": "web"}, "spec": {"nodeName": "n1", "containers": [main]}}
    end = {"exitCode": code, "reason": reason, "finishedAt": (NOW - timedelta(minutes=minutes)).isoformat()}
    one = {
        "name": "main",
        "ready": ready,
        "restartCount": 4,
        "state": {"running": {}},
        "lastState": {"terminated": end},
    }
    pod["status"] = {"phase": "Running", "containerStatuses": [one]}
    found = evidence_of(case("shop"), [pod], "test")
    falls = [sign for one in found for sign in one.data["signs"] if sign["category"] == "other_ended"]
    assert [sign["means"].startswith(told) for sign in falls] == ([True] if told else [])
    assert all(("256Mi" in sign["means"]) is (reason == "OOMKilled") for sign in falls)
    assert all("memory limit 256Mi" in sign["quote"] for sign in falls)


def _job(number: int, began: int, took: int | None) -> Object:
    """`began`: minutes ago."""
    start = NOW - timedelta(minutes=began)
    ends = {} if took is None else {"completionTime": (start + timedelta(minutes=took)).isoformat()}
    name = {"name": f"web-2900{number}", "namespace": "default"}
    return {"kind": "Job", "metadata": name, "status": {"startTime": start.isoformat(), **ends}}


_EARLIER = [_job(1, 3000, 80), _job(2, 1500, 70)]
GOING: dict[str, tuple[list[Object], bool]] = {
    "no longer than earlier ones": ([*_EARLIER, _job(3, 62, None)], True),
    "longer than they took": ([*_EARLIER, _job(3, 120, None)], False),
    "nobody knows how long one takes": ([_EARLIER[0], _job(3, 62, None)], False),
    "it has ended": ([*_EARLIER, _job(3, 62, 40)], False),
}


@pytest.mark.parametrize("name", GOING)
def test_a_run_whose_schedule_was_not_read_is_on_time_by_those_before(name: str):
    jobs, on_time = GOING[name]
    signs = [sign for one in evidence_of(case("web-29003"), jobs, "test") for sign in one.data["signs"]]
    told = [sign for sign in signs if sign["category"] == "on_time"]
    assert bool(told) is on_time
    assert all("80 minutes" in sign["means"] and sign["at"] for sign in told)
