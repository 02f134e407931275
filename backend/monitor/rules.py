"""When a monitor is down, when it is up again, and when to look next. Pure; every step has a named reason."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from backend.monitor.kinds import CheckStatus, MonitorStatus

Flip = Literal["went_down", "came_up"]
Reason = Literal[
    "still_up",
    "still_down",
    "first_answer",
    "answers_again",
    "failing",
    "went_down",
    "recovering",
    "came_up",
    "could_not_look",
]

# A first failure is confirmed, and a first success after an outage, without waiting for the whole interval.
QUICK_SHARE = 0.1
QUICK_SECONDS = (1.0, 15.0)
# Monitors made at the same moment drift apart by up to this share of their interval, each way.
JITTER_SHARE = 0.025
# A probe has its time-out; what else may happen between claim and record gets this.
LEASE_GRACE = timedelta(seconds=10)


@dataclass(frozen=True, slots=True)
class State:
    """What is known of a monitor."""

    status: MonitorStatus
    failures: int
    successes: int


@dataclass(frozen=True, slots=True)
class Thresholds:
    """How many checks in a row it takes, each way."""

    failure: int
    recovery: int


@dataclass(frozen=True, slots=True)
class Step:
    """What a check changes. `flip` is what an incident hears of; `confirm`: look again soon."""

    state: State
    reason: Reason
    flip: Flip | None = None
    confirm: bool = False


def step(state: State, seen: CheckStatus, thresholds: Thresholds) -> Step:
    """The state after one more check. Our own trouble never makes it down, nor lets us forget that it was."""
    if seen == "unknown":
        kept: MonitorStatus = "down" if state.status == "down" else "unknown"
        return Step(State(kept, state.failures, state.successes), "could_not_look", confirm=state.status != "unknown")
    return _failed(state, thresholds) if seen == "down" else _answered(state, thresholds)


def _failed(state: State, thresholds: Thresholds) -> Step:
    failures = state.failures + 1
    if state.status == "down":
        return Step(State("down", failures, 0), "still_down")
    if failures >= thresholds.failure:
        return Step(State("down", failures, 0), "went_down", flip="went_down")
    return Step(State(state.status, failures, 0), "failing", confirm=True)


def _answered(state: State, thresholds: Thresholds) -> Step:
    successes = state.successes + 1
    if state.status == "up":
        return Step(State("up", 0, successes), "still_up")
    if state.status != "down":
        reason: Reason = "first_answer" if state.status == "pending" else "answers_again"
        # Whoever paused it or could not look may have left an incident open.
        return Step(State("up", 0, successes), reason, flip="came_up")
    if successes >= thresholds.recovery:
        return Step(State("up", 0, successes), "came_up", flip="came_up")
    return Step(State("down", 0, successes), "recovering", confirm=True)


def next_check_at(
    due: datetime, now: datetime, interval_seconds: float, jitter: float, *, confirm: bool = False
) -> datetime:
    """When to look next. `jitter` in [0, 1). The schedule follows the due times, so that it does not drift."""
    if confirm:
        low, high = QUICK_SECONDS
        return now + timedelta(seconds=min(interval_seconds, max(low, min(high, interval_seconds * QUICK_SHARE))))
    interval = timedelta(seconds=interval_seconds * (1 + JITTER_SHARE * (2 * jitter - 1)))
    start = due if now - due < interval else now
    return max(start + interval, now)
