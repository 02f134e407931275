"""What a person sees of the drill: one line per step, with the time since the drill began."""

import time
from dataclasses import dataclass, field

from rich.console import Console
from rich.text import Text

STYLES = {
    "broken": "red",
    "detected": "red",
    "proposed": "yellow",
    "decide": "bold yellow",
    "resolved": "green",
    "post-mortem": "green",
    "failed": "bold red",
}


@dataclass(frozen=True)
class Show:
    """Prints steps; keeps the clock of the drill."""

    console: Console
    started: float = field(default_factory=time.monotonic)

    @property
    def elapsed(self) -> float:
        return time.monotonic() - self.started

    def step(self, name: str, text: str) -> None:
        """`name`: a word of at most twelve letters; `text`: what happened, in one sentence."""
        line = Text(f"{self.elapsed:6.1f} s  ", style="dim")
        line.append(f"{name:<12} ", style=STYLES.get(name, "cyan"))
        line.append(text)
        self.console.print(line, soft_wrap=True)
