"""A backlog that came at once and shrinks since: work that somebody brought, and that is being done."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from statistics import median

from agent_graph.analysts.rules.facts import Facts, LogLine, Metric
from agent_graph.analysts.rules.finding import Finding
from agent_graph.analysts.rules.parts import name, said, trouble_signals
from agent_graph.analysts.rules.well.complaints import complains
from agent_graph.analysts.rules.well.every_day import every_day, passed_before
from agent_graph.analysts.rules.well.wellness import good_signs
from backend.investigation.kinds import Category, Citation
from backend.redaction.clean import one_line

_BACKLOG = re.compile(
    r"queue|_lag\b|lag_|backlog|waiting|pending|depth|messages|unacked|job_?s?_count|enqueued|outstanding|spool|remaining"
    r"|to_process|offset|un_?(?:merged|compacted|indexed|flushed|replayed|processed)|parts?_?count",
    re.IGNORECASE,
)
# Exporters of mail servers tell a queue by a label only, and those of Java's beans whatever they measure.
_OF_A_QUEUE = re.compile(r'\bqueue="|\bname="[\w-]+(?:[:.,][\w-]+)*?[:.,]\w*(?:pending|backlog|queue)', re.IGNORECASE)
# What brings work on purpose.
_BRINGS = re.compile(
    r"re-?play|batch|nightly|schedul|cron|\bjobs?\b|back-?fill|import|bulk|campaign|newsletter|enqueu|re-?index|export"
    r"|migrat|re-?process|resync|announce|run started",
    re.IGNORECASE,
)
# What a backlog looks like to others.
_LOOKS_LIKE: frozenset[Category] = frozenset({"lock_contention", "bad_deploy", "replication_lag", "memory_pressure"})
_LONG_ENOUGH, _AT_MOST = timedelta(minutes=4), timedelta(hours=2)
_POINTS, _NEAR, _AFTER = 6, timedelta(minutes=6), timedelta(minutes=3)
_ANNOUNCED = timedelta(days=3)
# The pace at which a backlog is worked off: the faster, the better.
_PACE = re.compile(
    r"(?:^|[:_])(?:acks?|acked|acknowledged|deliver(?:ed|y)?|consumed?|processed|completed|dequeued?)(?:_\w*)??"
    r"(?:[:_](?:rate|total|per_second|increase)|$)",
    re.IGNORECASE,
)
# What is done faster, too, where the work itself goes wrong.
_GOES_WRONG = re.compile(
    r"fail|error|reject|undeliver|dead|nack|retr|drop|expired|bounce|discard|lost|unsuccess|abort|cancel", re.IGNORECASE
)
# What somebody has taken and is at: a small part of what waits, as many at a time as they take.
_IN_HAND = re.compile(r"un_?ack|in_?flight|processing|reserved|(?:^|_)active|being_", re.IGNORECASE)
_PART, _QUEUE = 0.05, re.compile(r'\b(?:queue|topic|subscription|stream|name)="([^"]+)"')
_NO_WORK = ("errors", "few_errors", "latency")
# How long work took that is at its end.
_TOOK = re.compile(
    r"\b(?:finished|completed?|done|ended|took)\b.{0,30}?((?:\b\d+ ?(?:h|m|s)[a-z]*[ ,]*)+)", re.IGNORECASE
)
_SPAN, _UNITS = re.compile(r"(\d+) ?([hms])", re.IGNORECASE), {"h": 3600, "m": 60, "s": 1}


@dataclass(frozen=True)
class Drain:
    """A series that falls from its peak. `left`: how long until it is where it was, at its pace. `rose`: since when."""

    metric: Metric
    rose: datetime
    began: datetime
    peak: float
    left: timedelta


def draining(facts: Facts, likely: Sequence[Category]) -> Finding | None:
    """All that is too high is a backlog, each of them shrinks all the time, and nobody complains."""
    drains = [drain for metric in facts.metrics if (drain := _drain(metric, facts))]
    lines = {drain.metric.cite().quote for drain in drains}
    faster = [metric for metric in facts.metrics if _is_faster(metric)]
    lines |= {metric.cite().quote for metric in [*faster, *(m for m in facts.metrics if _is_in_hand(m, drains))]}
    over = {sign.quote[:400] for sign in facts.signs_of("trouble_over")}
    others = [signal for signal in trouble_signals(facts) if signal.quote not in lines | over]
    if not drains or others or set(likely) - _LOOKS_LIKE or complains(facts):
        return None
    worst = max(drains, key=lambda drain: drain.peak)
    brought, again = _brought(facts, worst), every_day(facts, worst.metric)
    good = good_signs(facts) or [metric.cite("it is worked off faster than before") for metric in faster]
    if not good and not brought and again is None:
        return None
    shrinks = f"it came to {worst.peak:,.0f} at {worst.began:%H:%M} UTC and shrinks since, at this pace for another"
    return Finding(
        category="healthy",
        statement=one_line(
            f"{name(facts)} works off a backlog: {shrinks} {_minutes(worst.left)}{_why(brought, again)}", 900
        )
        + ".",
        supporting=[
            worst.metric.cite("shrinks since its peak"),
            *(line.cite("brought the work") for line in brought),
            *([again] if again else []),
            *good[:2],
        ],
        strength="strong",
        disproof="Look at it again in a few minutes: growing, or standing still, would be an incident.",
    )


def _why(brought: Sequence[LogLine], again: Citation | None) -> str:
    told = f". Who brought it: {'; '.join(said(line, 240) for line in brought)}" if brought else ""
    return told + (f". {passed_before(again)}" if again else "")


def _minutes(left: timedelta) -> str:
    return f"{max(1, round(left.total_seconds() / 60))} minutes"


def _drain(metric: Metric, facts: Facts) -> Drain | None:
    """Well above where it was, for a while below its peak, lower in each third, and not slowing to a halt."""
    called = metric.line.split("{")[0] + metric.role
    if not (_BACKLOG.search(called) or _OF_A_QUEUE.search(metric.line)) or len(metric.points) < 2 * _POINTS:
        return None
    points = metric.points
    top = max(range(len(points)), key=lambda n: points[n][1])
    after, early = points[top:], [value for _, value in points[: max(2, top)]]
    peak, last = points[top][1], points[-1][1]
    # What rises all the time that is seen comes from where it was at first.
    base = 0.0 if _new_copy(metric, top, facts) else min(median(early), median(early[: max(2, len(early) // 4)]))
    third = len(after) // 3
    if len(after) < _POINTS or peak < 3 * max(base, 1.0) or last > 0.9 * peak:
        return None
    first, middle, end = (median(v for _, v in part) for part in (after[:third], after[third:-third], after[-third:]))
    elapsed, late = after[-1][0] - after[0][0], after[-1][0] - after[-third][0]
    pace, lately = (peak - last) / elapsed, (after[-third][1] - last) / max(late, 1.0)
    if not first > middle > end or lately < 0.3 * pace or elapsed < _LONG_ENOUGH.total_seconds():
        return None
    left = timedelta(seconds=max(0.0, last - base) / pace)
    jump = next(at for at, value in points if value > base + 0.3 * (peak - base))
    # What is brought little by little was begun when the first of it came.
    rose = max((at for at, value in points[:top] if at <= jump and value <= base + 0.02 * (peak - base)), default=jump)
    since, began = datetime.fromtimestamp(rose, UTC), datetime.fromtimestamp(jump, UTC)
    return Drain(metric, since, began, peak, left) if left <= _AT_MOST else None


def _is_faster(metric: Metric) -> bool:
    """Does it measure how fast work is done, and is it faster than it was?"""
    called = metric.line.partition("}")[0]
    if metric.role in _NO_WORK or _GOES_WRONG.search(called):
        return False
    return metric.last > metric.points[0][1] and _PACE.search(called.partition("{")[0]) is not None


def _is_in_hand(metric: Metric, drains: Sequence[Drain]) -> bool:
    """Is it the part of a backlog that is worked on just now?"""
    queue = _QUEUE.search(metric.line)
    own = [drain for drain in drains if queue is not None and queue[0] in drain.metric.line]
    return _IN_HAND.search(metric.name) is not None and any(metric.highest <= _PART * drain.peak for drain in own)


def _new_copy(metric: Metric, top: int, facts: Facts) -> bool:
    """Does a copy's lag begin with its peak, and later than others are measured? It was made, and catches up."""
    others = min(other.points[0][0] for other in facts.metrics)
    began_late = metric.points[0][0] - others >= _LONG_ENOUGH.total_seconds()
    return metric.role == "replication_lag" and top <= 2 and began_late


