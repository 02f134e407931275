"""A clock that tests move."""

from datetime import UTC, datetime, timedelta

from backend.clock import Clock


class MovableClock(Clock):
    """Stands still until it is moved."""

    def __init__(self, now: datetime | None = None) -> None:
        self._now = now or datetime.now(UTC)

    def now(self) -> datetime:
        return self._now

    def advance(self, **amount: float) -> datetime:
        """`clock.advance(minutes=5)`; returns the new time."""
        self._now += timedelta(**amount)
        return self._now

    def set(self, now: datetime) -> None:
        self._now = now
