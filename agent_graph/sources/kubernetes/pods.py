"""Reads pods: their phase, their conditions, where they could not be placed, why they were removed."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from agent_graph.sources.kubernetes.ceilings import read_ceilings
from agent_graph.sources.kubernetes.containers import read_container
from agent_graph.sources.kubernetes.crowding import sent_away_at
from agent_graph.sources.kubernetes.endings import ended_as_meant, read_ending, read_kept_alive
from agent_graph.sources.kubernetes.event_meanings import evicted
from agent_graph.sources.kubernetes.falls import read_fall
from agent_graph.sources.kubernetes.meanings import LOST_REASONS, Meaning
from agent_graph.sources.kubernetes.objects import Object, dict_of, list_of, name_of, namespace_of, words_of
from agent_graph.sources.kubernetes.placing import by_lost_nodes, why
from agent_graph.sources.kubernetes.planned import owned_by
from agent_graph.sources.signs import Book, belongs, when

_STUCK = timedelta(minutes=5)
# Nobody clears away who was evicted: after so long it is another story.
_STALE = timedelta(hours=6)
# The kubelet's reasons for not taking a pod that was given to it.
_REJECTED = (
    "OutOfcpu",
    "OutOfmemory",
    "OutOfpods",
    "OutOfephemeral-storage",
    "UnexpectedAdmissionError",
    "NodeAffinity",
)
# By which labels pods say of which job they are.
_OF_A_JOB = ("batch.kubernetes.io/job-name", "job-name")
_DISRUPTED: dict[str, Meaning] = {
    "PreemptionByScheduler": ("scheduling_failure", "strong"),
    "DeletionByTaintManager": ("node_failure", "strong"),
    "TerminationByKubelet": ("node_failure", "weak"),
}


def read_pod(book: Book, pod: Object, now: datetime, *, mine: bool, whole: Collection[str] = ()) -> None:
    """Lines and signs of one pod. Another's pod only tells that it is down. `whole`: workloads that miss nothing."""
    name, status = name_of(pod), dict_of(pod, "status")
    phase = str(status.get("phase", "Unknown"))
    node = str(dict_of(pod, "spec").get("nodeName") or "no node")
    line = book.say(f"pod {name}: phase {phase} on {node}, {_ready(status)}")
    if not mine:
        if (broken := _broken(status)) and not _left_over(pod, whole) and not ended_as_meant(pod):
            book.sign("other_down", "strong", f"{line}; {broken}", subject=name, means=f"{name}: {broken}")
        elif not broken:
            read_fall(book, pod, now)
        book.inventory.append(f"{namespace_of(pod)}/pod/{name}")
        return
    book.owns(f"{namespace_of(pod)}/pod/{name}")
    if _left_over(pod, whole):
        how = "and what it helped has done its work" if owned_by(pod, "Pod") else "and was replaced"
        book.say(f"pod {name}: has ended ({status.get('reason') or phase}) {how}")
        return
    if phase == "Failed" and (read_ending(book, pod, line) or _evicted_long_ago(book, pod, now)):
        return
    before = len(book.signs)
    read_ceilings(book, name, list_of(pod, "spec", "containers"), runs=True)
    _whole(book, pod)
    for kind in ("initContainerStatuses", "containerStatuses"):
        for container in list_of(status, kind):
            read_container(book, pod, container, now, init=kind == "initContainerStatuses")
    quiet = all(sign["category"] == "trouble_over" for sign in book.signs[before:])
    _resolver(book, pod)
    read_kept_alive(book, pod, now)
    _phase(book, pod, line, now, quiet=quiet)


def _phase(book: Book, pod: Object, line: str, now: datetime, *, quiet: bool) -> None:
    name, phase = name_of(pod), dict_of(pod, "status").get("phase")
    leaving = when(dict_of(pod, "metadata").get("deletionTimestamp"))
    ready = _all_ready(dict_of(pod, "status"))
    if leaving is not None:
        _leaving(book, pod, leaving, now)
    elif phase == "Running" and quiet and ready:
        book.facts.setdefault("runs_since", {})[name] = _runs_since(pod)
        book.sign("healthy", "strong", line, subject=name, means=f"pod {name} is ready and was not restarted lately")
    elif ended_as_meant(pod) and quiet:
        book.sign("healthy", "strong", line, subject=name, means=f"pod {name} has finished its work")
    elif phase in ("Pending", "Failed", "Unknown") or (phase == "Running" and not ready):
        book.sign("trouble", "strong", line, subject=name, means=f"pod {name} is not ready")


def _runs_since(pod: Object) -> str:
    """When the last of its containers was started."""
    statuses: list[Any] = list_of(pod, "status", "containerStatuses")
    started = [str(dict_of(one, "state", "running").get("startedAt") or "") for one in statuses]
    return max([*started, str(dict_of(pod, "status").get("startTime") or "")])


