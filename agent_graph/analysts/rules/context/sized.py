"""What lies on a full disk, as somebody wrote it down: the largest of the paths that a log gives sizes of."""

import re
from collections.abc import Iterator

from agent_graph.analysts.rules.facts import Facts, LogLine
from agent_graph.analysts.rules.finding import Finding
from agent_graph.analysts.rules.parts import said
from backend.investigation.kinds import Citation

# As du, ncdu and reports write it (29G /var/log/x), and as sentences do (/var/log/x is 29 GB, size=29GiB path=/x).
_SIZE = r"(?<![\w.])(\d{1,6}(?:\.\d{1,3})?) ?([KMGT])(?:i?B)?\b"
_PATH = r"(/[\w.@+-]{1,80}(?:/[\w.@+*-]{1,80}){0,9})"
_PAIR = re.compile(rf"{_SIZE}[\s:=,]{{1,8}}(?:path=|dir=|in |by |at )?{_PATH}|{_PATH}\W{{0,3}}[^/\d]{{0,30}}{_SIZE}")
_UNIT = {"K": 1e3, "M": 1e6, "G": 1e9, "T": 1e12}
_LEAST = 1e9
# A whole that holds the others says nothing of what it holds.
_WHOLES = ("/", "/var", "/usr", "/srv", "/home", "/data", "/opt", "/mnt", "/var/lib", "/var/log", "/dev")
# df tells of whole file systems, by what share of them is used.
_TAKES_NOTHING = re.compile(
    r"avail|free\b|left\b|limit|capacity|total|max\b|removed|deleted|purged|\d% +/", re.IGNORECASE
)


def sized(finding: Finding, facts: Facts) -> Iterator[tuple[str, Citation]]:
    """For the statement, with a quote: the largest, where it is one of some size."""
    if finding.category != "disk_pressure":
        return
    lines = [line for line in [*facts.lines, *facts.usual, *facts.around] if not _TAKES_NOTHING.search(line.message)]
    found = [(size, path, line) for line in lines for size, path in _pairs(line) if size >= _LEAST and _is_part(path)]
    if found:
        _, path, line = max(found, key=lambda one: one[0])
        whose = next((c.name for c in facts.containers if (known := c.data.get("id")) and known in path), "")
        of = f"of container {whose}" if whose else path
        yield f"The largest that was measured is {of}: {said(line, 200)}", line.cite("what takes the room")


def _pairs(line: LogLine) -> Iterator[tuple[float, str]]:
    for amount, unit, path, later, other, of in _PAIR.findall(line.message[:2_000]):
        yield float(amount or other) * _UNIT[unit or of], path or later


def _is_part(path: str) -> bool:
    return path.rstrip("/") not in _WHOLES and path != "/" and not path.startswith("/dev/")
