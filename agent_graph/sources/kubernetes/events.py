"""Reads events: what the scheduler, kubelet and controllers reported, and what that means."""

import re
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Literal

from agent_graph.sources.kubernetes.objects import Object, dict_of
from agent_graph.sources.signs import Book, Weight, when
from backend.investigation.kinds import Category

Meaning = tuple[Category, Weight]
# Reason, text in its message, meaning: the first that fits.
_MEANINGS: tuple[tuple[str, str, Meaning], ...] = (
    (
        "FailedCreate|FailedScheduling|FailedUpdate",
        (r"exceeded quota|quota exceeded|must specify (?:limits|requests)"),
        ("quota_exceeded", "proof"),
    ),
    ("FailedScheduling|NotTriggerScaleUp", "", ("scheduling_failure", "proof")),
    ("FailedCreate", r"forbidden|denied the request|admission webhook", ("permission_denied", "strong")),
    ("ProvisioningFailed|FailedAttachVolume|FailedBinding", "", ("scheduling_failure", "strong")),
    (
        "Failed|BackOff|InspectFailed|ErrImageNeverPull",
        (r"pull(?:ing)? image|ErrImagePull|ImagePullBackOff|InvalidImageName|manifest unknown"),
        ("image_pull_error", "proof"),
    ),
    (
        "Failed",
        (r"configmap|secret|couldn't find key|CreateContainerConfigError|exec: |no such file"),
        ("config_error", "proof"),
    ),
    ("FailedMount|FailedSync", r"(?:configmap|secret)\b.*not found|references non-existent", ("config_error", "proof")),
    ("FailedMount", r"permission denied|access denied", ("permission_denied", "strong")),
    ("FailedMount", "", ("scheduling_failure", "weak")),
    ("FailedCreatePodSandBox|NetworkNotReady", "", ("network_error", "strong")),
    ("Unhealthy", "", ("probe_failure", "strong")),
    ("Killing", r"failed (?:liveness|startup) probe", ("probe_failure", "strong")),
    ("OOMKilling|SystemOOM|OOMKilled", "", ("oom", "proof")),
    ("BackOff|CrashLoopBackOff", r"restarting failed container|back-off", ("restart_loop", "strong")),
    ("Evicted|Preempting", r"memory", ("memory_pressure", "proof")),
    (
        ("Evicted|EvictionThresholdMet|FreeDiskSpaceFailed|ImageGCFailed|NodeHasDiskPressure"),
        "",
        ("disk_pressure", "proof"),
    ),
    ("NodeHasInsufficientMemory", "", ("memory_pressure", "proof")),
    (
        (
            "NodeNotReady|NodeNotSchedulable|NodeHasInsufficientPID|KubeletNotReady|Rebooted|NodeStatusUnknown|ContainerGCFailed|TaintManagerEviction"
        ),
        "",
        ("node_failure", "strong"),
    ),
    ("ProgressDeadlineExceeded|DeploymentRollbackRevisionNotFound", "", ("bad_deploy", "weak")),
    ("DNSConfigForming", "", ("dns_failure", "weak")),
    ("BackoffLimitExceeded|DeadlineExceeded", "", ("app_crash", "weak")),
)
_OLD = timedelta(minutes=60)
# A probe that has not failed for this long, of a pod that is ready, has passed since.
_PASSED = timedelta(minutes=3)


def read_event(
    book: Book,
    event: Object,
    began: datetime,
    now: datetime,
    *,
    about: Literal["target", "node", "other"],
    well: Collection[str] = (),
) -> None:
    """The line of one event; a sign when it is a warning that concerns the target and is not long over.

    `well`: who is ready now, by name.
    """
    whom = dict_of(event, "involvedObject") or dict_of(event, "regarding")
    name, reason = str(whom.get("name", "")), str(event.get("reason") or "")
    message = str(event.get("message") or event.get("note") or "")
    last, count = last_seen(event), int(event.get("count") or dict_of(event, "series").get("count") or 1)
    at = when(event.get("firstTimestamp") or event.get("eventTime")) or last
    times = f" ({count} times)" if count > 1 else ""
    stamp = f"{last:%Y-%m-%dT%H:%M:%SZ} " if last else ""
    line = book.say(
        f"{stamp}{event.get('type', 'Normal')} {reason} {str(whom.get('kind', '')).lower()}/{name}: {message}{times}"
    )
    if about == "other" or (last is not None and last < began - _OLD) or (last is not None and last > now + _OLD):
        return
    meaning = meaning_of(reason, message, str(event.get("type") or ""))
    if meaning is not None and not (about == "node" and meaning[0] == "probe_failure"):
        category, weight = meaning
        # One failed probe during a start is how starts look; so are several that ended with a pod that is ready.
        over = name in well and last is not None and last <= now - _PASSED
        weight = "weak" if category == "probe_failure" and (count < 3 or over) else weight
        book.sign(category, weight, line, subject=name, at=at, means=f"{name}: {reason}: {message}")


def meaning_of(reason: str, message: str, kind: str) -> Meaning | None:
    """The category an event stands for, and how well."""
    if kind == "Normal" and not re.match(
        r"Killing$|NodeNotReady|NodeHas(?:Insufficient|DiskPressure)|BackOff|TaintManager", reason
    ):
        return None
    for reasons, text, meaning in _MEANINGS:
        if re.fullmatch(reasons, reason) and re.search(text, message, re.IGNORECASE):
            return meaning
    return None


def last_seen(event: Object) -> datetime | None:
    """When it was reported last, by whichever of the API's generations wrote it."""
    series = dict_of(event, "series").get("lastObservedTime")
    stamp = series or event.get("lastTimestamp") or event.get("eventTime") or event.get("deprecatedLastTimestamp")
    return when(stamp or event.get("firstTimestamp") or dict_of(event, "metadata").get("creationTimestamp"))
