"""Reads pods that have come to the end they were made for: work that is done, a shell that somebody has left."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from agent_graph.sources.kubernetes.objects import Object, dict_of, is_ready, list_of, name_of, number_of
from agent_graph.sources.kubernetes.planned import owned_by
from agent_graph.sources.signs import Book, when

# Who stands behind a pod that is to run for ever.
_SERVERS = ("ReplicaSet", "StatefulSet", "DaemonSet", "ReplicationController", "Deployment")
# Interrupted at a keyboard, or told to go.
_ASKED = (0, 129, 130, 143)
# How long what stands beside a run may take to end after it.
_LINGERS = timedelta(minutes=10)


def ended_as_meant(pod: Object) -> str:
    """Why nobody waits for this pod: it did its work, or who opened it has left. Empty when it should run, or failed.

    An ended pod that was evicted or lost, that a server's controller stands behind, or that others may call, was not
    meant to end.
    """
    status, owners = dict_of(pod, "status"), list_of(pod, "metadata", "ownerReferences")
    if any(owner.get("kind") in _SERVERS for owner in owners) or status.get("reason"):
        return ""
    if status.get("phase") == "Succeeded":
        return "has finished its work"
    ends = [dict_of(one, "state", "terminated") for one in list_of(status, "containerStatuses")]
    if status.get("phase") != "Failed" or owners or not ends or not all(ends):
        return ""
    if any(end.get("reason") == "OOMKilled" for end in ends):
        return ""
    containers = list_of(pod, "spec", "containers")
    if any(one.get("ports") or one.get("readinessProbe") for one in containers):
        return ""
    if any(one.get("stdin") and one.get("tty") for one in containers):
        # A shell ends with whatever its last command ended with.
        return "was a shell that somebody opened and has left"
    return "was ended by hand" if all(number_of(end.get("exitCode"), -1) in _ASKED for end in ends) else ""


def read_ending(book: Book, pod: Object, line: str) -> bool:
    """Says it of a pod of the target that ended as meant, and whether it is one."""
    why = ended_as_meant(pod)
    if why:
        owners: list[Any] = list_of(pod, "metadata", "ownerReferences")
        behind = "" if owners else ", and no controller wants it back"
        line = f"{line}; it {why}{behind}"
        book.sign("healthy", "strong", line, subject=name_of(pod), means=f"pod {name_of(pod)} {why}{behind}")
    return bool(why)


def read_kept_alive(book: Book, pod: Object, now: datetime) -> None:
    """A run that did its work, and does not end: what stands beside it goes on, as proxies and agents do."""
    statuses: list[Any] = list_of(pod, "status", "containerStatuses")
    ends = {str(one.get("name")): dict_of(one, "state", "terminated") for one in statuses}
    done = {name: when(end.get("finishedAt")) for name, end in ends.items() if end and not end.get("exitCode")}
    runs = [str(one.get("name")) for one in statuses if "running" in dict_of(one, "state")]
    last = max((at for at in done.values() if at), default=None)
    if not owned_by(pod, "Job") or not runs or len(done) + len(runs) < len(ends) or last is None:
        return
    if now - last < _LINGERS:
        return
    line = (
        f"pod {name_of(pod)}: {', '.join(done)} has done its work at {last:%Y-%m-%dT%H:%M:%SZ}, and"
        f" {', '.join(runs)} beside it still runs, so that the job does not end"
    )
    book.sign("config_error", "proof", line, subject=name_of(pod), at=last, means=line)


def read_rest(book: Book, mine: Sequence[Object], pods: Sequence[Object]) -> None:
    """Where all of the target has ended as meant: is everybody else well, who would suffer if it were missed?"""
    if not mine or not all(ended_as_meant(pod) for pod in mine):
        return
    others = [pod for pod in pods if pod not in mine and not ended_as_meant(pod)]
    ready = [pod for pod in others if is_ready(pod)]
    line = f"the other pods: {len(ready)} of {len(others)} are ready"
    if others and len(ready) == len(others):
        book.sign("healthy", "strong", line, subject="the other pods", means="everything else runs")
    elif others:
        book.say(line)
