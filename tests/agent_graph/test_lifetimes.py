"""A worker that ends when it has lived as long as it is set to, and runs again, is renewed; any other end is a loop."""

from datetime import timedelta
from typing import Any

import pytest

from agent_graph.analysts.rules.facts import Facts, Metric
from agent_graph.analysts.rules.signatures.restart_loop import match
from agent_graph.sources.kubernetes.state import evidence_of
from agent_graph.sources.lifetimes import lives_in
from tests.agent_graph.cases import NOW, case

Spec = dict[str, Any]
ARGS: Spec = {"args": ["php", "artisan", "queue:work", "--max-time=900"]}


def _pod(spec: Spec, lived: float, *, code: int = 0, ready: bool = True) -> dict[str, Any]:
    ended = NOW - timedelta(minutes=1)
    end = {
        "exitCode": code,
        "reason": "Error" if code else "Completed",
        "startedAt": (ended - timedelta(seconds=lived)).isoformat(),
        "finishedAt": ended.isoformat(),
    }
    return {
        "kind": "Pod",
        "metadata": {"name": "web-1", "labels": {"app": "web"}},
        "spec": {"containers": [{"name": "web", **spec}]},
        "status": {
            "phase": "Running",
            "startTime": (NOW - timedelta(days=9)).isoformat(),
            "containerStatuses": [
                {
                    "name": "web",
                    "ready": ready,
                    "restartCount": 90,
                    "state": {"running": {"startedAt": ended.isoformat()}},
                    "lastState": {"terminated": end},
                }
            ],
        },
    }


# The pod, and whether its ends are as set.
PODS: dict[str, tuple[dict[str, Any], bool]] = {
    "a flag in seconds": (_pod(ARGS, 903), True),
    "a flag and its value": (
        _pod({"command": ["bin/console", "messenger:consume", "--time-limit", "3600"]}, 3600),
        True,
    ),
    "told to a shell": (
        _pod({"command": ["sh", "-c"], "args": ["exec worker --max-lifetime=15m -v"]}, 900),
        True,
    ),
    "a variable": (_pod({"env": [{"name": "WORKER_MAX_UPTIME_SECONDS", "value": "1800"}]}, 1801), True),
    "much sooner than set": (_pod(ARGS, 120), False),
    "later than set": (_pod(ARGS, 1400), False),
    "not well": (_pod(ARGS, 900, code=1), False),
    "it does not stand again": (_pod(ARGS, 900, ready=False), False),
    "a short life": (_pod({"args": ["worker", "--max-time=60"]}, 64), True),
    "a minute later than a short life": (_pod({"args": ["worker", "--max-time=60"]}, 110), False),
    "how long it keeps something": (_pod({"env": [{"name": "CACHE_TTL", "value": "60"}]}, 61), False),
    "how long somebody stays known": (_pod({"env": [{"name": "SESSION_LIFETIME", "value": "60"}]}, 61), False),
    "how long a proof is good": (_pod({"env": [{"name": "JWT_MAX_AGE", "value": "1m"}]}, 61), False),
    "how old a connection gets": (_pod({"args": ["web", "--db-conn-max-lifetime", "60"]}, 61), False),
    "nothing is set": (_pod({"args": ["worker", "--port=900"]}, 900), False),
}


@pytest.mark.parametrize("name", PODS)
def test_an_end_is_as_set_only_after_the_time_that_is_set(name: str):
    pod, as_set = PODS[name]
    signs = [s["category"] for one in evidence_of(case(), [pod], "test") for s in one.data["signs"]]
    assert ("restart_loop" not in signs and "healthy" in signs) is as_set


@pytest.mark.parametrize(("often", "loops"), [(4, False), (9, True)])
def test_more_ends_than_are_set_are_a_loop(often: int, loops: bool):
    """An hour is watched, and a life is set to be a quarter of one."""
    begin = (NOW - timedelta(hours=1)).timestamp()
    points = [(begin + 60.0 * minute, float(minute * often // 60)) for minute in range(61)]
    restarts = Metric("E2", "restarts", f"restarts: 0 → {often}", points, None, NOW - timedelta(minutes=40))
    facts = Facts(case(), metrics=[restarts], platform={"lives": 900.0})
    assert (match(facts) is not None) is loops


def test_of_a_command_line_only_the_life_is_told():
    words = ["worker", "--password=abc", "--max-time=900", "--time-limit", "3600", "TOKEN=x", "MAX_LIFETIME=1h"]
    assert [one.told for one in lives_in(words)] == ["max-time=900", "MAX_LIFETIME=1h", "time-limit 3600"]
