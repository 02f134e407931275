"""What an access log tells of users who are refused what they were given before."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from agent_graph.analysts.rules.facts import LogLine, Sign
from agent_graph.logs.requests import request_of


def signs_of_requests(requests: dict[str, dict[str, Any]], lines: Sequence[LogLine]) -> Iterable[Sign]:
    """Trouble, where what was served to most is refused to most: whatever else is measured, users suffer."""
    for label, found in requests.items():
        lost = found.get("lost") or {}
        line = _shown(lost, [line for line in lines if line.evidence == label]) if lost else None
        if line is None:
            continue
        at = datetime.fromisoformat(lost["at"]) if lost["at"] else None
        paths = ", ".join(lost["paths"][:3])
        means = f"{lost['refused']} requests for {paths}, which were served before, are refused with {lost['status']}"
        yield Sign(label, "requests", "trouble", "strong", line.text, paths, at, means)


def _shown(lost: dict[str, Any], lines: Sequence[LogLine]) -> LogLine | None:
    """The first of them that was kept of the log."""
    asked = ((line, request_of(line.text)) for line in lines)
    found = [line for line, one in asked if one and one.refused and one.path.split("?")[0][:80] in lost["paths"]]
    return next((line for line in found if lost["at"] is None or (line.at and line.at.isoformat() >= lost["at"])), None)