def _resolver(book: Book, pod: Object) -> None:
    """Whose resolver is the node's own finds no name of the cluster."""
    policy = dict_of(pod, "spec").get("dnsPolicy")
    if policy in ("Default", "None") and not dict_of(pod, "spec").get("hostNetwork"):
        line = f"pod {name_of(pod)}: dnsPolicy {policy}"
        means = f"{name_of(pod)} has dnsPolicy {policy}: it does not ask the cluster's name servers"
        book.sign("dns_failure", "weak", line, subject=name_of(pod), means=means)


def _leaving(book: Book, pod: Object, leaving: datetime, now: datetime) -> None:
    """Who was told to go is no trouble; who does not go is."""
    name, held = name_of(pod), words_of(pod, "metadata", "finalizers")
    line = f"pod {name}: told to end by {leaving:%Y-%m-%dT%H:%M:%SZ}"
    if now - leaving <= _STUCK:
        book.say(line)
        return
    why_held = f", held by the finalizers {', '.join(held)}" if held else ""
    book.sign("trouble", "strong", f"{line} and still there{why_held}", subject=name, means=f"{name} does not end")


def _evicted_long_ago(book: Book, pod: Object, now: datetime) -> bool:
    status, at = dict_of(pod, "status"), sent_away_at(pod)
    if status.get("reason") != "Evicted" or at is None or now - at <= _STALE:
        return False
    book.say(f"pod {name_of(pod)}: Evicted at {at:%Y-%m-%dT%H:%M:%SZ}, long ago: {status.get('message', '')}")
    return True


def _left_over(pod: Object, whole: Collection[str]) -> bool:
    """An ended pod whose owner has all it wants: a record of the past, not a part of the present."""
    if dict_of(pod, "status").get("phase") != "Failed":
        return False
    owners = [str(owner.get("name", "")) for owner in list_of(pod, "metadata", "ownerReferences")]
    # Who was started by another pod is there for what that one does.
    controlled = owned_by(pod, "ReplicaSet", "StatefulSet", "DaemonSet", "Job", "Pod")
    if controlled and any(belongs(name, list(whole)) for name in [*owners, name_of(pod)]):
        return True
    # What tells pods without their owners (some dumps and agents) tells the labels that a job gives them.
    labels = dict_of(pod, "metadata", "labels")
    return any(labels.get(key) in whole for key in _OF_A_JOB)


def _whole(book: Book, pod: Object) -> None:
    name, status, at = name_of(pod), dict_of(pod, "status"), sent_away_at(pod)
    reason, message = str(status.get("reason") or ""), str(status.get("message") or "")
    line = f"pod {name}: {reason}: {message}"
    if reason == "Evicted":
        category, weight = evicted(message)
        book.sign(category, weight, line, subject=name, at=at, means=f"{name} was evicted: {message}")
    elif reason in _REJECTED:
        book.sign("scheduling_failure", "proof", line, subject=name, means=f"{name} was refused by its node: {message}")
    elif reason in LOST_REASONS:
        book.sign("node_failure", "proof", line, subject=name, means=f"{name}: {reason}: {message}")
    elif reason == "DeadlineExceeded":
        book.sign("app_crash", "strong", line, subject=name, means=f"{name} did not end in time: {message}")
    for condition in list_of(status, "conditions"):
        _condition(book, name, condition)


def _condition(book: Book, name: str, condition: Object) -> None:
    kind, reason = condition.get("type"), str(condition.get("reason") or "")
    said, at = str(condition.get("message") or reason), when(condition.get("lastTransitionTime"))
    line = f"pod {name}: {kind}={condition.get('status')} {reason}: {said}"
    if kind == "PodScheduled" and condition.get("status") == "False":
        reasons = f" ({'; '.join(why(said))})" if why(said) else ""
        lost = by_lost_nodes(said)
        means = f"{name} cannot be placed: {said}{reasons}"
        book.sign("node_failure" if lost else "scheduling_failure", "proof", line, subject=name, at=at, means=means)
    elif kind == "DisruptionTarget" and condition.get("status") == "True" and reason in _DISRUPTED:
        category, weight = _DISRUPTED[reason]
        book.sign(category, weight, line, subject=name, at=at, means=f"{name} had to go: {reason}: {said}")


def _ready(status: Object) -> str:
    found: list[Any] = list_of(status, "containerStatuses")
    return f"{sum(bool(c.get('ready')) for c in found)}/{len(found)} containers ready"


def _all_ready(status: Object) -> bool:
    return all(c.get("ready") for c in list_of(status, "containerStatuses"))


def _broken(status: Object) -> str:
    """What keeps another's pod from working, in a word; empty when it works."""
    for container in [*list_of(status, "initContainerStatuses"), *list_of(status, "containerStatuses")]:
        reason = dict_of(container, "state", "waiting").get("reason")
        if reason and reason not in ("ContainerCreating", "PodInitializing"):
            ended = dict_of(container, "lastState", "terminated")
            how = f" (last ended {ended.get('reason', '')} with exit code {ended.get('exitCode')})" if ended else ""
            return f"{reason}{how}"
    if status.get("phase") == "Running":
        return "" if _all_ready(status) else "not ready"
    return "" if status.get("phase") == "Succeeded" else str(status.get("reason") or status.get("phase"))
