"""Turns measures into evidence: the series, a line for each, and the signs of their course."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

from agent_graph.sources.courses import course, crept, emptied
from agent_graph.sources.measure import Bad, Measure, now
from agent_graph.sources.series import Series, change_at, describe, thin
from agent_graph.sources.signs import Weight
from backend.investigation.kinds import CaseFile, Evidence

NAME = "prometheus"
POINTS, MOST_SERIES = 240, 12
_BEFORE_SECONDS, _LEAST_BAD = 1800.0, 2
_APART = 100
_ENDED_SECONDS = 240.0
# What is well where it is not bad; of the rest, not being bad says little.
_WELL = ("up", "probe", "ready", "replication_lag", "replicating", "leader", "in_sync")
# So many times make a habit.
_OFTEN = 3
UNCHANGED = "did not change"
# So many times the usual step between points, and so long, is a hole.
_HOLE_STEPS, _HOLE_SECONDS = 5.0, 180.0
# A renewed certificate is valid for days more than the one before it, and for a week at least.
_LONGER, _LONG_ENOUGH = 86400.0, 7 * 86400.0


def evidence_of(
    case: CaseFile,
    measures: Sequence[Measure],
    start: datetime,
    end: datetime,
    queries: Mapping[str, str] | None = None,
) -> list[Evidence]:
    """One piece of evidence per meaning, with the signs of its course. `queries`: by name, what asked for it."""
    found: dict[str, Evidence] = {}
    suffers = any(_suffers(case, measure) for measure in measures)
    until = max((series.points[-1][0] for measure in measures for series in measure.series), default=end.timestamp())
    for measure in measures:
        if measure.series:
            one = _evidence(case, measure, start, end, queries or {}, until)
            one.data["signs"] += _explaining(case, measure, one.content.split("\n")) if suffers else []
            # Two of one name differ in their labels; a question has one answer, so their titles differ, too.
            title = one.title if one.title not in found else f"{one.title} {_labels(measure.series[0])}"
            found[title] = one.model_copy(update={"title": title})
    return list(found.values())


# What is used more may explain that it is slow or fails; by itself it may be a busy day.
_EXPLAINING: dict[str, str] = {
    "cpu": "cpu_throttling",
    "memory": "memory_pressure",
    "swapping": "memory_pressure",
    "evictions": "memory_pressure",
    "slow_statements": "slow_query",
    "gc": "memory_pressure",
    "disk_io": "disk_pressure",
    "network": "network_error",
}


def _suffers(case: CaseFile, measure: Measure) -> bool:
    """Do those who use it notice?"""
    felt = measure.role in ("latency", "errors", "success") and not measure.category
    worse = [measure.harm(series) for series in measure.series]
    return felt and any(course(one, case.started_at) == "raised" and now(one) >= measure.floor for one in worse)


def _explaining(case: CaseFile, measure: Measure, lines: Sequence[str]) -> list[dict[str, Any]]:
    category = _EXPLAINING.get(measure.role)
    found: list[dict[str, Any]] = []
    for series, line in zip(measure.series, lines, strict=False):
        if category and course(series, case.started_at) == "raised":
            name = series.labels.get("__name__", measure.role)
            means = f"{measure.means or measure.role + ' use rose'}: {line}"
            changed = change_at(series)
            at = datetime.fromtimestamp(changed, UTC) if changed else None
            found.append({**sign(category, "strong", line, subject=name, at=at, means=means), "used": True})
    return found


def _labels(series: Series) -> str:
    return ", ".join(f"{key}={value}" for key, value in sorted(series.labels.items()) if key != "__name__")


def _evidence(
    case: CaseFile, measure: Measure, start: datetime, end: datetime, queries: Mapping[str, str], until: float
) -> Evidence:
    """`until`: the last point of any series; who ends before it is told no more."""
    shown = measure.series[:MOST_SERIES]
    lines = [describe(s, measure.unit, measure.limit) for s in shown]
    changes = [at for at in (change_at(s) for s in shown) if at is not None]
    name = shown[0].labels.get("__name__", measure.role)
    return Evidence(
        source=NAME,
        kind="metric",
        title=f"{measure.role.replace('_', ' ')} ({name})",
        query=queries.get(name, f"{name} of {case.target.name}"),
        window_start=start,
        window_end=end,
        summary=lines[0],
        content="\n".join(lines),
        data={
            "role": measure.role,
            "series": [{"labels": s.labels, "points": thin(s, POINTS)} for s in shown],
            "unit": measure.unit,
            "change_at": min(changes) if changes else None,
            "limit": measure.limit,
            "signs": [
                one for s, line in zip(shown, lines, strict=True) for one in _signs(case, measure, s, line, until)
            ],
        },
        truncated=len(measure.series) > MOST_SERIES,
    )


def sign(category: str, weight: Weight, line: str, *, subject: str, at: datetime | None, means: str) -> dict[str, Any]:
    """A line that means something, as the analyst reads it."""
    stamp = at.isoformat() if at else None
    quote = line[:400]
    return {"category": category, "weight": weight, "quote": quote, "subject": subject, "at": stamp, "means": means}


def _signs(case: CaseFile, measure: Measure, series: Series, line: str, until: float) -> list[dict[str, Any]]:
    name = series.labels.get("__name__", measure.role)
    meant = [*_judged(case, measure, series, name, line, until), *_of_course(case, measure, series, name, line)]
    changed = change_at(series)
    at = datetime.fromtimestamp(changed, UTC) if changed else None
    return [sign(category, weight, line, subject=name, at=at, means=means) for category, weight, means in meant]


def _judged(
    case: CaseFile, measure: Measure, series: Series, name: str, line: str, until: float
) -> Iterator[tuple[str, Weight, str]]:
    """What its values say by themselves: bad now, bad until a while ago, or never."""
    if measure.role == "certificate" and _renewed(series):
        yield "trouble_over", "strong", "the certificate has been renewed"
    if measure.bad is None:
        return
    silent = until - series.points[-1][0]
    if measure.role == "reason" and measure.category != "oom" and silent > _ENDED_SECONDS:
        # Who does not wait any more has no reason to wait: the series ends.
        yield "trouble_over", "strong", f"{name} is told no more for {silent / 60:.0f} minutes"
        return
    since = case.started_at.timestamp() - _BEFORE_SECONDS
    if measure.bad(now(series)):
        said = measure.means or measure.role.replace("_", " ")
        yield measure.category or "trouble", measure.weight, f"{said}: {line}"
        if not measure.category or measure.weight != "weak":
            yield "trouble", "strong", line
    elif _returns(measure.bad, series):
        return
    elif sum(measure.bad(value) for at, value in series.points if at >= since) >= _LEAST_BAD:
        yield "trouble_over", "strong", f"{name} was not as it should be, and is again"
    elif measure.role in _WELL:
        yield "healthy", "strong", f"{name} is as it should be"


def _returns(bad: Bad, series: Series) -> bool:
    """Was it bad again and again, and is well for no longer than it was between two of those times?

    What comes back every ten minutes is not over five minutes after the last time; nor is it trouble at this moment.
    """
    begins = [b[0] for a, b in pairwise(series.points) if bad(b[1]) and not bad(a[1])]
    ends = [b[0] for a, b in pairwise(series.points) if bad(a[1]) and not bad(b[1])]
    pauses = [later - over for over, later in zip(ends, begins[1:], strict=False)]
    return len(begins) >= _OFTEN and bool(ends) and series.points[-1][0] - ends[-1] < max(pauses)


def _of_course(
    case: CaseFile, measure: Measure, series: Series, name: str, line: str
) -> Iterator[tuple[str, Weight, str]]:
    """What its course says against its own past."""
    few = measure.role == "few_errors"
    harm = measure.harm(series)
    how = course(harm, case.started_at) if measure.rising_is_bad or few else "unknown"
    if how == "raised" and measure.role == "queue" and emptied(series, case.started_at):
        how = "over"
    if few:
        if how == "flat":
            yield "healthy", "strong", f"hardly any fail: {name}"
        return
    if how == "raised" and now(harm) < measure.floor:
        return
    if how != "raised" and measure.rising_is_bad and _hole(case, series):
        yield "blind", "strong", f"{name} has no value for the time when it began"
        return
    if how == "raised":
        yield "trouble", "strong", f"{name} is well {'below' if measure.falling else 'above'} what it was before"
        if measure.category:
            yield measure.category, measure.weight, f"{measure.means or f'{name} is well above before'}: {line}"
    elif how == "over":
        yield "trouble_over", "strong", f"{name} {'fell' if measure.falling else 'rose'} and is back at its usual level"
    elif how == "flat" and not _moved(measure, series) and not _disagreed(measure):
        yield "healthy", "strong", f"{name} {UNCHANGED}"


def _hole(case: CaseFile, series: Series) -> bool:
    """Is there no value around the start of the trouble, or none any more since?"""
    steps = sorted(b[0] - a[0] for a, b in pairwise(series.points))
    usual = steps[len(steps) // 2] if steps else 0.0
    began = case.started_at.timestamp()
    ends = [*(at for at, _ in series.points), case.now.timestamp()]
    # What fell silent as it began may have told of the beginning.
    return any(a - usual <= began < b and b - a > max(_HOLE_STEPS * usual, _HOLE_SECONDS) for a, b in pairwise(ends))


def _moved(measure: Measure, series: Series) -> bool:
    """Is it flat against its past, and yet not as it was?"""
    felt = measure.role in ("latency", "errors")
    return (measure.role == "errors" and _stepped(series)) or (felt and crept(series))


def _stepped(series: Series) -> bool:
    """Is it above where it was all the time at first? Then it did change, if only once."""
    first = [value for _, value in series.points[: max(2, len(series.points) // 5)]]
    return now(series) > 2 * max(first)


def _disagreed(measure: Measure) -> bool:
    """Do those who measure a queue say that it is full and that it is empty? Then nobody knows that it is well."""
    ends = [now(series) for series in measure.series]
    return measure.role == "queue" and len(ends) > 1 and max(ends) >= _APART * max(min(ends), measure.floor)


def _renewed(series: Series) -> bool:
    """Has what is left of a certificate grown, for more than a while?"""
    grown = any(b[1] - a[1] > _LONGER for a, b in pairwise(series.points))
    return grown and now(series) > _LONG_ENOUGH
