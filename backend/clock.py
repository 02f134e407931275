"""Where time comes from: edges read the clock once and hand `now` down."""

from datetime import UTC, datetime


class Clock:
    """The wall clock, in aware UTC. Tests pass a subclass that they can move."""

    def now(self) -> datetime:
        return datetime.now(UTC)
