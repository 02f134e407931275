"""Reads events: what the scheduler, kubelet and controllers reported, and whether it is over."""

import re
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Literal

from agent_graph.sources.kubernetes.event_meanings import meaning_of
from agent_graph.sources.kubernetes.meanings import Meaning, image_cause, innermost
from agent_graph.sources.kubernetes.objects import Object, dict_of, number_of
from agent_graph.sources.kubernetes.placing import why
from agent_graph.sources.signs import Book, stems, when

_OLD = timedelta(minutes=60)
# What has not been reported for this long, of a pod that is ready, is over.
_PASSED = timedelta(minutes=3)
_LESS, _FEW = re.compile(r"Scaled down .{1,300} from (\d{1,6}) to (\d{1,6})"), 2
_TO_ZERO = re.compile(r"\bto 0 from (\d+)|\bfrom (\d+) to 0\b")
# An autoscaler's words for fewer replicas; it says "above target" for more.
_LESS_TO_DO = "below target"
# What a pod that is gone went through this long before is not what is wrong now.
_BEFORE_GONE = timedelta(minutes=15)
# One failed probe during a start is how starts look; who has started once is asked so no more.
_PROBES, _STARTUP = 3, re.compile(r"Startup probe ", re.IGNORECASE)


def read_event(
    book: Book,
    event: Object,
    began: datetime,
    now: datetime,
    *,
    about: Literal["target", "node", "other"],
    well: Collection[str] = (),
    gone: bool = False,
    off: Collection[str] = (),
    starting: Collection[str] = (),
) -> None:
    """The line of one event; a sign when it is a warning that concerns the target and is not long over.

    `well`: who is ready now, by name. `gone`: it is about a pod that is there no more. `off`: others that want
    to run no more. `starting`: whom a rollout that gets on has just made.
    """
    whom = dict_of(event, "involvedObject") or dict_of(event, "regarding")
    name, reason = str(whom.get("name", "")), str(event.get("reason") or "")
    message = str(event.get("message") or event.get("note") or "")
    last, count = last_seen(event), _count(event)
    times = f" ({count} times)" if count > 1 else ""
    stamp = f"{last:%Y-%m-%dT%H:%M:%SZ} " if last else ""
    line = book.say(
        f"{stamp}{event.get('type', 'Normal')} {reason} {str(whom.get('kind', '')).lower()}/{name}: {message}{times}"
    )
    if name in off and _TO_ZERO.search(message):
        book.sign("other_off", "weak", line, subject=name, at=last, means=f"{name}: {message}")
    if about == "other" or (last is not None and last < began - _OLD) or (last is not None and last > now + _OLD):
        return
    _read_scaling(book, name, reason, message, line, last)
    meaning = meaning_of(reason, message, str(event.get("type") or ""))
    if meaning is None or (about == "node" and meaning[0] == "probe_failure"):
        return
    over = last is not None and last <= now - _PASSED and any(one in well for one in (name, *stems(name)))
    over = over or (gone and last is not None and last < began - _BEFORE_GONE)
    few = meaning[0] == "probe_failure" and (count < _PROBES or _starts(name, message, well, starting))
    weight = "weak" if over or few else meaning[1]
    at = when(event.get("firstTimestamp") or event.get("deprecatedFirstTimestamp") or event.get("eventTime")) or last
    # What the scheduler says is a list, whose beginning counts.
    told = message if reason == "FailedScheduling" else innermost(message)
    means = f"{name}: {reason}: {told}{_in_words(meaning, message)}"
    book.sign(meaning[0], weight, line, subject=name, at=at, means=means)


def _starts(name: str, message: str, well: Collection[str], starting: Collection[str]) -> bool:
    """Is it how this one's start looks? It was just made, or it is ready, and was asked whether it has started."""
    return name in starting or (name in well and _STARTUP.match(message) is not None)


def _read_scaling(book: Book, name: str, reason: str, message: str, line: str, last: datetime | None) -> None:
    """Somebody scaled it to nothing or to a part of what it was, or its autoscaler found less to do."""
    if last is not None and (left := _LESS.search(message)) and reason == "ScalingReplicaSet":
        before, after = int(left[1]), int(left[2])
        # A rollout takes a few at a time.
        if before - after >= _FEW and 0 < after <= before / 2:
            means = f"{name} was scaled down from {before} to {after} replicas"
            book.sign("fewer", "weak", line, subject=name, at=last, means=means)
    if (scaled := _TO_ZERO.search(message)) and reason == "ScalingReplicaSet":
        book.facts["scaled_from"] = int(scaled[1] or scaled[2])
    if reason == "SuccessfulRescale" and _LESS_TO_DO in message:
        book.sign("planned", "weak", line, at=last, means="it was scaled down, as there is less to do")


def _count(event: Object) -> int:
    return number_of(event.get("count") or dict_of(event, "series").get("count") or event.get("deprecatedCount"), 1)


def _in_words(meaning: Meaning, message: str) -> str:
    if meaning[0] == "scheduling_failure":
        reasons = why(message)
        return f" ({'; '.join(reasons)})" if reasons else ""
    cause = image_cause(message) if meaning[0] == "image_pull_error" else ""
    return f" ({cause})" if cause else ""


def last_seen(event: Object) -> datetime | None:
    """When it was reported last, by whichever of the API's generations wrote it."""
    series = dict_of(event, "series").get("lastObservedTime")
    stamp = series or event.get("lastTimestamp") or event.get("eventTime") or event.get("deprecatedLastTimestamp")
    return when(stamp or event.get("firstTimestamp") or dict_of(event, "metadata").get("creationTimestamp"))
