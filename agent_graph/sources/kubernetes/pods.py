"""Reads pods: why a container waits, how it ended, how often it was restarted, where it could not be placed."""

import re
from datetime import datetime, timedelta
from typing import Any

from agent_graph.sources.kubernetes.objects import Object, dict_of, list_of, name_of, namespace_of
from agent_graph.sources.kubernetes.planned import finished
from agent_graph.sources.signs import Book, when
from backend.investigation.kinds import Category

_IMAGE = {
    "ErrImagePull",
    "ImagePullBackOff",
    "InvalidImageName",
    "ErrImageNeverPull",
    "RegistryUnavailable",
    "ImageInspectError",
}
_CONFIG = {"CreateContainerConfigError", "CreateContainerError", "RunContainerError", "StartError"}
_RECENT = timedelta(minutes=60)
SIGNALS = {132: "SIGILL", 134: "SIGABRT", 135: "SIGBUS", 136: "SIGFPE", 137: "SIGKILL", 139: "SIGSEGV", 143: "SIGTERM"}


def read_pod(book: Book, pod: Object, now: datetime, *, mine: bool) -> None:
    """Lines and signs of one pod. Another's pod only tells that it is down."""
    name, status = name_of(pod), dict_of(pod, "status")
    phase = str(status.get("phase", "Unknown"))
    node = str(dict_of(pod, "spec").get("nodeName") or "no node")
    line = book.say(f"pod {name}: phase {phase} on {node}, {_ready(status)}")
    if not mine:
        if _broken(status):
            book.sign("other_down", "strong", f"{line}; {_broken(status)}", subject=name)
        book.inventory.append(f"{namespace_of(pod)}/pod/{name}")
        return
    book.owns(f"{namespace_of(pod)}/pod/{name}")
    before = len(book.signs)
    _whole(book, name, status)
    for kind in ("initContainerStatuses", "containerStatuses"):
        for container in list_of(status, kind):
            _container(book, pod, container, now)
    if phase == "Running" and len(book.signs) == before and _all_ready(status):
        book.sign("healthy", "strong", line, subject=name, means=f"pod {name} is ready and was not restarted lately")
    elif finished(pod) and len(book.signs) == before:
        book.sign("healthy", "strong", line, subject=name, means=f"pod {name} has finished its work")
    elif phase in ("Pending", "Failed", "Unknown") or (phase == "Running" and not _all_ready(status)):
        book.sign("trouble", "strong", line, subject=name, means=f"pod {name} is not ready")


def _whole(book: Book, name: str, status: Object) -> None:
    reason, message = str(status.get("reason") or ""), str(status.get("message") or "")
    if reason == "Evicted":
        kind: Category = "memory_pressure" if "memory" in message else "disk_pressure"
        book.sign(
            kind, "proof", f"pod {name}: Evicted: {message}", subject=name, means=f"{name} was evicted: {message}"
        )
    elif reason in ("NodeLost", "NodeShutdown", "Terminated"):
        book.sign("node_failure", "proof", f"pod {name}: {reason}: {message}", subject=name, means=f"{name}: {reason}")
    for condition in list_of(status, "conditions"):
        if condition.get("type") == "PodScheduled" and condition.get("status") == "False":
            said = str(condition.get("message") or condition.get("reason") or "")
            at = when(condition.get("lastTransitionTime"))
            line = f"pod {name}: PodScheduled=False {condition.get('reason', '')}: {said}"
            book.sign(
                "scheduling_failure", "proof", line, subject=name, at=at, means=f"{name} cannot be placed: {said}"
            )


def _container(book: Book, pod: Object, found: Object, now: datetime) -> None:
    pod_name, name = name_of(pod), str(found.get("name", ""))
    state, last = dict_of(found, "state"), dict_of(found, "lastState", "terminated")
    waiting, ended = dict_of(state, "waiting"), dict_of(state, "terminated")
    restarts = int(found.get("restartCount") or 0)
    who = f"pod {pod_name} container {name}"
    limits = _limits(pod, name)
    if waiting.get("reason"):
        _waiting(book, who, pod_name, waiting, restarts, str(found.get("image", "")))
    for end in (ended, last):
        if end:
            _ended(book, who, pod_name, end, now, limits, restarts, final=end is ended)
    if restarts and not waiting:
        book.say(f"{who}: restartCount {restarts}")
    if restarts >= 3 and last and _recent(when(last.get("finishedAt")), now):
        line = f"{who}: restartCount {restarts}, last ended {last.get('finishedAt')}"
        book.sign("restart_loop", "strong", line, subject=pod_name, means=f"{pod_name} was restarted {restarts} times")


