"""When a monitor is down and up again: a table, and sequences of checks."""

import itertools
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from backend.monitor import rules
from backend.monitor.rules import State, Step, Thresholds

NOW = datetime(2026, 11, 21, 3, tzinfo=UTC)
TWO = Thresholds(failure=2, recovery=2)


@pytest.mark.parametrize(
    ("state", "seen", "expected"),
    [
        (State("pending", 0, 0), "up", Step(State("up", 0, 1), "first_answer", "came_up")),
        (State("pending", 0, 0), "down", Step(State("pending", 1, 0), "failing", confirm=True)),
        (State("pending", 1, 0), "down", Step(State("down", 2, 0), "went_down", "went_down")),
        (State("up", 0, 9), "up", Step(State("up", 0, 10), "still_up")),
        (State("up", 0, 9), "down", Step(State("up", 1, 0), "failing", confirm=True)),
        (State("up", 1, 0), "down", Step(State("down", 2, 0), "went_down", "went_down")),
        (State("up", 1, 0), "up", Step(State("up", 0, 1), "still_up")),
        (State("down", 2, 0), "down", Step(State("down", 3, 0), "still_down")),
        (State("down", 2, 0), "up", Step(State("down", 0, 1), "recovering", confirm=True)),
        (State("down", 0, 1), "up", Step(State("up", 0, 2), "came_up", "came_up")),
        (State("down", 0, 1), "down", Step(State("down", 1, 0), "still_down")),
        # Our own trouble
        (State("pending", 0, 0), "unknown", Step(State("unknown", 0, 0), "could_not_look", confirm=True)),
        (State("up", 0, 9), "unknown", Step(State("unknown", 0, 9), "could_not_look", confirm=True)),
        (State("up", 1, 0), "unknown", Step(State("unknown", 1, 0), "could_not_look", confirm=True)),
        (State("unknown", 0, 9), "unknown", Step(State("unknown", 0, 9), "could_not_look")),
        (State("down", 5, 0), "unknown", Step(State("down", 5, 0), "could_not_look", confirm=True)),
        (State("unknown", 0, 9), "up", Step(State("up", 0, 10), "answers_again", "came_up")),
        (State("unknown", 1, 0), "down", Step(State("down", 2, 0), "went_down", "went_down")),
    ],
)
def test_step(state: State, seen: Any, expected: Step):
    assert rules.step(state, seen, TWO) == expected


def test_a_threshold_of_one_flips_at_once_both_ways():
    one = Thresholds(1, 1)
    assert rules.step(State("up", 0, 3), "down", one).flip == "went_down"
    assert rules.step(State("down", 1, 0), "up", one).flip == "came_up"


CHECKS = some.lists(some.sampled_from(["up", "down", "unknown"]), max_size=60)
THRESHOLDS = some.builds(Thresholds, some.integers(1, 5), some.integers(1, 5))


def walk(checks: list[Any], thresholds: Thresholds) -> list[Step]:
    state, steps = State("pending", 0, 0), list[Step]()
    for seen in checks:
        steps.append(rules.step(state, seen, thresholds))
        state = steps[-1].state
    return steps


@given(CHECKS, THRESHOLDS)
def test_down_takes_as_many_failures_in_a_row_as_the_threshold_says(checks: list[Any], thresholds: Thresholds):
    for index, step in enumerate(walk(checks, thresholds)):
        if step.flip == "went_down":
            looked = [seen for seen in checks[: index + 1] if seen != "unknown"]
            assert looked[-thresholds.failure :] == ["down"] * thresholds.failure


@given(CHECKS, THRESHOLDS)
def test_every_outage_ends_before_the_next_begins(checks: list[Any], thresholds: Thresholds):
    flips = [step.flip for step in walk(checks, thresholds) if step.flip]
    assert not any(pair == ("went_down", "went_down") for pair in itertools.pairwise(flips))


@given(some.lists(some.just("unknown"), max_size=30), THRESHOLDS)
def test_our_own_trouble_never_makes_a_monitor_down(checks: list[Any], thresholds: Thresholds):
    assert all(step.state.status == "unknown" and step.flip is None for step in walk(checks, thresholds))


@pytest.mark.parametrize(
    ("interval", "seconds"), [(1, 1.0), (5, 1.0), (30, 3.0), (60, 6.0), (300, 15.0), (86_400, 15.0)]
)
def test_a_first_failure_is_looked_at_again_soon(interval: int, seconds: float):
    at = rules.next_check_at(NOW, NOW, interval, 0.5, confirm=True)
    assert at - NOW == timedelta(seconds=seconds)


def test_the_schedule_follows_the_due_times_and_does_not_drift():
    due = NOW - timedelta(seconds=4)
    assert rules.next_check_at(due, NOW, 60, 0.5) == due + timedelta(seconds=60)


def test_after_a_pause_longer_than_the_interval_the_schedule_starts_anew():
    due = NOW - timedelta(hours=3)
    assert rules.next_check_at(due, NOW, 60, 0.5) == NOW + timedelta(seconds=60)


@given(some.floats(0, 1, exclude_max=True), some.integers(1, 86_400), some.floats(-1, 200_000))
def test_the_next_check_is_never_in_the_past_and_at_most_a_jittered_interval_away(
    jitter: float, interval: int, late: float
):
    at = rules.next_check_at(NOW - timedelta(seconds=late), NOW, interval, jitter)
    assert NOW <= at <= NOW + timedelta(seconds=interval * 1.025 + 1.1)
