"""Work with an end, known by its last words: a container that ended well, is not to run on, and says it is done."""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from agent_graph.analysts.rules.facts import Container, LogLine

_DONE = re.compile(
    r"\bfinished\b|\bsucceeded|\bcompleted?\b|\bsuccess(?:ful(?:ly)?)?\b|\bdone\b"
    r"|\ball .{1,60} (?:loaded|processed|saved)",
    re.IGNORECASE,
)
# A service that was told to end says that it is done with ending.
_TOLD_TO_END = re.compile(
    r"shut(?:ting)?[ -]?down|\bstop(?:p(?:ed|ing))?\b|terminat|\bexit|signal|SIG(?:TERM|INT)|graceful|clos(?:ed|ing)"
    r"|\bbye\b|drain|startup|started|initiali[sz]|fail|error",
    re.IGNORECASE,
)
_LAST, _AT_ONCE = timedelta(minutes=2), timedelta(seconds=10)


def with_work_done(container: Container, lines: Sequence[LogLine]) -> Container:
    """The container, marked where its last line before it ended says that its work is done."""
    ended = container.data.get("status") == "exited" and not container.exit_code and not container.oom_killed
    if not ended or not container.data.get("of_target") or container.finished_at is None:
        return container
    at = container.finished_at
    said = [line for line in lines if not line.speaker and line.at is not None and line.at <= at + timedelta(seconds=3)]
    last = max(said, key=lambda line: line.at or at, default=None)
    told = last is not None and last.at is not None and at - last.at <= _LAST and _is_end(last.message)
    return replace(container, data={**container.data, "done": True}) if told else container


def end_told(container: Container, lines: Sequence[LogLine]) -> LogLine | None:
    """What is said of the end of work that is done, as it ends: by itself, or by whoever runs it and names it."""
    at = container.finished_at
    if at is None or not container.finished:
        return None
    near = [line for line in lines if line.at and abs(line.at - at) <= _AT_ONCE and not line.is_bad]
    told = [line for line in near if _is_end(line.message) or container.name in line.text]
    return next((line for line in told if _is_end(line.message)), told[-1] if told else None)


def _is_end(message: str) -> bool:
    return _DONE.search(message) is not None and _TOLD_TO_END.search(message) is None
