"""A rollout that goes from pod to pod as it was told to: who is away for it is no trouble as long as it gets on."""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import pairwise
from statistics import median
from typing import Any

from agent_graph.sources.kubernetes.events import last_seen
from agent_graph.sources.kubernetes.objects import Object, dict_of, list_of, name_of, namespace_of, number_of, of_kind
from agent_graph.sources.kubernetes.workloads import ready_of, wanted_of
from agent_graph.sources.signs import belongs, when

_LOOKED_AT, _SOON = timedelta(hours=2), timedelta(minutes=10)
# Steps that show a pace, how many of the new must have come up, and by how much of the pace the next may be late.
_STEPS, _COME_UP, _LATE = 3, 2, 2
# As those say it who make pods, and those who have sets of them made.
_MADE = re.compile(r"SuccessfulCreate\b|ScalingReplicaSet\b.{0,4}Scaled up\b")
_STARTS = ("ContainerCreating", "PodInitializing")


def getting_on(one: Object, objects: list[Object], now: datetime) -> str:
    """How far it is; empty when nothing is rolled out, more is away than may be, or no pod was made anew for long."""
    status, wanted = dict_of(one, "status"), wanted_of(one)
    new = number_of(status.get("updatedNumberScheduled") or status.get("updatedReplicas"))
    gave_up = any(c.get("reason") == "ProgressDeadlineExceeded" for c in list_of(status, "conditions"))
    if gave_up or not 0 < new < wanted or wanted - ready_of(one) > _allowed(one, wanted):
        return ""
    made = sorted({at for at in _made(one, objects) if now - _LOOKED_AT <= at <= now})
    pauses = [(later - at).total_seconds() for at, later in pairwise(made)]
    come_up = new - (wanted - ready_of(one))
    if len(made) < _STEPS or come_up < _COME_UP:
        return ""
    if now - made[-1] > max(_SOON, timedelta(seconds=_LATE * median(pauses))):
        return ""
    return f"its rollout gets on, {new} of {wanted} are new and the last was made at {made[-1]:%Y-%m-%dT%H:%M:%SZ}"


def is_starting(pod: Object, turning: list[str], now: datetime) -> bool:
    """Was it just made by such a rollout?"""
    owners = [str(owner.get("name")) for owner in list_of(pod, "metadata", "ownerReferences")]
    born = when(dict_of(pod, "metadata").get("creationTimestamp"))
    statuses: list[Any] = [
        *list_of(pod, "status", "containerStatuses"),
        *list_of(pod, "status", "initContainerStatuses"),
    ]
    waits = [str(dict_of(one, "state", "waiting").get("reason", _STARTS[0])) for one in statuses]
    fails = any(one.get("restartCount") for one in statuses) or set(waits) - set(_STARTS)
    young = born is not None and now - born <= _SOON and not fails
    return young and any(belongs(name, turning) for name in [*owners, name_of(pod)])


def _made(one: Object, objects: list[Object]) -> Iterator[datetime]:
    """When pods of it were made: as the pods say that are there, and as its controller told."""
    here = [other for other in objects if namespace_of(other) == namespace_of(one)]
    for pod in of_kind(here, "Pod"):
        if belongs(name_of(pod), [name_of(one)]) and (at := when(dict_of(pod, "metadata").get("creationTimestamp"))):
            yield at
    for event in of_kind(objects, "Event"):
        whom = dict_of(event, "involvedObject") or dict_of(event, "regarding")
        of_it = belongs(str(whom.get("name", "")), [name_of(one)]) and _MADE.match(_words(event)) is not None
        if of_it and (at := last_seen(event)):
            yield at


def _words(event: Object) -> str:
    return f"{event.get('reason')}: {event.get('message') or event.get('note')}"


def _allowed(one: Object, wanted: int) -> int:
    """How many may be away at a time, as its strategy says."""
    strategy: dict[str, Any] = dict_of(one, "spec", "updateStrategy") or dict_of(one, "spec", "strategy")
    usual = "25%" if one.get("kind") == "Deployment" else 1
    said = str(dict_of(strategy, "rollingUpdate").get("maxUnavailable") or usual)
    return wanted * number_of(said[:-1]) // 100 if said.endswith("%") else number_of(said, 1)
