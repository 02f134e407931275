"""Reads what stands behind pods: deployments and their like, their conditions, whom their settings name."""

import re
from typing import Any

from agent_graph.sources.kubernetes.ceilings import read_ceilings
from agent_graph.sources.kubernetes.meanings import of_refusal
from agent_graph.sources.kubernetes.objects import (
    Object,
    dict_of,
    list_of,
    name_of,
    namespace_of,
    number_of,
    of_kind,
    words_of,
)
from agent_graph.sources.signs import Book, when

# A host in a setting: redis-cart:6379, http://payments.shop.svc/…, postgres://user:secret@db:5432/shop.
_HOST = re.compile(r"(?:^|[@/=,;\s(])([a-z][a-z0-9-]{2,62})(?:\.[a-z0-9-]+)*(?=:\d{2,5}\b|/|$)")
_MOST_NEEDS = 40
_COPY = re.compile(r"-(?:primary|stable|active|blue|green|live|main)")
# Two that take turns.
_COLOURS = ({"blue", "green"}, {"red", "black"}, {"active", "standby"}, {"live", "idle"})


def read_workload(book: Book, one: Object, instead: str = "", on: str = "") -> None:
    """A deployment, stateful set or daemon set of the target. `instead`: what runs in its place. `on`: how its rollout
    gets on."""
    kind, name, namespace = str(one["kind"]).lower(), name_of(one), namespace_of(one)
    status = dict_of(one, "status")
    wanted, ready = wanted_of(one), ready_of(one)
    containers: list[Any] = list_of(one, "spec", "template", "spec", "containers")
    book.owns(f"{namespace}/{kind}/{name}")
    book.facts.setdefault("workloads", []).append(_fact(one, wanted))
    book.facts.setdefault("needs", []).extend(needs(containers))
    read_ceilings(book, name, containers, runs=False)
    images = ", ".join(str(c.get("image", "")) for c in containers)
    line = f"{kind} {name}: {ready} of {wanted} replicas ready, image {images}"
    if on and ready:
        book.sign("healthy", "strong", f"{line}; {on}", subject=name, means=f"{name}: {on}")
    elif wanted and ready >= wanted and not _unfinished(one):
        book.sign("healthy", "strong", line, subject=name, means=f"all replicas of {name} are ready")
    elif wanted and ready >= wanted:
        line = f"{line}; {status.get('updatedReplicas') or 0} of {wanted} are of the newest revision"
        book.sign("trouble", "strong", line, subject=name, means=f"the rollout of {name} does not finish")
    elif wanted:
        book.sign("trouble", "strong", line, subject=name, means=f"{name} misses replicas")
    elif instead:
        means = f"{name} itself wants no replica: {instead} runs in its place"
        book.sign("healthy", "strong", f"{line}; {instead} runs in its place", subject=name, means=means)
    elif dict_of(one, "spec").get("replicas") == 0:
        means = f"{kind} {name} is scaled to zero: it wants no replica, so nothing runs"
        book.sign("config_error", "strong", f"{line}; it wants none", subject=name, means=means)
    else:
        book.say(line)
    for condition in list_of(status, "conditions"):
        read_condition(book, f"{kind} {name}", name, condition)


def stands_in(one: Object, objects: list[Object]) -> str:
    """Progressive delivery keeps the named workload at zero and serves from a copy (web-primary, web-stable), or from
    the one of the other colour."""
    if wanted_of(one):
        return ""
    copies = [
        other
        for other in of_kind(objects, str(one.get("kind")))
        if namespace_of(other) == namespace_of(one) and _is_copy(name_of(other), name_of(one))
    ]
    return next((name_of(other) for other in copies if wanted_of(other) and ready_of(other) >= wanted_of(other)), "")


def _is_copy(other: str, name: str) -> bool:
    """web-primary of web; web-green of web-blue."""
    if other.startswith(name) and _COPY.fullmatch(other.removeprefix(name)):
        return True
    parts, others = name.split("-"), other.split("-")
    pairs = [{a, b} for a, b in zip(parts, others, strict=False) if a != b]
    return len(parts) == len(others) and len(pairs) == 1 and pairs[0] in _COLOURS


def _fact(one: Object, wanted: int) -> dict[str, Any]:
    containers: list[Any] = list_of(one, "spec", "template", "spec", "containers")
    return {
        "kind": str(one["kind"]).lower(),
        "name": name_of(one),
        "namespace": namespace_of(one),
        "replicas": wanted,
        "made": dict_of(one, "metadata").get("creationTimestamp"),
        # With the first of its revisions nothing came before it that could be gone back to.
        "first": str(dict_of(one, "metadata", "annotations").get("deployment.kubernetes.io/revision")) == "1",
        "containers": [
            {
                "name": str(c.get("name", "")),
                "image": str(c.get("image", "")),
                "limits": dict_of(c, "resources", "limits"),
            }
            for c in containers
        ],
    }


def wanted_of(one: Object) -> int:
    """How many replicas it wants; one where nothing says, as the API has it; zero where nobody observed it."""
    if not dict_of(one, "status"):
        return 0
    scheduled = dict_of(one, "status").get("desiredNumberScheduled")
    spec = dict_of(one, "spec")
    return number_of(scheduled if one.get("kind") == "DaemonSet" else spec.get("replicas", 1))


def ready_of(one: Object) -> int:
    """How many of its replicas are ready."""
    status = dict_of(one, "status")
    return number_of(status.get("readyReplicas") or status.get("numberReady"))


def _unfinished(one: Object) -> bool:
    """A rollout that gave up: the old revision still serves, the new one does not come up."""
    conditions: list[Any] = list_of(one, "status", "conditions")
    return any(c.get("reason") == "ProgressDeadlineExceeded" for c in conditions)


def read_condition(book: Book, who: str, name: str, condition: Object) -> None:
    """A workload's or replica set's condition."""
    reason, message = str(condition.get("reason", "")), str(condition.get("message", ""))
    line = f"{who}: {condition.get('type')}={condition.get('status')} {reason}: {message}"
    at = when(condition.get("lastTransitionTime"))
    failed = condition.get("type") == "ReplicaFailure" and condition.get("status") == "True"
    refused = of_refusal(message) if failed or reason == "FailedCreate" else None
    if refused is not None:
        book.sign(refused[0], refused[1], line, subject=name, at=at, means=f"{name}: {message}")
    elif reason == "ProgressDeadlineExceeded":
        book.sign("bad_deploy", "weak", line, subject=name, at=at, means=f"the rollout of {name} does not finish")
    elif condition.get("type") in ("Available", "ReplicaFailure"):
        book.say(line)


def needs(containers: list[Any]) -> list[str]:
    """Hosts that its settings name: whom it depends on."""
    found: list[str] = []
    for container in containers:
        values = [str(one.get("value") or "") for one in list_of(container, "env")]
        words = [*words_of(container, "args"), *words_of(container, "command")]
        for text in [*values, *words]:
            found += [match for match in _HOST.findall(text) if match not in ("http", "https", "localhost")]
    return list(dict.fromkeys(found))[:_MOST_NEEDS]
