"""Folds a stack trace into the entry it belongs to: Python, Java, Go, Node, .NET, Ruby."""

import re
from collections.abc import Sequence

from agent_graph.logs.levels import body

_CHAIN = re.compile(
    r"^(?:Caused by:|Suppressed:|The above exception was|During handling of the above|goroutine \d+|\[signal "
    r"|exit status |"
    r"\.\.\. \d+ more|created by |main\.|runtime\.)"
)
_PYTHON = "Traceback (most recent call last):"
_GO_FRAME = re.compile(r"^[\w./*()\-]+\([^)]*\)$")
# A logger that aligns its columns: an indented level begins a line of its own, indented code does not.
_LEVEL = re.compile(r"\s{1,8}(?:TRACE|DEBUG|INFO|NOTICE|WARN|WARNING|ERROR|SEVERE|FATAL|CRITICAL)\b")
LONGEST_TRACE = 400


def fold(lines: Sequence[str]) -> list[tuple[int, int]]:
    """Half-open ranges of line numbers, one per entry, in order, covering everything."""
    entries: list[tuple[int, int]] = []
    start, python, go = 0, False, False
    for number, line in enumerate(lines):
        if number == 0:
            continue
        rest = body(line) if line[:1] in "[0123456789" else line
        joins, python, go = _joins(rest, python or _PYTHON in lines[number - 1], go or "panic: " in lines[number - 1])
        if not joins or number - start >= LONGEST_TRACE:
            entries.append((start, number))
            start = number
    if lines:
        entries.append((start, len(lines)))
    return entries


def _joins(rest: str, python: bool, go: bool) -> tuple[bool, bool, bool]:
    """Does this line belong to the entry before it? And are we inside a Python or Go trace after it?"""
    if not rest.strip():
        return python or go, python, go
    if rest[0] in " \t":
        return (True, python, go) if _LEVEL.match(rest) is None else (False, False, False)
    if _CHAIN.match(rest):
        return True, python or rest.startswith(("The above", "During handling")), go or rest.startswith("goroutine")
    if rest.startswith(_PYTHON):
        return python, True, False
    if python:
        # The unindented line that ends a Python trace names the exception.
        return True, False, False
    return (True, False, True) if go and _GO_FRAME.match(rest) else (False, False, False)


def shorten(lines: Sequence[str], head: int = 12, tail: int = 8) -> list[str]:
    """A long trace with its middle frames left out; lines that name a cause always stay."""
    if len(lines) <= head + tail + 1:
        return list(lines)
    causes = [line for line in lines[head:-tail] if body(line).startswith(("Caused by:", "panic:"))]
    left_out = len(lines) - head - tail - len(causes)
    return [*lines[:head], *causes, f"⋯ {left_out} more lines of this trace", *lines[-tail:]]
