"""Work that ends well and did nothing: it finds nothing any more where it found much, and what it feeds grows old."""

import re
from datetime import timedelta
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
_RISEN, _HARDLY = 1.2, 0.05
# What alerts call it that much less came of it.
_SMALLER = re.compile(r"smaller|dropp|shr[au]nk|\bsize|too (?:small|few)|fewer|less than|empty|volume|count", re.I)
# Of work that is done in runs, and not of what users bring.
_RUNS = re.compile(r"back-?up|dump|export|import|archiv|snapshot|\betl\b|batch|\bload|sync|report|feed|table", re.I)
# What counts a run's work, and what tells that this lies elsewhere.
_COUNTED = re.compile(
    r"\b\d[\d.,]* ?(?:[KMGT]i?B|bytes|files?|rows?|records?|objects?|documents?|messages?|items?)\b", re.IGNORECASE
)
_MOVED = re.compile(
    r"\b(?:director(?:y|ies)|paths?|prefix|bucket|folder|mount\w*|volume|share|schema|database|tables?|files?)\b.{0,60}"
    r"(?:\bmoved?\b|renam|->|→|instead of|\bto\b)|\bmoved? from\b|\bnew (?:path|director|prefix|bucket|folder|mount)",
    re.IGNORECASE,
)
_LONG = timedelta(days=3)


def emptied(facts: Facts) -> Finding | None:
    """An alert misses what is new, the target's own last words are that there is nothing, and no run of it fails."""
    nothing = [line for line in facts.lines if not line.speaker and found_nothing(line, facts)]
    if facts.alert is None or facts.matching_levels("error", "fatal"):
        return None
    if not nothing:
        return _shrunk(facts, facts.alert)
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


def _shrunk(facts: Facts, fires: Citation) -> Finding | None:
    """What each run left is hardly anything since the last of them, which an alert is about and no run calls wrong."""
    told = [f"{alert.name} {' '.join(alert.annotations.values())}" for alert in facts.case.alerts]
    fell = next((m for m in facts.metrics if m.role == "other" and _collapsed(m)), None)
    if fell is None or fell.change_at is None or not told or not all(_is_of_runs(one) for one in told):
        return None
    last = [line for line in facts.lines if line.level in ("info", None) and _COUNTED.search(line.message)][-1:]
    moved = [c for c in facts.changes if c.at and fell.change_at - _LONG <= c.at <= fell.change_at]
    change = next((c for c in reversed(moved) if _MOVED.search(c.message)), None)
    if change is None:
        return None
    what = f" ({said(last[0], 200)})" if last else ""
    return Finding(
        category="config_error",
        statement=f"{name(facts)} ends well and does hardly anything: {fell.line[:200]}{what}. Before that:"
        f" {said(change, 240)}.",
        supporting=[
            fell.cite("fell to next to nothing"),
            *(line.cite("its last run") for line in last),
            change.cite("what it works on was moved"),
            fires,
        ],
        strength="strong",
        onset=fell.change_at,
        rooted=True,
        disproof="Look at what it was to work on: being so little, it would rule this out.",
    )


def _is_of_runs(told: str) -> bool:
    return _SMALLER.search(told) is not None and _RUNS.search(told) is not None


def _collapsed(metric: Metric) -> bool:
    """Steady before, hardly any of that since, and never again more."""
    values = [value for _, value in metric.points]
    half = len(values) // 2
    usual = sorted(values)[-1 - half // 2] if half else 0.0
    after = next((n for n, value in enumerate(values) if value <= _HARDLY * usual), len(values))
    before = values[:after]
    return (
        len(before) > 2
        and 0 < usual <= 2 * min(before)
        and len(values) > after >= 3
        and max(values[after:]) <= _HARDLY * usual
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
