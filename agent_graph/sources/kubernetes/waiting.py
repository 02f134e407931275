"""Reads pods that wait for a place: machines that were ordered for them join, or they gave way as they are made to."""

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from agent_graph.sources.kubernetes.departures import is_well
from agent_graph.sources.kubernetes.events import last_seen
from agent_graph.sources.kubernetes.objects import (
    Object,
    dict_of,
    is_ready,
    list_of,
    name_of,
    node_of,
    number_of,
    of_kind,
)
from agent_graph.sources.signs import Book, belongs, when

# As autoscalers tell that they order machines for a pod, and that they do not get any.
_ORDERED = re.compile(r"TriggeredScaleUp|Nominated")
_REFUSED = re.compile(r"NotTriggerScaleUp|FailedScaleUp|ScaleUpTimedOut|ScaleUpFailed|InsufficientCapacity\w*")
_STARTS = ("ContainerCreating", "PodInitializing")
# A machine that was ordered takes its time to join, and what it carries to start; so long ago somebody gave way.
_JOINS, _GAVE_WAY, _SLACK = timedelta(minutes=20), timedelta(hours=4), timedelta(minutes=1)
# Nothing but room is missing.
_NO_ROOM, _LACKS = re.compile(r"Insufficient [\w./-]+|Too many pods", re.IGNORECASE), re.compile(r"\d+ (?!nodes? are)")


def read_waiting(book: Book, objects: list[Object], mine: Sequence[Object], now: datetime) -> None:
    """For whom that is no trouble yet: in the facts, with the line that says so."""
    waits = [pod for pod in mine if dict_of(pod, "status").get("phase") == "Pending"]
    if not waits:
        return
    line = _coming(waits, mine, objects, now) or _gave_way(waits, mine, objects, now)
    if line:
        began = [at for pod in waits if (at := when(dict_of(pod, "metadata").get("creationTimestamp")))]
        young = [n for n in of_kind(objects, "Node") if began and (at := _made(n)) and at >= min(began) - _SLACK]
        names = [name_of(one) for one in [*waits, *young]]
        book.facts["waits"] = {"line": book.say(line), "names": names}


def _coming(waits: Sequence[Object], mine: Sequence[Object], objects: list[Object], now: datetime) -> str:
    """Each was promised a machine, none was refused one, machines have joined since, and some got their place there."""
    promised, denied = _told(_ORDERED, objects), _told(_REFUSED, objects)
    ordered = [max(found) for pod in waits if (found := promised.get(name_of(pod)))]
    times = [at for at, _ in ordered]
    first = min(times, default=now)
    refused = [at for pod in waits for at, _ in denied.get(name_of(pod), ()) if times and at >= first]
    if len(times) < len(waits) or refused or now - first > _JOINS:
        return ""
    joined = {name_of(node) for node in of_kind(objects, "Node") if (at := _made(node)) and at >= first}
    placed = [pod for pod in mine if node_of(pod) in joined]
    if not placed or any(node_of(pod) and not _starts(pod) for pod in waits):
        return ""
    return (
        f"pods that wait for a place: machines were ordered for them at {first:%Y-%m-%dT%H:%M:%SZ}"
        f" ({min(ordered)[1][:160]}), {len(joined)} have joined since, and {len(placed)} pods got their place there"
    )


def _gave_way(waits: Sequence[Object], mine: Sequence[Object], objects: list[Object], now: datetime) -> str:
    """All are to give way to whoever has no priority at all, some did and some did not, and only room is missing."""
    priorities = [number_of(dict_of(pod, "spec").get("priority")) for pod in waits]
    meant = max(priorities) < 0 and any(is_ready(pod) for pod in mine)
    owners = {str(owner.get("name")) for pod in mine for owner in list_of(pod, "metadata", "ownerReferences")}
    events = [one for one in of_kind(objects, "Event") if one.get("reason") == "Preempted"]
    times = [at for one in events if belongs(_whom(one), list(owners)) and (at := last_seen(one))]
    gone = [at for at in times if now - _GAVE_WAY <= at <= now]
    nodes = of_kind(objects, "Node")
    if not meant or not gone or not all(_lacks_room(pod) for pod in waits) or not all(map(is_well, nodes)):
        return ""
    return (
        f"pods that wait for a place: their priority is {max(priorities)}, below all that have none, and"
        f" {len(gone)} were Preempted, the last at {max(gone):%Y-%m-%dT%H:%M:%SZ}"
    )


def _lacks_room(pod: Object) -> bool:
    """Does the scheduler name nothing else that keeps it away?"""
    said = [c for c in list_of(pod, "status", "conditions") if c.get("type") == "PodScheduled"]
    told = " ".join(str(c.get("message") or "").partition("preemption:")[0] for c in said)
    reasons = _LACKS.findall(told.partition("available:")[2])
    return bool(reasons) and len(_NO_ROOM.findall(told)) == len(reasons)


def _starts(pod: Object) -> bool:
    """Has it its place, and is being made there for the first time?"""
    statuses: list[Any] = [
        *list_of(pod, "status", "containerStatuses"),
        *list_of(pod, "status", "initContainerStatuses"),
    ]
    waiting = {str(dict_of(one, "state", "waiting").get("reason") or _STARTS[0]) for one in statuses}
    return waiting <= set(_STARTS) and not any(one.get("restartCount") for one in statuses)


def _told(reasons: re.Pattern[str], objects: list[Object]) -> dict[str, list[tuple[datetime, str]]]:
    """By who was told so: when, and in what words. All are read once: many wait where there are many events."""
    found: dict[str, list[tuple[datetime, str]]] = {}
    for one in of_kind(objects, "Event"):
        if reasons.fullmatch(str(one.get("reason"))) and (at := last_seen(one)):
            words = f"{one.get('reason')}: {one.get('message') or one.get('note') or ''}"
            found.setdefault(_whom(one), []).append((at, words))
    return found


def _whom(event: Object) -> str:
    return str((dict_of(event, "involvedObject") or dict_of(event, "regarding")).get("name", ""))


def _made(one: Object) -> datetime | None:
    return when(dict_of(one, "metadata").get("creationTimestamp"))
