"""Reads nodes that ran out of memory: whom they sent away, who may take as much as he likes, what came only of that."""

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from agent_graph.sources.kubernetes.objects import Object, dict_of, list_of, name_of, namespace_of, node_of
from agent_graph.sources.kubernetes.planned import owned_by
from agent_graph.sources.signs import Book, when
from backend.investigation.kinds import Category

# What sends pods away, or takes their node from them.
_ROOM: frozenset[Category] = frozenset({"memory_pressure", "disk_pressure", "node_failure"})
# Who was sent away this long before a pod could not be placed is whom it stands for.
_STANDS_FOR = timedelta(hours=1)
_SLACK = timedelta(minutes=2)
_MOST = 3
_SICK = re.compile(r"node\.kubernetes\.io/(?:not-ready|unreachable)")
# What a pod asks for by itself, however much room there is.
_OWN_WISH = re.compile(r"affinity|selector|topology|volume|free ports", re.IGNORECASE)


def read_crowd(book: Book, node: Object, pods: Sequence[Object], mine: Sequence[Object]) -> None:
    """One sentence for a node that is short of memory: who of the target had to go, who else has no limit."""
    name = name_of(node)
    gone = [pod for pod in mine if node_of(pod) == name and dict_of(pod, "status").get("reason") == "Evicted"]
    if not _short(node):
        return
    free = [pod for pod in pods if node_of(pod) == name and pod not in mine and _unlimited(pod)]
    free.sort(key=lambda pod: (dict_of(pod, "status").get("qosClass") != "BestEffort", name_of(pod)))
    for pod in free:
        book.say(f"pod {namespace_of(pod)}/{name_of(pod)} on node {name}: {_unlimited(pod)} has no memory limit")
    sent = f": it sent {', '.join(name_of(pod) for pod in gone[:_MOST])} away" if gone else ""
    more = f" and {len(free) - _MOST} more" if len(free) > _MOST else ""
    whose = ", ".join(f"{namespace_of(pod)}/{name_of(pod)}" for pod in free[:_MOST]) + more
    beside = f"; on it runs {whose} without a memory limit" if free else ""
    line = f"node {name} is short of memory{sent}{beside}"
    at = min((moment for pod in gone if (moment := sent_away_at(pod))), default=_since(node))
    # It tells all at once what the others tell one by one.
    book.sign("memory_pressure", "proof", line, subject=name, at=at, means=line, first=True)


def sent_away_at(pod: Object) -> datetime | None:
    """When its node sent it away, as far as its status tells."""
    told = [c for c in list_of(pod, "status", "conditions") if c.get("type") == "DisruptionTarget"]
    ends: list[Any] = [dict_of(one, "state", "terminated") for one in list_of(pod, "status", "containerStatuses")]
    stamps = [*(c.get("lastTransitionTime") for c in told), *(end.get("finishedAt") for end in ends)]
    return next((at for stamp in stamps if (at := when(stamp))), None)


def after_room_was_lost(*books: Book) -> None:
    """A pod that stands for one that was sent away cannot be placed because of what sent that away.

    Unless it could be placed on no node that is left for what it asks by itself: then that its old one went is over.
    """
    signs = [sign for book in books for sign in book.signs]
    placing = [sign for sign in signs if sign["category"] == "scheduling_failure" and sign["weight"] == "proof"]
    lost = [at for sign in signs if sign["category"] in _ROOM and sign["weight"] == "proof" and (at := _at(sign))]
    for sign in placing:
        at, own = _at(sign), _OWN_WISH.search(sign["quote"])
        if at and not own and any(moment - _SLACK <= at <= moment + _STANDS_FOR for moment in lost):
            sign["weight"] = "strong"
    if any(_OWN_WISH.search(sign["quote"]) and not _SICK.search(sign["quote"]) for sign in placing):
        for sign in signs:
            if sign["category"] == "node_failure" and sign["weight"] == "strong":
                sign["weight"] = "weak"


def _at(sign: dict[str, Any]) -> datetime | None:
    return when(sign["at"])


def _short(node: Object) -> bool:
    return any(c.get("type") == "MemoryPressure" and c.get("status") == "True" for c in _conditions(node))


def _since(node: Object) -> datetime | None:
    return next(
        (when(c.get("lastTransitionTime")) for c in _conditions(node) if c.get("type") == "MemoryPressure"), None
    )


def _conditions(node: Object) -> list[Any]:
    return list_of(node, "status", "conditions")


def _unlimited(pod: Object) -> str:
    """The container of a running workload that has no memory limit; empty where each has one."""
    if dict_of(pod, "status").get("phase") != "Running" or owned_by(pod, "DaemonSet", "Node"):
        return ""
    containers = list_of(pod, "spec", "containers")
    return next(
        (str(one.get("name")) for one in containers if not dict_of(one, "resources", "limits").get("memory")), ""
    )
