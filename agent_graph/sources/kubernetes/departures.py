"""Reads nodes that were emptied or taken away on purpose: what they carried runs elsewhere, and nobody is missed."""

import re
from collections.abc import Sequence
from datetime import datetime, timedelta

from agent_graph.sources.kubernetes.events import last_seen
from agent_graph.sources.kubernetes.objects import Object, dict_of, is_ready, list_of, name_of, node_of, of_kind
from agent_graph.sources.kubernetes.planned import owned_by
from agent_graph.sources.kubernetes.workloads import ready_of, wanted_of
from agent_graph.sources.signs import Book, when
from backend.investigation.kinds import CaseFile

_ENDED = ("Succeeded", "Failed")
# How near to the trouble whoever takes a place is made.
_NEAR = timedelta(minutes=20)
_WORKLOADS = ("Deployment", "StatefulSet")
# What is said before a node goes: its owner takes it back, an autoscaler has no use for it, an upgrade, a drain.
_INTENT = re.compile(
    r"spot|interrupt|preempt|reclaim|drain|scal\w* ?down|\bconsolidat|disrupt|drift|expir|upgrad|replac"
    r"|shut(?:ting)? ?down|unneeded|underutili[sz]ed|empty node|toBeDeleted|maintenance|rebalance|terminat"
    r"|NotSchedulable",
    re.IGNORECASE,
)
# What the same say of a node that stays.
_STAYS = re.compile(r"cannot|can't|blocked|unconsolidatable|failed|\bnot (?:be )?\w+ed\b", re.IGNORECASE)
# Nothing ran there, by the word of who took it away.
_EMPTY = re.compile(r"\bempty\b|ScaleDownEmpty", re.IGNORECASE)
# Taints of those who are about to take a node away.
_TAKEN = re.compile(
    r"karpenter\.sh/disrupt|ToBeDeletedByClusterAutoscaler|node-termination-handler|impending-node-termination"
    r"|cloudprovider\.kubernetes\.io/shutdown|out-of-service|machine-deletion|spot-itn"
)


def told_to_go(node: Object) -> str:
    """What says that a node is to be emptied or taken away; empty when nothing does."""
    taints = [str(taint.get("key")) for taint in list_of(node, "spec", "taints")]
    if taken := next((key for key in taints if _TAKEN.search(key)), ""):
        return f"tainted {taken}"
    if dict_of(node, "metadata").get("deletionTimestamp"):
        return "being deleted"
    return "cordoned" if dict_of(node, "spec").get("unschedulable") else ""


def read_departure(book: Book, node: Object, objects: list[Object]) -> None:
    """A node that was told to go and carries no workload any more. A cordon alone does not excuse one that is not well.

    Somebody may have cordoned it because it broke.
    """
    name, pods, told = name_of(node), of_kind(objects, "Pod"), told_to_go(node)
    if not told or any(node_of(pod) == name and not _stays(pod) for pod in pods):
        return
    # Where no pod was seen, only whoever takes it away says that it is gone; a node that stays may carry all of them.
    if not pods and (is_well(node) or told == "cordoned"):
        return
    if is_well(node):
        line = f"node {name}: {told}, Ready, and no workload is left on it"
        book.sign("healthy", "strong", line, subject=name, means=f"node {name} was drained on purpose")
        moved, ready = _moved(objects, name)
        if moved and len(ready) == len(moved):
            line = f"workload pods on other nodes: {len(ready)} of {len(moved)} are ready"
            book.sign("healthy", "strong", line, subject=f"{name}/moved", means="what ran there runs elsewhere")
    elif told != "cordoned":
        _planned(book, name, f"it is {told}", None, objects)


