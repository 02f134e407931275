"""The order in which lines of several streams are read: what one of them says at once stands together."""

from collections.abc import Callable, Iterable
from typing import TypeVar

Line = TypeVar("Line")


def in_turn(lines: Iterable[Line], told: Callable[[Line], tuple[float, str]]) -> list[Line]:
    """In time to the second, and within a second stream by stream. `told`: Unix seconds and the stream of a line.

    Replicas fail in the same moment: line by line in time, their stack traces would be mixed and none could be read.
    """

    def place(line: Line) -> tuple[float, str, float]:
        at, stream = told(line)
        return at // 1, stream, at

    return sorted(lines, key=place)
