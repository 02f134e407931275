"""What an attempt to sign in meets, from the failures before it: nothing, a wait, a CAPTCHA, or a closed door."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil

# An address serves a whole office behind one router: it is allowed more than an account before it waits.
ADDRESS_FACTOR = 5
# Beyond that a power of two is only a large number.
MOST_DOUBLINGS = 30


@dataclass(frozen=True)
class Limits:
    """How many failures there may be. Counted within `window`; an account's count starts again with each success."""

    window: timedelta
    delay_after: int
    longest_delay: timedelta
    captcha_after: int
    block_after: int
    block_for: timedelta


@dataclass(frozen=True)
class Failures:
    """How many there were, and when the last one was."""

    count: int = 0
    last: datetime | None = None


@dataclass(frozen=True)
class Allowed:
    """Go on."""


@dataclass(frozen=True)
class Delayed:
    """Too soon after the last failure."""

    wait: timedelta

    @property
    def retry_after(self) -> int:
        """Whole seconds, at least one."""
        return max(1, ceil(self.wait.total_seconds()))


@dataclass(frozen=True)
class CaptchaNeeded:
    """Too many failures to go on without proof of work."""


@dataclass(frozen=True)
class Blocked:
    """The address is shut out; None: until somebody lets it in again."""

    until: datetime | None


Verdict = Allowed | Delayed | CaptchaNeeded | Blocked


def judge(
    account: Failures,
    address: Failures,
    blocked: Blocked | None,
    solved: bool,
    limits: Limits,
    now: datetime,
    *,
    waits: bool = True,
) -> Verdict:
    """What this attempt meets. `solved`: it came with a good CAPTCHA; `waits`: failures make it wait.

    The wait comes first: a solution that was sent too early is not used up.
    """
    if blocked is not None and (blocked.until is None or blocked.until > now):
        return blocked
    wait = max(
        _wait(account, limits.delay_after, limits.longest_delay, now),
        _wait(address, limits.delay_after * ADDRESS_FACTOR, limits.longest_delay, now),
    )
    if waits and wait > timedelta():
        return Delayed(wait)
    if not solved and captcha_needed(account, address, limits):
        return CaptchaNeeded()
    return Allowed()


def captcha_needed(account: Failures, address: Failures, limits: Limits) -> bool:
    """Whether the failures so far ask for proof of work."""
    return account.count >= limits.captcha_after or address.count >= limits.captcha_after * ADDRESS_FACTOR


def should_block(address: Failures, limits: Limits) -> bool:
    """Whether the address has failed so often that it is shut out for a while."""
    return address.count >= limits.block_after


def _wait(failures: Failures, free: int, longest: timedelta, now: datetime) -> timedelta:
    """1, 2, 4 … seconds after the last failure, once `free` failures are spent; never longer than `longest`."""
    if failures.last is None or failures.count < free:
        return timedelta()
    doublings = min(failures.count - free, MOST_DOUBLINGS)
    delay = min(timedelta(seconds=2**doublings), longest)
    return max(timedelta(), failures.last + delay - now)
