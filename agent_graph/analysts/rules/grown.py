"""Was a workload made larger shortly before: by a hand, a deploy or its autoscaler, and how large was it until then?"""

import re
from dataclasses import dataclass
from datetime import timedelta

from agent_graph.analysts.rules.facts import Facts, LogLine
from agent_graph.sources.signs import belongs

_FROM_TO = re.compile(
    r"(?<!max)(?<!min)\breplicas?\W{1,4}(?:from )?(\d{1,4}) ?(?:->|→|=>|to) ?(\d{1,4})"
    r"|\b(?:from )?(\d{1,4}) ?(?:->|→|=>|to) ?(\d{1,4}) (?:replicas|pods|instances|workers)\b",
    re.IGNORECASE,
)
_BEFORE, _SLACK = timedelta(minutes=90), timedelta(minutes=5)
_AT_MAXIMUM, _REPLICAS, _FACTOR = "is at its maximum", "replicas", 1.5


@dataclass(frozen=True)
class Grown:
    """`before`: how many it were, where somebody said so; None where its autoscaler decides, and would again."""

    before: int | None


def grown(facts: Facts, name: str) -> Grown | None:
    """None: nothing says so."""
    for change in reversed(facts.changes):
        if found := _scaled(change, facts, name):
            return found
    limited = any(_AT_MAXIMUM in s.means and s.subject == name for s in facts.signs)
    return Grown(None) if limited or _measured(facts) else None


def _scaled(change: LogLine, facts: Facts, name: str) -> Grown | None:
    began = facts.case.started_at
    if change.at is None or not began - _BEFORE <= change.at <= began + _SLACK:
        return None
    target = change.message.partition(":")[0]
    found = _FROM_TO.search(change.message)
    if found is None or not any(belongs(part, [name]) for part in re.split(r"[/\s:@,]+", target)):
        return None
    before, after = (int(n) for n in found.groups() if n is not None)
    return Grown(before) if 0 < before < after else None


def _measured(facts: Facts) -> bool:
    """Do more of its replicas run than before?"""
    counts = [m for m in facts.metrics if _REPLICAS in m.line.split("{")[0] and "unavailable" not in m.line]
    return any(m.last >= _FACTOR * max(1.0, m.points[0][1]) for m in counts)
