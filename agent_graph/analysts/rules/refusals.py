"""What an access log tells of users who are refused what they were given before."""

import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from agent_graph.analysts.rules.facts import Facts, LogLine, Sign
from agent_graph.logs.requests import request_of

# What alerts about refused requests speak of.
_REFUSALS = re.compile(
    r"4xx|\b40[0-9]\b|http ?error|error[- ]?(?:rate|ratio)|client errors?|not[ -]?found|forbidden|unauthori[sz]ed|refus"
    r"|bad requests?|denied|fail2ban|\bwaf\b|scan",
    re.IGNORECASE,
)
# So many refused requests are a pattern.
LEAST = 15


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


def about_refusals(facts: Facts) -> bool:
    """Does the alert speak of requests that are refused?"""
    said = [facts.case.title, *(a.name for a in facts.case.alerts)]
    said += [text for a in facts.case.alerts for text in a.annotations.values()]
    return _REFUSALS.search(" ".join(said)) is not None


def turned_away(facts: Facts) -> bool:
    """Is it reported that requests are refused, and does the log show it? Who is well is no comfort to them."""
    return about_refusals(facts) and any(found["refused"] >= LEAST for found in facts.requests.values())


def _shown(lost: dict[str, Any], lines: Sequence[LogLine]) -> LogLine | None:
    """The first of them that was kept of the log."""
    asked = ((line, request_of(line.text)) for line in lines)
    found = [line for line, one in asked if one and one.refused and one.path.split("?")[0][:80] in lost["paths"]]
    return next((line for line in found if lost["at"] is None or (line.at and line.at.isoformat() >= lost["at"])), None)
