"""Work that ends well and did nothing: it finds nothing any more where it found much, and what it feeds grows old."""

import re
from itertools import pairwise

from agent_graph.analysts.rules.empty_handed import found_nothing
from agent_graph.analysts.rules.facts import Facts, LogLine, Metric
from agent_graph.analysts.rules.finding import Finding
from agent_graph.analysts.rules.parts import name, said
from backend.investigation.kinds import Citation

# Where something lies, and what it is called: a path's parts, dashed and underscored names.
_PLACE = re.compile(r"[A-Za-z][\w.-]*(?:[/_-][\w.-]+)+|[A-Za-z][\w-]{3,}(?=/)")
_CHANGED = re.compile(
    r"instead of|\bno longer\b|->|→|renam|moved?\b|moving|\bnew (?:prefix|path|bucket|folder|topic|name|format)|switch"
    r"|replac|retir|v\d\b",
    re.IGNORECASE,
)
_RISEN = 1.2


def emptied(facts: Facts) -> Finding | None:
    """An alert misses what is new, the target's own last words are that there is nothing, and no run of it fails."""
    nothing = [line for line in facts.lines if not line.speaker and found_nothing(line, facts)]
    if facts.alert is None or not nothing or facts.matching_levels("error", "fatal"):
        return None
    change = next((c for c in reversed(facts.changes) if c.at and _of_its_source(c, nothing)), None)
    aged = next((m for m in facts.metrics if _grows_old(m)), None)
    what = said(nothing[-1], 200)
    why = f". What it reads from was changed: {said(change, 240)}" if change is not None else ""
    return Finding(
        category="config_error" if change is not None else "dependency_failure",
        statement=f"{name(facts)} ends well and does nothing: it finds nothing where it looks ({what}){why}.",
        supporting=[
            *_cited(nothing),
            *([change.cite("where it looks was changed")] if change else []),
            *_of(aged),
            facts.alert,
        ],
        strength="strong" if change is not None else "weak",
        onset=max(line.at for line in nothing if line.at) if any(line.at for line in nothing) else None,
        rooted=True,
        disproof="Look where it looks: finding there what it needs would rule it out.",
    )


def _of(metric: Metric | None) -> list[Citation]:
    return [metric.cite("grows old")] if metric is not None else []


def _cited(lines: list[LogLine]) -> list[Citation]:
    """Each way in which the last run said it."""
    return [line.cite("it found nothing") for line in {line.message[:40]: line for line in lines}.values()][:2]


def _of_its_source(change: LogLine, lines: list[LogLine]) -> bool:
    """Does it name a place that the lines name, and say that something lies elsewhere now?"""
    text, summary = " ".join(line.message for line in lines).lower(), change.message.lower()
    places = {part for found in _PLACE.findall(text) for part in (found, *found.split("/")) if len(part) > 3}
    named = [p for p in places if re.search(rf"(?<![\w-]){re.escape(p)}(?![\w])", summary)]
    return bool(named) and _CHANGED.search(change.message) is not None


def _grows_old(metric: Metric) -> bool:
    """Does it rise all the time, up to now?"""
    values = [value for _, value in metric.points]
    steady = sum(b >= a for a, b in pairwise(values)) >= 0.9 * (len(values) - 1)
    return (
        len(values) > 3 and steady and values[-1] >= _RISEN * max(values[0], 1e-9) and metric.role in ("other", "queue")
    )
