"""What an attempt to sign in meets: the table of waits, CAPTCHAs and closed doors."""

from datetime import UTC, datetime, timedelta

import pytest

from backend.abuse.rules import (
    Allowed,
    Blocked,
    CaptchaNeeded,
    Delayed,
    Failures,
    Limits,
    Verdict,
    judge,
    should_block,
)

NOW = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)
LIMITS = Limits(
    window=timedelta(hours=1),
    delay_after=3,
    longest_delay=timedelta(seconds=60),
    captcha_after=5,
    block_after=60,
    block_for=timedelta(hours=1),
)
NONE = Failures()


def failures(count: int, seconds_ago: float = 0) -> Failures:
    return Failures(count, NOW - timedelta(seconds=seconds_ago))


def delayed(seconds: float) -> Delayed:
    return Delayed(timedelta(seconds=seconds))


@pytest.mark.parametrize(
    ("account", "address", "solved", "verdict"),
    [
        (NONE, NONE, False, Allowed()),
        (failures(2), NONE, False, Allowed()),
        (failures(3), NONE, False, delayed(1)),
        (failures(3, 1), NONE, False, Allowed()),
        (failures(4), NONE, False, delayed(2)),
        (failures(4, 1.5), NONE, False, delayed(0.5)),
        (failures(5, 1), NONE, False, delayed(3)),
        (failures(5, 4), NONE, False, CaptchaNeeded()),
        (failures(5, 4), NONE, True, Allowed()),
        (failures(8), NONE, True, delayed(32)),
        (failures(9), NONE, True, delayed(60)),
        (failures(10_000), NONE, True, delayed(60)),
        (NONE, failures(14), False, Allowed()),
        (NONE, failures(15), False, delayed(1)),
        (NONE, failures(24, 3600), False, Allowed()),
        (NONE, failures(25, 3600), False, CaptchaNeeded()),
        (failures(3), failures(16), False, delayed(2)),
    ],
)
def test_what_an_attempt_meets(account: Failures, address: Failures, solved: bool, verdict: Verdict) -> None:
    assert judge(account, address, None, solved, LIMITS, NOW) == verdict


@pytest.mark.parametrize(
    ("until", "open_again"),
    [(None, False), (NOW + timedelta(seconds=1), False), (NOW, True), (NOW - timedelta(days=1), True)],
)
def test_a_closed_door_opens_when_its_time_is_over(until: datetime | None, open_again: bool) -> None:
    met = judge(NONE, NONE, Blocked(until), True, LIMITS, NOW)
    assert met == (Allowed() if open_again else Blocked(until))


@pytest.mark.parametrize(("count", "blocked"), [(59, False), (60, True), (1000, True)])
def test_an_address_that_fails_for_long_is_shut_out(count: int, blocked: bool) -> None:
    assert should_block(failures(count), LIMITS) is blocked


@pytest.mark.parametrize(("seconds", "said"), [(0.1, 1), (1, 1), (1.2, 2), (60, 60)])
def test_the_wait_is_said_in_whole_seconds(seconds: float, said: int) -> None:
    assert delayed(seconds).retry_after == said
