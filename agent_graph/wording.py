"""How times and counts are written into sentences: a time of day says that it is UTC, and one is not many."""

from datetime import datetime


def clock(at: datetime, *, seconds: bool = True) -> str:
    """13:42:27 UTC."""
    return f"{at:%H:%M:%S} UTC" if seconds else f"{at:%H:%M} UTC"


def moment(at: datetime, *, seconds: bool = True) -> str:
    """2026-11-21 13:42:27 UTC."""
    return f"{at:%Y-%m-%d} {clock(at, seconds=seconds)}"


def span(first: datetime, last: datetime) -> str:
    """13:42:27 to 13:45:00 UTC; a single moment once."""
    return f"{first:%H:%M:%S} to {clock(last)}" if f"{first:%H:%M:%S}" != f"{last:%H:%M:%S}" else f"at {clock(last)}"


def counted(number: int, one: str, many: str = "") -> str:
    """1 event, 2 events; 1 kind of line, 2 kinds of line."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"