def _waiting(book: Book, who: str, pod: str, waiting: Object, restarts: int, image: str) -> None:
    reason, message = str(waiting["reason"]), str(waiting.get("message") or "")
    line = f"{who}: waiting {reason}: {message}" + (f" (restartCount {restarts})" if restarts else "")
    if reason in _IMAGE:
        means = f"{pod} cannot pull its image {image}: {reason}{': ' + message if message else ''}"
        book.sign("image_pull_error", "proof", line, subject=pod, means=means)
    elif reason in _CONFIG:
        kind: Category = (
            "permission_denied" if re.search(r"permission denied|forbidden", message, re.I) else "config_error"
        )
        book.sign(kind, "proof", line, subject=pod, means=f"{pod} cannot be started as configured: {reason}: {message}")
    elif reason == "CrashLoopBackOff":
        book.sign(
            "restart_loop", "strong", line, subject=pod, means=f"{pod} is in CrashLoopBackOff after {restarts} restarts"
        )
    elif reason not in ("ContainerCreating", "PodInitializing"):
        book.sign("trouble", "weak", line, subject=pod)
    else:
        book.say(line)


def _ended(
    book: Book, who: str, pod: str, end: Object, now: datetime, limits: Object, restarts: int, *, final: bool
) -> None:
    reason, code = str(end.get("reason") or ""), int(end.get("exitCode") or 0)
    at = when(end.get("finishedAt"))
    signal = f" ({SIGNALS[code]})" if code in SIGNALS else ""
    limit = f", memory limit {limits['memory']}" if limits.get("memory") else ""
    said = f": {end['message']}" if end.get("message") else ""
    line = f"{who}: terminated {reason} exit code {code}{signal} at {end.get('finishedAt')}{limit}{said}"
    if not _recent(at, now) and not final:
        book.say(f"{line} (long ago)")
    elif reason == "OOMKilled":
        means = (
            f"{pod} was OOMKilled (exit code {code}): it reached its memory limit {limits.get('memory', '')}".strip()
        )
        book.sign("oom", "proof", line, subject=pod, at=at, means=means)
    elif reason in ("ContainerCannotRun", "StartError") or code in (126, 127, 128):
        book.sign(
            "config_error", "proof", line, subject=pod, at=at, means=f"{pod} cannot be started: {reason} {code}{said}"
        )
    elif code and code not in (143,):
        # 137 without OOMKilled is a kill from outside, mostly by a failed liveness probe.
        weight = "weak" if code == 137 else "strong"
        book.sign(
            "app_crash", weight, line, subject=pod, at=at, means=f"{pod} ended with exit code {code}{signal}{said}"
        )
    elif restarts >= 3:
        book.sign(
            "restart_loop", "strong", line, subject=pod, at=at, means=f"{pod} ends again and again with code {code}"
        )
    else:
        book.say(line)


def _recent(at: datetime | None, now: datetime) -> bool:
    return at is None or now - at <= _RECENT


def _limits(pod: Object, name: str) -> Object:
    specs = [*list_of(pod, "spec", "containers"), *list_of(pod, "spec", "initContainers")]
    return next((dict_of(spec, "resources", "limits") for spec in specs if spec.get("name") == name), {})


def _ready(status: Object) -> str:
    found: list[Any] = list_of(status, "containerStatuses")
    return f"{sum(bool(c.get('ready')) for c in found)}/{len(found)} containers ready"


def _all_ready(status: Object) -> bool:
    return all(c.get("ready") for c in list_of(status, "containerStatuses"))


def _broken(status: Object) -> str:
    """What keeps another's pod from working, in a word; empty when it works."""
    for container in list_of(status, "containerStatuses"):
        reason = dict_of(container, "state", "waiting").get("reason")
        if reason and reason not in ("ContainerCreating", "PodInitializing"):
            return str(reason)
        if not container.get("ready") and status.get("phase") == "Running":
            return "not ready"
    return "" if status.get("phase") in ("Running", "Succeeded") else str(status.get("reason") or status.get("phase"))
