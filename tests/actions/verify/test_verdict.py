"""Did it help? Tables of what was seen, and when, against the verdict."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from actions.engine import Container
from actions.verify.kinds import CheckSeen, ContainerSeen, MonitorSeen, Signals
from actions.verify.verdict import judge, next_look_seconds

DONE = datetime(2026, 3, 1, 3, 0, tzinfo=UTC)
SETTLE, PATIENCE = 30, 300
RUNNING = {"container_id": "c1", "status": "running", "started_at": "2026-03-01T03:00:00Z", "restart_count": 0}


def after(seconds: float) -> datetime:
    return DONE + timedelta(seconds=seconds)


def signals(**changes: Any) -> Signals:
    facts = {
        "outcome": "succeeded",
        "said": None,
        "finished_at": DONE,
        "settle_seconds": SETTLE,
        "firing": True,
        "alerts": 0,
        "alerts_firing": 0,
        "monitor": None,
        "container": None,
    }
    return Signals(**{**facts, **changes})


def monitor(*statuses: str, watching: bool = True) -> MonitorSeen:
    checks = tuple(CheckSeen(status, after(5 * (i + 1)), None) for i, status in enumerate(statuses))  # type: ignore[arg-type]
    return MonitorSeen("orders", watching, 20, 5, 2, checks)


def container(
    baseline: Any = RUNNING, ran_before: bool = False, trouble: str | None = None, **state: Any
) -> ContainerSeen:
    values = {
        "id": "c1",
        "name": "web",
        "image": "web:1",
        "image_id": "sha256:1",
        "status": "running",
        "pid": 7,
        "exit_code": 0,
        "oom_killed": False,
        "started_at": "2026-03-01T03:00:00Z",
        "finished_at": "",
        "restart_count": 0,
        "restart_policy": "no",
        "auto_remove": False,
        "health": None,
    }
    found = None if state.get("gone") or trouble else Container(**{**values, **state})
    return ContainerSeen("web", found, trouble, baseline, ran_before)


FIRING = {"alerts": 1, "alerts_firing": 1, "firing": True}
QUIET = {"alerts": 1, "alerts_firing": 0, "firing": False}

CASES: list[tuple[str, dict[str, Any], float, str | None]] = [
    # A monitor
    ("up, the window still open", {"monitor": monitor("up"), "firing": False}, 29, None),
    ("up at the end, flipped", {"monitor": monitor("down", "up", "up"), "firing": False}, 30, "recovered"),
    ("up at the end, not flipped yet", {"monitor": monitor("up")}, 30, None),
    ("up all the time, the flip overdue", {"monitor": monitor("up", "up")}, 61, "recovered"),
    ("down at the end", {"monitor": monitor("up", "down")}, 30, "not_recovered"),
    ("down early", {"monitor": monitor("down")}, 10, None),
    ("never checked: wait for a check", {"monitor": monitor()}, 30, None),
    ("never checked, though overdue", {"monitor": monitor()}, 61, "inconclusive"),
    ("our own trouble is no answer", {"monitor": monitor("unknown", "unknown")}, 61, "inconclusive"),
    ("up and down by turns", {"monitor": monitor("up", "down", "up")}, 30, None),
    ("up and down by turns to the end", {"monitor": monitor("up", "down", "up")}, 61, "inconclusive"),
    ("paused", {"monitor": monitor("up", watching=False)}, 30, "inconclusive"),
    # An alert
    ("resolved, the window still open", QUIET, 10, None),
    ("resolved at the end", QUIET, 30, "recovered"),
    ("still firing: it may take its time", FIRING, 30, None),
    ("still firing: but not for ever", FIRING, 300, "not_recovered"),
    ("the container fell while waiting", {**FIRING, "container": container(status="exited")}, 40, "not_recovered"),
    ("it runs, the alert fires on", {**FIRING, "container": container()}, 300, "not_recovered"),
    (
        "resolved, but the container is down",
        {**QUIET, "container": container(None, status="exited")},
        30,
        "not_recovered",
    ),
    # A container
    ("runs since it was started", {"container": container()}, 30, "recovered"),
    ("runs, the window still open", {"container": container()}, 29, None),
    ("ran before, too: that proves nothing", {"container": container(ran_before=True)}, 30, "inconclusive"),
    ("exited again: at once", {"container": container(status="exited", exit_code=1)}, 2, "not_recovered"),
    ("restarted by Docker: at once", {"container": container(started_at="2026-03-01T03:00:09Z")}, 10, "not_recovered"),
    ("removed after it ran: at once", {"container": container(gone=True)}, 2, "not_recovered"),
    ("replaced by a new one", {"container": container(id="c2")}, 30, "inconclusive"),
    ("never seen running: no early verdict", {"container": container(None, status="exited")}, 2, None),
    ("never seen running, to the end", {"container": container(None, status="exited")}, 30, "not_recovered"),
    ("unhealthy", {"container": container(health="unhealthy")}, 30, "not_recovered"),
    ("healthy", {"container": container(health="healthy")}, 30, "recovered"),
    ("health unknown yet: wait", {"container": container(health="starting")}, 30, None),
    ("health never known", {"container": container(health="starting")}, 300, "inconclusive"),
    ("the engine is away: wait", {"container": container(trouble="No answer.")}, 30, None),
    ("the engine stays away", {"container": container(trouble="No answer.")}, 300, "inconclusive"),
    # Nothing but the execution
    ("no signal at all", {}, 30, "inconclusive"),
    ("no signal, and it failed", {"outcome": "failed"}, 30, "not_recovered"),
    ("it failed: nobody waits for the alert", {"outcome": "failed", **FIRING}, 30, "not_recovered"),
    ("it failed, and recovered all the same", {"outcome": "failed", **QUIET}, 30, "recovered"),
    ("not known, but recovered", {"outcome": "unknown", **QUIET}, 30, "recovered"),
    ("not known, and no signal", {"outcome": "unknown"}, 30, "inconclusive"),
    ("no window", {"settle_seconds": 0, **QUIET}, 0, "recovered"),
]


@pytest.mark.parametrize(("name", "changes", "seconds", "outcome"), CASES, ids=[case[0] for case in CASES])
def test_verdict(name: str, changes: dict[str, Any], seconds: float, outcome: str | None):
    verdict = judge(signals(**changes), PATIENCE, after(seconds))
    assert (verdict and verdict.outcome) == outcome


@pytest.mark.parametrize(("name", "changes", "seconds", "outcome"), CASES, ids=[case[0] for case in CASES])
def test_every_verdict_says_what_was_looked_at(name: str, changes: dict[str, Any], seconds: float, outcome: str | None):
    verdict = judge(signals(**changes), PATIENCE, after(seconds))
    if verdict is None:
        return
    assert verdict.checks[0].name == "execution"
    assert all(check.detail.endswith(".") for check in verdict.checks)
    assert len(verdict.checks) == 1 + sum(bool(changes.get(source)) for source in ("monitor", "alerts", "container"))


def test_there_is_always_a_verdict_in_the_end():
    for name, changes, _, _ in CASES:
        assert judge(signals(**changes), PATIENCE, after(PATIENCE + SETTLE)) is not None, name


def test_looks_become_rarer():
    assert next_look_seconds(DONE, after(10)) == 1
    assert next_look_seconds(DONE, after(100)) == 10
