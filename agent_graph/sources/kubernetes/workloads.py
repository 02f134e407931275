"""Reads what stands behind pods: deployments and their revisions, nodes, quotas, claims, endpoints."""

from datetime import datetime, timedelta

from agent_graph.sources.kubernetes.objects import Object, dict_of, list_of, name_of, namespace_of, of_kind
from agent_graph.sources.signs import Book, when

_REVISION = "deployment.kubernetes.io/revision"
# A rollout this long before the trouble, or this little after it was seen to begin, may have caused it.
_BEFORE, _AFTER = timedelta(minutes=60), timedelta(minutes=3)


def read_workload(book: Book, one: Object, began: datetime) -> None:
    """A deployment, stateful set or daemon set of the target."""
    kind, name, namespace = str(one["kind"]).lower(), name_of(one), namespace_of(one)
    spec, status = dict_of(one, "spec"), dict_of(one, "status")
    wanted = int(status.get("desiredNumberScheduled") or spec.get("replicas") or 0)
    ready = int(status.get("readyReplicas") or status.get("numberReady") or 0)
    containers = list_of(spec, "template", "spec", "containers")
    book.owns(f"{namespace}/{kind}/{name}")
    book.facts.setdefault("workloads", []).append(
        {
            "kind": kind,
            "name": name,
            "namespace": namespace,
            "replicas": wanted,
            "containers": [
                {
                    "name": str(c.get("name", "")),
                    "image": str(c.get("image", "")),
                    "limits": dict_of(c, "resources", "limits"),
                }
                for c in containers
            ],
        }
    )
    images = ", ".join(str(c.get("image", "")) for c in containers)
    line = f"{kind} {name}: {ready} of {wanted} replicas ready, image {images}"
    if wanted and ready >= wanted:
        book.sign("healthy", "strong", line, subject=name, means=f"all replicas of {name} are ready")
    elif wanted:
        book.sign("trouble", "strong", line, subject=name, means=f"{name} misses replicas")
    for condition in list_of(status, "conditions"):
        _condition(book, kind, name, condition)


def _condition(book: Book, kind: str, name: str, condition: Object) -> None:
    reason, message = str(condition.get("reason", "")), str(condition.get("message", ""))
    line = f"{kind} {name}: {condition.get('type')}={condition.get('status')} {reason}: {message}"
    at = when(condition.get("lastTransitionTime"))
    if "exceeded quota" in message:
        book.sign("quota_exceeded", "proof", line, subject=name, at=at, means=f"{name}: {message}")
    elif reason == "ProgressDeadlineExceeded":
        book.sign("bad_deploy", "weak", line, subject=name, at=at, means=f"the rollout of {name} does not finish")
    elif condition.get("type") in ("Available", "ReplicaFailure"):
        book.say(line)


def read_rollout(book: Book, objects: list[Object], began: datetime) -> None:
    """The newest revision among the target's replica sets: made just before the trouble, and with what changed."""
    sets = [one for one in of_kind(objects, "ReplicaSet") if _revision(one) is not None]
    sets.sort(key=lambda one: _revision(one) or 0)
    for one in sets:
        made = dict_of(one, "metadata").get("creationTimestamp")
        book.say(f"replicaset {name_of(one)}: revision {_revision(one)}, image {_images(one)}, created {made}")
    if len(sets) < 2:
        return
    new, old = sets[-1], sets[-2]
    at = when(dict_of(new, "metadata").get("creationTimestamp"))
    if at is None or not began - _BEFORE <= at <= began + _AFTER:
        return
    book.facts["rollout"] = {
        "to_revision": _revision(old),
        "at": at.isoformat(),
        "old": _images(old),
        "new": _images(new),
    }
    line = (
        f"rollout at {at:%Y-%m-%dT%H:%M:%SZ}: revision {_revision(old)} ({_images(old)}) → "
        f"{_revision(new)} ({_images(new)})"
    )
    means = f"revision {_revision(new)} ({_images(new)}) was rolled out at {at:%H:%M:%S} in place of {_images(old)}"
    book.sign("bad_deploy", "strong", line, subject=name_of(new), at=at, means=means)


def _revision(one: Object) -> int | None:
    value = str(dict_of(one, "metadata", "annotations").get(_REVISION, ""))
    return int(value) if value.isdigit() else None


def _images(one: Object) -> str:
    return ", ".join(str(c.get("image", "")) for c in list_of(one, "spec", "template", "spec", "containers"))


def read_node(book: Book, node: Object, *, mine: bool) -> None:
    """A node's conditions. A node that carries the target, or is it, counts as the target's."""
    name, bad = name_of(node), False
    if mine:
        book.owns(f"node/{name}")
    for condition in list_of(node, "status", "conditions"):
        kind, state = str(condition.get("type")), str(condition.get("status"))
        line = f"node {name}: {kind}={state} {condition.get('reason', '')}: {condition.get('message', '')}"
        at = when(condition.get("lastTransitionTime"))
        if kind == "Ready" and state != "True":
            bad = True
            means = f"node {name} is NotReady ({condition.get('reason', '')}: {condition.get('message', '')})"
            book.sign("node_failure" if mine else "other_down", "proof", line, subject=name, at=at, means=means)
        elif (
            kind in ("DiskPressure", "MemoryPressure", "PIDPressure", "NetworkUnavailable") and state == "True" and mine
        ):
            bad = True
            category = {"DiskPressure": "disk_pressure", "MemoryPressure": "memory_pressure"}.get(kind, "node_failure")
            book.sign(category, "proof", line, subject=name, at=at, means=f"node {name} reports {kind}")  # pyright: ignore[reportArgumentType]
        else:
            book.say(line)
    if dict_of(node, "spec").get("unschedulable"):
        book.say(f"node {name}: cordoned (unschedulable)")
        book.facts.setdefault("cordoned", []).append(name)
    if mine and bad:
        book.sign("trouble", "strong", f"node {name} is not well", subject=name)
    if mine and not bad:
        book.sign("healthy", "weak", f"node {name}: Ready, no pressure", subject=name, means=f"node {name} is ready")


def read_quota(book: Book, quota: Object) -> None:
    """What of a quota is used up."""
    hard, used = dict_of(quota, "status", "hard"), dict_of(quota, "status", "used")
    for resource in hard:
        line = f"quota {name_of(quota)}: {resource} used {used.get(resource)} of {hard[resource]}"
        if used.get(resource) == hard[resource] and str(hard[resource]) not in ("0", "None"):
            book.sign("quota_exceeded", "weak", line, subject=name_of(quota), means=line)
        else:
            book.say(line)


def read_claim(book: Book, claim: Object) -> None:
    """A volume claim that is not bound."""
    phase = str(dict_of(claim, "status").get("phase", ""))
    line = f"claim {name_of(claim)}: {phase}"
    if phase in ("Pending", "Lost"):
        book.sign(
            "scheduling_failure", "weak", line, subject=name_of(claim), means=f"claim {name_of(claim)} is {phase}"
        )
    else:
        book.say(line)
