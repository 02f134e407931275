"""One part of the product under supervision: started, started again when it dies, each time a little later."""

import signal
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

# The first retry comes at once for a person who watches; a part that cannot start must not eat the machine.
FIRST_DELAY = 0.3
LONGEST_DELAY = 15.0
# A run this long counts as a good one: the next failure is a first failure again.
GOOD_RUN = 20.0


class Run(Protocol):
    """A running process."""

    @property
    def pid(self) -> int: ...
    @property
    def output(self) -> int | None: ...
    def poll(self) -> int | None: ...
    def signal(self, how: signal.Signals) -> None: ...


@dataclass
class Part:
    """A process that is to run for as long as the product does."""

    name: str
    launch: Callable[[], Run]
    run: Run | None = None
    started_at: float = 0.0
    start_at: float | None = None
    delay: float = FIRST_DELAY

    def start(self) -> Run:
        self.start_at = None
        self.started_at = time.monotonic()
        self.run = self.launch()
        return self.run

    def died(self) -> str | None:
        """How it ended, when it has; the next start is then due after `delay`, see `start_at`."""
        if self.run is None or (status := self.run.poll()) is None:
            return None
        self.run = None
        self.postpone()
        return describe(status)

    def postpone(self) -> None:
        """Sets the time of the next start."""
        now = time.monotonic()
        if now - self.started_at >= GOOD_RUN:
            self.delay = FIRST_DELAY
        self.start_at = now + self.delay
        self.delay = min(self.delay * 2, LONGEST_DELAY)

    def due(self) -> bool:
        return self.start_at is not None and time.monotonic() >= self.start_at


def describe(status: int) -> str:
    """`exited with status 1`, `killed by SIGKILL`."""
    if status >= 0:
        return f"exited with status {status}"
    try:
        return f"killed by {signal.Signals(-status).name}"
    except ValueError:
        return f"killed by signal {-status}"