def read_absence(book: Book, case: CaseFile, objects: list[Object]) -> None:
    """A node that is no longer one of the cluster's: somebody said that it would go, or others were made for it, and
    nobody misses it."""
    name, nodes = case.target.name, [name_of(node) for node in of_kind(objects, "Node")]
    told = [event for event in of_kind(objects, "Event") if _about(event, name)]
    told.sort(key=lambda event: str(last_seen(event)))
    if not nodes or name in nodes:
        return
    if not told:
        _replaced(book, case, objects)
        return
    book.say(f"node {name}: is not among the {len(nodes)} nodes of the cluster any more")
    said = next((one for one in told if _intended(one)), {})
    why = f"it is gone from the cluster after {_words(said)}" if said else ""
    named = [words for event in of_kind(objects, "Event") if name in (words := _words(event))]
    if said and any(_EMPTY.search(words) for words in (_words(said), *named)):
        book.sign(
            "planned", "proof", f"node {name}: {why}", subject=name, at=last_seen(said), means=f"{why}, and empty"
        )
    elif said:
        _planned(book, name, why, last_seen(said), objects)


def _replaced(book: Book, case: CaseFile, objects: list[Object]) -> None:
    """A machine that broke stays on the list, and is not well: one that was taken off, as others came, was replaced."""
    name, nodes = case.target.name, of_kind(objects, "Node")
    # Any machine is absent from a cluster's list; only one that alerts of the cluster call a node was ever on it.
    if (case.target.source_type, case.target.runtime, case.target.namespace) != ("host", "kubernetes", None):
        return
    born = {name_of(node): when(dict_of(node, "metadata").get("creationTimestamp")) for node in nodes}
    new = [one for one, at in born.items() if at is not None and abs(at - case.started_at) <= _NEAR]
    # Whatever else bears this name, or one without a number as a family has it, was never on the list.
    if name in map(name_of, objects) or _family(name) == name.lower():
        return
    alike = [one for one in new if _family(one) == _family(name)]
    if alike and all(map(is_well, nodes)):
        why = f"it is gone from the cluster, where {', '.join(sorted(alike)[:3])} came in its place"
        _planned(book, name, why, min(at for one in alike if (at := born[one]) is not None), objects)


def _family(name: str) -> str:
    """What machines of one kind are called by, without what tells one from the other."""
    return re.split(r"[-.]?\d", name, maxsplit=1)[0].lower()


def _intended(event: Object) -> bool:
    said = _words(event)
    return bool(_INTENT.search(said)) and not _STAYS.search(said)


def _words(event: Object) -> str:
    return f"{event.get('reason')}: {event.get('message') or event.get('note')}"


def _planned(book: Book, name: str, why: str, at: datetime | None, objects: list[Object]) -> None:
    """That it goes is as planned when all that could have run there runs elsewhere; where no pod was seen, when nobody
    misses one."""
    moved, ready = _moved(objects, name)
    workloads = of_kind(objects, *_WORKLOADS)
    short = [one for one in workloads if ready_of(one) < wanted_of(one)]
    line = f"node {name}: {why}; workload pods on other nodes: {len(ready)} of {len(moved)} are ready"
    if moved and len(ready) == len(moved) and not short:
        means = f"{why}, and all {len(moved)} workload pods are ready on other nodes"
        book.sign("planned", "proof", line, subject=name, at=at, means=means)
    elif workloads and not short and not of_kind(objects, "Pod"):
        line = f"node {name}: {why}; workloads that miss replicas: 0 of {len(workloads)}"
        means = f"{why}, and no workload of {len(workloads)} misses a replica"
        book.sign("planned", "proof", line, subject=name, at=at, means=means)
    else:
        book.say(line)


def _moved(objects: list[Object], node: str) -> tuple[Sequence[Object], Sequence[Object]]:
    """Workload pods that are not on the node, and those of them that are ready."""
    moved = [pod for pod in of_kind(objects, "Pod") if node_of(pod) != node and not _stays(pod)]
    return moved, [pod for pod in moved if is_ready(pod)]


def _about(event: Object, node: str) -> bool:
    whom = dict_of(event, "involvedObject") or dict_of(event, "regarding")
    return whom.get("kind") == "Node" and whom.get("name") == node


def is_well(node: Object) -> bool:
    """Ready, and under no pressure."""
    conditions = {str(c.get("type")): c.get("status") for c in list_of(node, "status", "conditions")}
    return conditions.pop("Ready", None) == "True" and "True" not in conditions.values()


def _stays(pod: Object) -> bool:
    """A drain leaves daemons, the node's own pods and what has ended where they are."""
    return owned_by(pod, "DaemonSet", "Node") or dict_of(pod, "status").get("phase") in _ENDED