def _brought(facts: Facts, drain: Drain) -> list[LogLine]:
    """What was done or said as it came: with its number, or in words for work; and what was announced for it."""
    near = [
        line
        for line in [*facts.changes, *facts.around, *facts.lines]
        if line.at and drain.rose - _NEAR <= line.at <= drain.began + _AFTER
    ]
    counted = [line for line in near if _counts(line, drain.peak)]
    named = [line for line in near if line not in facts.lines and _BRINGS.search(line.text)]
    early = [line for line in facts.changes if line.at and drain.began - _ANNOUNCED <= line.at < drain.rose - _NEAR]
    plans = [line for line in early if _BRINGS.search(line.text) and _said_for(line, drain.began)]
    return list({line.text: line for line in [*counted[:1], *plans[-1:], *named, *_lasted(facts, drain)]}.values())[:2]


def _lasted(facts: Facts, drain: Drain) -> list[LogLine]:
    """Work that was registered as it began, and what says that it is at its end since, after as long."""
    for line in [*facts.lines, *facts.usual]:
        took = _TOOK.search(line.message)
        if took is None or line.at is None or line.at < drain.began:
            continue
        seconds = sum(int(count) * _UNITS[unit.lower()] for count, unit in _SPAN.findall(took[1]))
        since = line.at - timedelta(seconds=seconds)
        began = [c for c in facts.changes if c.at and abs(c.at - since) <= _NEAR and c.at < drain.began]
        if began and _BRINGS.search(began[-1].text):
            return [began[-1], line]
    return []


def _counts(line: LogLine, peak: float) -> bool:
    """Does it tell of about as many?"""
    numbers = [float(found.replace(",", "")) for found in re.findall(r"\b\d[\d,]{2,11}\b", line.message)]
    return any(abs(number - peak) <= 0.05 * peak for number in numbers) and _BRINGS.search(line.text) is not None


def _said_for(line: LogLine, began: datetime) -> bool:
    """Does it name the time of day at which it came?"""
    times = [(int(h), int(m)) for h, m in re.findall(r"\b([01]?\d|2[0-3])[:.]([0-5]\d)\b", line.message)]
    return any(abs((began.hour * 60 + began.minute) - (h * 60 + m)) <= 15 for h, m in times)
