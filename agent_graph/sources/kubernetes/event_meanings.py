"""What an event stands for, by its reason and its words."""

import re
from collections.abc import Callable

from agent_graph.sources.kubernetes.meanings import Meaning, of_mount, of_refusal, of_words
from agent_graph.sources.kubernetes.placing import by_lost_nodes
from agent_graph.sources.runtime_errors import of_start

_I = re.IGNORECASE
Read = Callable[[str], Meaning | None]


def _always(meaning: Meaning) -> Read:
    return lambda _: meaning


def _when(words: str, meaning: Meaning, other: Meaning | None = None) -> Read:
    return lambda message: meaning if re.search(words, message, _I) else other


def _create(message: str) -> Meaning | None:
    return of_refusal(message)


def _placing(message: str) -> Meaning:
    return ("node_failure", "strong") if by_lost_nodes(message) else ("scheduling_failure", "proof")


def _scale_up(message: str) -> Meaning:
    return ("quota_exceeded", "strong") if re.search(r"quota|limit", message, _I) else ("scheduling_failure", "strong")


def _failed(message: str) -> Meaning | None:
    if re.search(
        r"pull(?:ing)? image|ErrImagePull|ImagePullBackOff|InvalidImageName|ErrImageNeverPull|manifest unknown"
        r"|parse image|inspect image|is not present with pull policy",
        message,
        _I,
    ):
        return ("image_pull_error", "proof")
    if re.search(r"context deadline exceeded|failed to reserve container name", message, _I):
        return ("node_failure", "weak")
    return of_start(message) or _config(message)


def _config(message: str) -> Meaning | None:
    named = re.search(r"CreateContainer(?:Config)?Error|RunContainerError|StartError|ContainerCannotRun|hook", message)
    return ("config_error", "strong") if named else None


def _sandbox(message: str) -> Meaning:
    if re.search(r"no space left|disk quota", message, _I):
        return ("disk_pressure", "proof")
    if re.search(r"pause|sandbox image|pull", message, _I) and re.search(r"image", message, _I):
        return ("image_pull_error", "strong")
    if re.search(r"cgroup|resource temporarily unavailable|fork/exec|too many open files", message, _I):
        return ("node_failure", "strong")
    return ("network_error", "strong")


def evicted(message: str) -> Meaning:
    """What a node was short of when it sent a pod away."""
    if re.search(r"ephemeral|disk|nodefs|imagefs|inodes|emptydir", message, _I):
        return ("disk_pressure", "proof")
    if re.search(r"pid", message, _I):
        return ("node_failure", "proof")
    if re.search(r"memory", message, _I):
        return ("memory_pressure", "proof")
    return ("node_failure", "weak")


def _autoscaler(message: str) -> Meaning:
    if re.search(r"missing request for|no recommendation|invalid metrics", message, _I):
        return ("config_error", "strong")
    return ("dependency_failure", "weak")


def _balancer(message: str) -> Meaning:
    if re.search(r"quota|limit", message, _I):
        return ("quota_exceeded", "strong")
    if re.search(r"not authorized|AccessDenied|Unauthorized|forbidden", message, _I):
        return ("permission_denied", "strong")
    if re.search(r"subnets?\b|security ?group|annotation|invalid|not found|unsupported|must ", message, _I):
        return ("config_error", "strong")
    return ("network_error", "weak")


