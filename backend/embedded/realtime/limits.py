"""How much one client may ask for: numbers, and a counter of things per second."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """What a process and a socket may cost. Sizes in bytes."""

    sockets: int = 2000
    channels_per_socket: int = 100
    joins_per_second: float = 20
    joins_burst: float = 100
    messages_per_second: float = 100
    messages_burst: float = 400
    payload_bytes: int = 256_000
    # Beyond this a client does not read what it is sent.
    queued_messages: int = 2000
    queued_bytes: int = 2_000_000
    # supabase-js sends a heartbeat every 25 seconds.
    silence_seconds: float = 75
    recheck_seconds: float = 300
    # Policy questions asked of the database at the same time.
    authorizations: int = 3


class Rate:
    """A token bucket: so many at once, so many per second. `now` is monotonic seconds."""

    def __init__(self, per_second: float, burst: float) -> None:
        self._per_second = per_second
        self._burst = burst
        self._left = burst
        self._at = 0.0

    def take(self, now: float) -> bool:
        """Whether one more is allowed."""
        self._left = min(self._burst, self._left + (now - self._at) * self._per_second)
        self._at = now
        if self._left < 1:
            return False
        self._left -= 1
        return True
