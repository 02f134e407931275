"""Reads what a namespace allows and what scales in it: quotas, claims, autoscalers."""

import re
from typing import Any

from agent_graph.sources.kubernetes.objects import Object, dict_of, list_of, name_of, words_of
from agent_graph.sources.signs import Book, when

_UNITS = {
    "": 1.0,
    "m": 1e-3,
    "k": 1e3,
    "M": 1e6,
    "G": 1e9,
    "T": 1e12,
    "Ki": 2.0**10,
    "Mi": 2.0**20,
    "Gi": 2.0**30,
    "Ti": 2.0**40,
}


def quantity(text: Any) -> float | None:
    """500m, 1Gi or 4 as a number."""
    match = re.fullmatch(r"([\d.]+)(m|[kMGT]|[KMGT]i)?", str(text))
    return float(match[1]) * _UNITS[match[2] or ""] if match else None


def read_quota(book: Book, quota: Object, *, missing: bool) -> None:
    """What of a quota is used up. It matters more where the target misses pods."""
    hard, used = dict_of(quota, "status", "hard") or dict_of(quota, "spec", "hard"), dict_of(quota, "status", "used")
    for resource in hard:
        most, taken = quantity(hard[resource]), quantity(used.get(resource, "0"))
        line = f"quota {name_of(quota)}: {resource} used {used.get(resource)} of {hard[resource]}"
        if most and taken is not None and taken >= most:
            weight = "strong" if missing else "weak"
            book.sign("quota_exceeded", weight, line, subject=name_of(quota), means=line)
        else:
            book.say(line)


def read_claim(book: Book, claim: Object, *, mine: bool) -> None:
    """A volume claim that is not bound. `mine`: a pod of the target mounts it."""
    name, phase = name_of(claim), str(dict_of(claim, "status").get("phase", ""))
    of_class = dict_of(claim, "spec").get("storageClassName")
    line = f"claim {name}: {phase}" + (f", storage class {of_class}" if of_class else "")
    if phase in ("Pending", "Lost"):
        means = f"claim {name} is {phase}" + (f" (storage class {of_class})" if of_class else "")
        book.sign("scheduling_failure", "strong" if mine else "weak", line, subject=name, means=means)
    else:
        book.say(line)


def read_volume(book: Book, volume: Object) -> None:
    """A volume, and where alone it can be mounted."""
    spec = dict_of(volume, "spec")
    claim, phase = dict_of(spec, "claimRef"), dict_of(volume, "status").get("phase", "")
    terms = list_of(spec, "nodeAffinity", "required", "nodeSelectorTerms")
    wishes = [wish for term in terms for wish in list_of(term, "matchExpressions")]
    only = "; ".join(
        f"{wish.get('key')} {wish.get('operator')} {', '.join(words_of(wish, 'values'))}" for wish in wishes
    )
    line = f"volume {name_of(volume)} of claim {claim.get('namespace')}/{claim.get('name')}: {phase}"
    book.say(line + (f", only on nodes with {only}" if only else ""))


def read_autoscaler(book: Book, scaler: Object) -> None:
    """An autoscaler of the target that cannot read its metrics, or may not go on."""
    name, status = name_of(scaler), dict_of(scaler, "status")
    most, now = dict_of(scaler, "spec").get("maxReplicas"), status.get("currentReplicas")
    line = f"autoscaler {name}: {now} of at most {most} replicas, wants {status.get('desiredReplicas')}"
    if now and now == status.get("desiredReplicas") and now != most:
        book.sign("healthy", "weak", line, subject=name, means=f"autoscaler {name} has as many replicas as it wants")
    else:
        book.say(line)
    for condition in list_of(status, "conditions"):
        kind, state, reason = condition.get("type"), condition.get("status"), str(condition.get("reason") or "")
        said, at = str(condition.get("message") or ""), when(condition.get("lastTransitionTime"))
        line = f"autoscaler {name}: {kind}={state} {reason}: {said}"
        if kind == "ScalingLimited" and state == "True" and reason == "TooManyReplicas":
            means = f"autoscaler {name} is at its maximum of {most} replicas and would need more"
            book.sign("cpu_throttling", "weak", line, subject=name, at=at, means=means)
        elif kind in ("ScalingActive", "AbleToScale") and state == "False" and reason != "ScalingDisabled":
            category = "config_error" if "missing request" in said else "dependency_failure"
            means = f"autoscaler {name} cannot scale: {reason}: {said}"
            book.sign(category, "strong", line, subject=name, at=at, means=means)
        else:
            book.say(line)
