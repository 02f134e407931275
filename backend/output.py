"""What the children write, line by line, with the name of who wrote it in front."""

import logging
import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

import orjson

from backend.logs import Format, Level

# A line without an end must not fill the memory.
LONGEST_LINE = 1_000_000
COLOURS = {"postgres": 34, "api": 36, "checks": 32, "agent": 35, "actions": 33, "notify": 37}


# The level of a line; None: it belongs to the line before.
LevelOf = Callable[[str], Level | None]


@dataclass
class Printer:
    """Passes lines on to standard output in the form that was chosen at start.

    Our own processes leave out by themselves what is below the level; `foreign` tells it for programs that cannot.
    """

    form: Format
    level: Level = "info"
    foreign: Mapping[str, LevelOf] = field(default_factory=dict[str, LevelOf])
    _rest: dict[str, bytes] = field(default_factory=dict[str, bytes])
    _last: dict[str, Level] = field(default_factory=dict[str, Level])

    def read(self, name: str, descriptor: int) -> bool:
        """Passes on what there is to read. False when the writer has closed its end."""
        try:
            part = os.read(descriptor, 65536)
        except BlockingIOError:
            return True
        lines = (self._rest.pop(name, b"") + part).split(b"\n")
        rest = lines.pop()
        if part and len(rest) < LONGEST_LINE:
            self._rest[name] = rest
        elif rest:
            lines.append(rest)
        try:
            for line in lines:
                self.line(name, line.decode(errors="replace").rstrip("\r"))
            sys.stdout.flush()
        except OSError:
            # Whoever read our output is gone (`nightdesk up | head`); the product goes on without.
            os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return bool(part)

    def line(self, name: str, line: str) -> None:
        level = self._level(name, line)
        if level is not None and _rank(level) < _rank(self.level):
            return
        if self.form == "console":
            colour, plain = (f"\033[{COLOURS.get(name, 37)}m", "\033[0m") if sys.stdout.isatty() else ("", "")
            sys.stdout.write(f"{colour}{name:<8} |{plain} {line}\n")
        elif line.startswith("{"):
            sys.stdout.write(f"{line}\n")
        elif line:
            at = datetime.now(UTC).isoformat()
            known = {} if level is None else {"level": level}
            said = {"process": name, "event": line, **known, "timestamp": at}
            sys.stdout.write(orjson.dumps(said).decode() + "\n")

    def _level(self, name: str, line: str) -> Level | None:
        """Of a foreign program's line; None for our own, and for what cannot be told: that is shown."""
        if name not in self.foreign:
            return None
        level = self.foreign[name](line) or self._last.get(name)
        if level is not None:
            self._last[name] = level
        return level


def _rank(level: Level) -> int:
    return logging.getLevelNamesMapping()[level.upper()]
