"""Turns a set of Kubernetes objects into evidence: state (pods, workloads, nodes) and events."""

from datetime import UTC, datetime
from typing import Any

from agent_graph.sources.kubernetes.events import last_seen, read_event
from agent_graph.sources.kubernetes.objects import Object, dict_of, flatten, is_targets, list_of, name_of, of_kind
from agent_graph.sources.kubernetes.planned import read_drain, read_jobs
from agent_graph.sources.kubernetes.pods import read_pod
from agent_graph.sources.kubernetes.workloads import read_claim, read_node, read_quota, read_rollout, read_workload
from agent_graph.sources.signs import Book, aliases, belongs
from backend.investigation.kinds import CaseFile, Evidence

NAME = "kubernetes"
_WORKLOADS = ("Deployment", "StatefulSet", "DaemonSet")
_EPOCH = datetime.fromtimestamp(0, UTC)


def evidence_of(case: CaseFile, documents: list[Any], query: str) -> list[Evidence]:
    """State and events; nothing when there are no objects."""
    objects = flatten(documents)
    state, events = Book(), Book()
    nodes = {node for pod in of_kind(objects, "Pod") if _mine(pod, case) and (node := _node_of(pod))}
    _workloads(state, objects, case)
    for pod in of_kind(objects, "Pod"):
        _read_pod(state, pod, case)
    for node in of_kind(objects, "Node"):
        read_node(state, node, mine=name_of(node) in nodes or name_of(node) in aliases(case))
        if name_of(node) in aliases(case):
            read_drain(state, node, objects)
    well = frozenset(sign["subject"] for sign in state.signs if sign["category"] == "healthy")
    for event in sorted(of_kind(objects, "Event"), key=lambda e: last_seen(e) or _EPOCH):
        read_event(events, event, case.started_at, case.now, about=_about(event, case, nodes), well=well)
    found = [_evidence(case, book, kind, query) for book, kind in ((state, "state"), (events, "event")) if book.lines]
    return found


def _evidence(case: CaseFile, book: Book, kind: Any, query: str) -> Evidence:
    bad = [sign["means"] or sign["quote"] for sign in book.signs if sign["category"] not in ("healthy", "other_down")]
    return Evidence(
        source=NAME,
        kind="state",
        title="Kubernetes objects" if kind == "state" else "Kubernetes events",
        query=query,
        window_end=case.now,
        summary=(bad[0] if bad else "Nothing unusual.")[:1000],
        content=book.content(),
        data=book.data(),
        inventory=list(dict.fromkeys(book.inventory)),
    )


def _workloads(book: Book, objects: list[Object], case: CaseFile) -> None:
    for one in of_kind(objects, *_WORKLOADS):
        if _mine(one, case):
            read_workload(book, one, case.started_at)
        else:
            wanted, ready = dict_of(one, "spec").get("replicas") or 0, dict_of(one, "status").get("readyReplicas") or 0
            line = f"{str(one['kind']).lower()} {name_of(one)}: {ready} of {wanted} replicas ready"
            if ready < wanted and ready == 0:
                book.sign("other_down", "strong", line, subject=name_of(one))
            else:
                book.say(line)
    read_rollout(book, [one for one in of_kind(objects, "ReplicaSet") if _mine(one, case)], case.started_at)
    read_jobs(book, [one for one in of_kind(objects, "Job") if _mine(one, case)])
    for cronjob in of_kind(objects, "CronJob"):
        if _mine(cronjob, case):
            namespace = str(dict_of(cronjob, "metadata").get("namespace", "default"))
            book.owns(f"{namespace}/cronjob/{name_of(cronjob)}")
    for replica_set in of_kind(objects, "ReplicaSet"):
        for condition in list_of(replica_set, "status", "conditions"):
            if "exceeded quota" in str(condition.get("message", "")):
                said = str(condition["message"])
                book.sign("quota_exceeded", "proof", f"replicaset {name_of(replica_set)}: {said}", means=said)
    for quota in of_kind(objects, "ResourceQuota"):
        read_quota(book, quota)
    for claim in of_kind(objects, "PersistentVolumeClaim"):
        read_claim(book, claim)


def _read_pod(book: Book, pod: Object, case: CaseFile) -> None:
    read_pod(book, pod, case.now, mine=_mine(pod, case))


def _mine(one: Object, case: CaseFile) -> bool:
    return is_targets(one, case) or (one.get("kind") == "Pod" and _node_of(one) == case.target.name)


def _node_of(pod: Object) -> str:
    return str(dict_of(pod, "spec").get("nodeName") or "")


def _about(event: Object, case: CaseFile, nodes: set[str]) -> Any:
    whom = dict_of(event, "involvedObject") or dict_of(event, "regarding")
    name = str(whom.get("name", ""))
    if whom.get("kind") == "Node":
        return "target" if name in aliases(case) else "node" if name in nodes else "other"
    known = aliases(case)
    namespace = str(whom.get("namespace") or case.target.namespace or "")
    if case.target.namespace and namespace != case.target.namespace:
        return "other"
    mine = belongs(name, known) or any(name.startswith(f"{alias}-") for alias in known)
    return "target" if mine else "other"