# The first reason that fits.
_READ: tuple[tuple[str, Read], ...] = (
    ("FailedCreate|FailedUpdate|ReplicaSetCreateError|FailedDaemonPod|RecreatingFailedPod", _create),
    ("FailedScheduling|Unschedulable", _placing),
    ("NotTriggerScaleUp", _always(("scheduling_failure", "strong"))),
    ("FailedScaleUp|ScaleUpTimedOut|ScaleUpFailed", _scale_up),
    ("Preempted", _always(("scheduling_failure", "strong"))),
    ("ProvisioningFailed|FailedBinding|VolumeResizeFailed|VolumeMismatch|ClaimLost",
     lambda said: of_refusal(said) if "quota" in said else ("scheduling_failure", "strong")),
    ("FailedMount|FailedAttachVolume|FailedMapVolume|FailedSync", lambda said: of_mount(said)
     or ("scheduling_failure", "strong")),
    ("Failed|InspectFailed|ErrImageNeverPull|FailedPostStartHook|FailedPrepareDynamicResources", _failed),
    ("BackOff", _when(r"pulling image|pull image", ("image_pull_error", "proof"), ("restart_loop", "strong"))),
    ("CrashLoopBackOff", _always(("restart_loop", "strong"))),
    ("FailedCreatePodSandBox|FailedPodSandBoxStatus", _sandbox),
    ("NetworkNotReady|CNIError|FailedToAssignIP|NetworkUnavailable|IPAllocationFailed|CIDRNotAvailable",
     _always(("network_error", "strong"))),
    ("Unhealthy|ProbeError", _always(("probe_failure", "strong"))),
    ("Killing", _when(r"failed (?:liveness|startup) probe", ("probe_failure", "strong"))),
    ("OOMKilling|SystemOOM|OOMKilled", _always(("oom", "proof"))),
    ("Evicted|Preempting", evicted),
    ("EvictionThresholdMet", evicted),
    ("FreeDiskSpaceFailed|ImageGCFailed|NodeHasDiskPressure", _always(("disk_pressure", "proof"))),
    ("NodeHasInsufficientMemory", _always(("memory_pressure", "proof"))),
    ("NodeNotReady|NodeHasInsufficientPID|KubeletNotReady|Rebooted|NodeStatusUnknown|ContainerGCFailed"
     "|KernelDeadlock|ReadonlyFilesystem|TaskHung|KubeletDown|ContainerdUnhealthy|DeletingNode|FilesystemIsReadOnly",
     _always(("node_failure", "strong"))),
    ("TaintManagerEviction", _when(r"marking", ("node_failure", "strong"))),
    ("FailedKillPod|FailedNodeAllocatableEnforcement", _always(("node_failure", "weak"))),
    ("FailedGetResourceMetric|FailedComputeMetricsReplicas|FailedGetScale|FailedGet.{0,20}Metric", _autoscaler),
    ("SyncLoadBalancerFailed|UnAvailableLoadBalancer|AllocationFailed|FailedDeployModel|FailedBuildModel", _balancer),
    # What a schedule says that its controller cannot read, or has given up counting.
    ("UnknownTimeZone|InvalidSchedule|UnparseableSchedule|UnparseableCronJobSchedule|TooManyMissedTimes"
     "|FailedNeedsStart",
     _always(("config_error", "proof"))),
    ("ProgressDeadlineExceeded|DeploymentRollbackRevisionNotFound", _always(("bad_deploy", "weak"))),
    ("DNSConfigForming|SearchLineLimits", _always(("dns_failure", "weak"))),
    ("BackoffLimitExceeded|DeadlineExceeded|PodFailurePolicy", _always(("app_crash", "weak"))),
    (".*Drain.*|.*Evict.*|DisruptionBlocked", _when(r"disruption budget|\bpdb\b", ("config_error", "strong"))),
)  # fmt: skip
# What is told as ordinary and still is trouble.
_NORMAL = re.compile(
    r"Killing$|NodeNotReady|NodeHas(?:Insufficient|DiskPressure)|BackOff|TaintManager|NotTriggerScaleUp|Preempted"
)


def meaning_of(reason: str, message: str, kind: str) -> Meaning | None:
    """The category an event stands for, and how well."""
    if kind == "Normal" and not _NORMAL.match(reason):
        return None
    read = next((read for reasons, read in _READ if re.fullmatch(reasons, reason)), None)
    if read is None and kind == "Warning":
        return of_words(message)
    return read(message) if read is not None else None
