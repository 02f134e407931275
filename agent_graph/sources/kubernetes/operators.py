"""Reads what operators keep (secrets from outside, releases, cloud resources): their word on why it is not there."""

import re
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from agent_graph.sources.kubernetes.objects import Object, dict_of, list_of, name_of, namespace_of, number_of
from agent_graph.sources.kubernetes.policies import is_policy
from agent_graph.sources.kubernetes.routes import is_route
from agent_graph.sources.signs import Book, when
from backend.investigation.kinds import CaseFile

# Kinds whose meaning others read.
_READ = frozenset(
    "Pod Node Event Deployment StatefulSet DaemonSet ReplicaSet Job CronJob Service Endpoints EndpointSlice ConfigMap"
    " Secret HorizontalPodAutoscaler PodDisruptionBudget PersistentVolume PersistentVolumeClaim ResourceQuota"
    " LimitRange Namespace Certificate CertificateRequest Order Challenge Issuer ClusterIssuer APIService".split()
)
_GOOD = re.compile(r"Ready|Synced|Available|Healthy|Reconciled|Valid|Deployed|Released|.*Succeeded")
_BAD = re.compile(r"Stalled|Degraded|.*Failed|.*Failure|.*Error")
# Argo Rollouts' pauses that a person ends; an inconclusive analysis is another.
_STEP = re.compile(r"(?:Canary|BlueGreen)Pause(?:Step)?")
_WELL = ("Ready", "Synced", "Available", "Healthy")
_UNDER_WAY = re.compile(r"Progressing|Pending|Creating|Reconciling|DependencyNotReady|InProgress|Waiting|Unknown")
# What failed so long before the alert did not begin it.
_BEFORE = timedelta(hours=1)


def read_operated(book: Book, objects: Iterable[Object], case: CaseFile) -> None:
    """Those that were to make what the target misses, and the one that the alert names; of others, only their word."""
    missed = [sign for sign in book.signs if re.search(r"not found|does not exist|couldn't find", sign["quote"])]
    for one in objects:
        if one.get("kind") in _READ or is_policy(one) or is_route(one):
            continue
        conditions: list[Any] = list_of(one, "status", "conditions")
        waits = _paused(one)
        failed = [condition for condition in conditions if _failed(condition) and not waits]
        if waits and _meant(one, case):
            line = f"{str(one.get('kind')).lower()} {name_of(one)}: {waits}, {_replicas(one)}"
            book.sign("healthy", "strong", line, subject=name_of(one), means=line)
            continue
        for condition in failed:
            _read(book, one, condition, missed, case)
        if not failed and _meant(one, case):
            _read_well(book, one, conditions, case)


def _read(book: Book, one: Object, condition: Object, missed: list[dict[str, Any]], case: CaseFile) -> None:
    kind, said = str(one.get("kind")).lower(), f"{condition.get('reason', '')}: {condition.get('message')}"
    line = f"{kind} {name_of(one)}: {condition.get('type')}={condition.get('status', 'True')} {said}"
    at, means = when(condition.get("lastTransitionTime")), f"{kind} {name_of(one)} does not get on: {said}"
    wanted = next((sign for sign in missed if _makes(one, sign["quote"])), None)
    if wanted is not None:
        # Why it is missing says more than that it is.
        book.sign(wanted["category"], "proof", line, subject=name_of(one), at=at, means=means, first=True)
    elif _meant(one, case) and (at is None or at >= case.started_at - _BEFORE):
        book.sign("config_error", "strong", line, subject=name_of(one), at=at, means=means)
        book.sign("trouble", "strong", line, subject=name_of(one), at=at, means=means)
    else:
        book.say(line)


def _paused(one: Object) -> str:
    """That it waits for somebody at a step which its own plan has, with all that it runs ready; empty otherwise."""
    spec, status = dict_of(one, "spec"), dict_of(one, "status")
    planned = [c for c in list_of(status, "pauseConditions") if _STEP.fullmatch(str(c.get("reason")))]
    whole = number_of(status.get("readyReplicas")) >= number_of(spec.get("replicas"), 1)
    if not planned or not whole or len(planned) < len(list_of(status, "pauseConditions")):
        return ""
    return f"paused at a step of its plan since {planned[0].get('startTime')} ({planned[0].get('reason')})"


def _replicas(one: Object) -> str:
    status = dict_of(one, "status")
    return f"{status.get('readyReplicas')} of {status.get('replicas')} replicas ready"


def _read_well(book: Book, one: Object, conditions: list[Any], case: CaseFile) -> None:
    """It is well, by its own word; and was not, if it says so only since the alert."""
    well = next((c for c in conditions if c.get("type") in _WELL and c.get("status") == "True"), None)
    if well is None:
        return
    who, at = f"{str(one.get('kind')).lower()} {name_of(one)}", when(well.get("lastTransitionTime"))
    line = f"{who}: {well.get('type')}=True {well.get('reason', '')}: {well.get('message', '')}"
    book.sign("healthy", "strong", line, subject=name_of(one), means=f"{who} is {well.get('type')}")
    if at is not None and at > case.started_at:
        line, means = f"{line}, since {well.get('lastTransitionTime')}", f"{who} is {well.get('type')} again"
        book.sign("trouble_over", "strong", line, subject=name_of(one), at=at, means=means)


def _failed(condition: Object) -> bool:
    kind, reason = str(condition.get("type")), str(condition.get("reason") or "")
    bad = "False" if _GOOD.fullmatch(kind) else "True" if _BAD.fullmatch(kind) else ""
    # Argo CD's conditions are there only while they hold.
    return bool(bad and condition.get("message")) and (
        condition.get("status", "True") == bad and not _UNDER_WAY.search(reason)
    )


def _makes(one: Object, quote: str) -> bool:
    """Does what is missing bear its name, or the name that it was to give it?"""
    spec = dict_of(one, "spec")
    names = [name_of(one), dict_of(spec, "target").get("name"), spec.get("secretName")]
    names += [dict_of(spec, key).get("name") for key in ("writeConnectionSecretToRef", "secretTemplate", "destination")]
    return any(re.search(rf"(?<![\w-]){re.escape(str(name))}(?![\w-])", quote) for name in names if name)


def _meant(one: Object, case: CaseFile) -> bool:
    """Is it what the alert names, kind and all, or what scales the target?"""
    kind = str(one.get("kind")).lower()
    told = [case.target.labels, *(alert.labels for alert in case.alerts)]
    kinds = {str(labels.get(key, "")).lower() for labels in told for key in ("kind", "customresource_kind")}
    names = {labels.get(key, "") for labels in told for key in ("name", "exported_name", kind)} | {case.target.name}
    space = case.target.namespace in (None, namespace_of(one))
    scales = str(dict_of(one, "spec", "scaleTargetRef").get("name") or "")
    if space and scales and scales == case.target.name:
        return True
    return space and name_of(one) in names and (kind in kinds or any(labels.get(kind) for labels in told))
