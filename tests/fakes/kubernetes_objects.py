"""Objects as a cluster has them: a Deployment `web` in `shop`, its ReplicaSets and pods, in every state of trouble."""

from datetime import UTC, datetime, timedelta
from typing import Any

from tests.fakes.kubernetes import RESOURCES

Object = dict[str, Any]

KINDS = {kind: version for kind, version, _ in RESOURCES.values()}
EVERYWHERE = {kind for kind, _, namespaced in RESOURCES.values() if not namespaced}
NOW = datetime(2026, 11, 21, 3, 5, tzinfo=UTC)
SPACE, NODE, HASH, IMAGE = "shop", "node-1", "7d9f8b6c5", "registry.example.com/web:2.1"


def at(minutes_ago: float) -> str:
    return f"{NOW - timedelta(minutes=minutes_ago):%Y-%m-%dT%H:%M:%SZ}"


def thing(kind: str, name: str, version: str = "v1", *, space: str | None = SPACE, **parts: Any) -> Object:
    meta: Object = {"name": name, "uid": f"uid-{kind}-{name}", "creationTimestamp": at(10_000)}
    meta |= {"namespace": space} if space else {}
    meta |= parts.pop("meta", {})
    return {"kind": kind, "apiVersion": version, "metadata": meta, **parts}


def owned(kind: str, name: str, version: str = "apps/v1") -> list[Object]:
    return [{"apiVersion": version, "kind": kind, "name": name, "uid": f"uid-{kind}-{name}", "controller": True}]


def template(image: str = IMAGE, **spec: Any) -> Object:
    container = {"name": "app", "image": image, "resources": {"limits": {"memory": "256Mi"}}, **spec}
    return {"metadata": {"labels": {"app": "web"}}, "spec": {"containers": [container]}}


def deployment(name: str = "web", *, replicas: int = 1, ready: int = 0, **meta: Any) -> Object:
    spec = {"replicas": replicas, "selector": {"matchLabels": {"app": name}}, "template": template()}
    available = {"type": "Available", "status": "True" if ready >= replicas else "False"}
    status = {"replicas": replicas, "readyReplicas": ready, "conditions": [available]}
    return thing("Deployment", name, "apps/v1", spec=spec, status=status, meta=meta)


def replica_set(
    revision: int = 1, *, hashed: str = HASH, image: str = IMAGE, made: float = 10_000, replicas: int = 1, **spec: Any
) -> Object:
    meta = {
        "labels": {"app": "web", "pod-template-hash": hashed},
        "annotations": {"deployment.kubernetes.io/revision": str(revision)},
        "ownerReferences": owned("Deployment", "web"),
        "creationTimestamp": at(made),
    }
    own = {"replicas": replicas, "selector": {"matchLabels": {"app": "web"}}, "template": template(image, **spec)}
    return thing("ReplicaSet", f"web-{hashed}", "apps/v1", spec=own, status={"replicas": replicas}, meta=meta)


def container(name: str = "app", *, restarts: int = 0, ready: bool = False, **states: Any) -> Object:
    """`states`: state and lastState as the kubelet reports them."""
    running = {"state": {"running": {"startedAt": at(600)}}}
    return {"name": name, "image": IMAGE, "ready": ready, "restartCount": restarts, **(states or running)}


def ended(code: int, reason: str = "Error", *, minutes_ago: float = 2) -> Object:
    return {"terminated": {"exitCode": code, "reason": reason, "finishedAt": at(minutes_ago)}}


def waiting(reason: str, message: str = "") -> Object:
    return {"waiting": {"reason": reason, "message": message}}


def pod(
    *statuses: Object,
    name: str = f"web-{HASH}-x2x4z",
    phase: str = "Running",
    node: str | None = NODE,
    conditions: list[Object] | None = None,
    **spec: Any,
) -> Object:
    meta = {"labels": {"app": "web", "pod-template-hash": HASH}, "ownerReferences": owned("ReplicaSet", f"web-{HASH}")}
    whole = {"nodeName": node, "containers": template()["spec"]["containers"], **spec}
    whole = {key: value for key, value in whole.items() if value is not None}
    ready = bool(statuses) and all(status["ready"] for status in statuses)
    known = conditions or [{"type": "Ready", "status": str(ready)}]
    status = {"phase": phase, "conditions": known, "containerStatuses": list(statuses)}
    return thing("Pod", name, spec=whole, status=status, meta=meta)


def node(name: str = NODE, *, ready: str = "True") -> Object:
    condition = {"type": "Ready", "status": ready, "reason": "KubeletReady", "message": "kubelet is posting status"}
    return thing("Node", name, space=None, spec={}, status={"conditions": [condition]})


def event(reason: str, message: str, of: Object, *, kind: str = "Warning", count: int = 1, ago: float = 3) -> Object:
    meta = of["metadata"]
    space = meta.get("namespace", "default")
    whom = {"kind": of["kind"], "name": meta["name"], "namespace": space, "uid": meta["uid"]}
    return thing(
        "Event",
        f"{meta['name']}.{reason.lower()}{ago:g}",
        space=space,
        involvedObject=whom,
        reason=reason,
        message=message,
        type=kind,
        count=count,
        firstTimestamp=at(ago + 5),
        lastTimestamp=at(ago),
    )


def as_served(recorded: list[Object], space: str) -> list[Object]:
    """Objects of a recording, completed by what a cluster always has and people leave out when they write them down."""
    found = [{**one, "metadata": {**one.get("metadata", {})}} for one in recorded if one["kind"] in KINDS]
    for number, one in enumerate(found):
        whom, meta = one.get("involvedObject", {}), one["metadata"]
        if one["kind"] == "Event":
            of_node = "default" if whom.get("kind") == "Node" else space
            meta |= {"name": meta.get("name", f"event-{number}"), "namespace": whom.get("namespace", of_node)}
        elif one["kind"] not in EVERYWHERE:
            meta.setdefault("namespace", space)
        refs = meta.get("ownerReferences", [])
        meta["ownerReferences"] = [{"apiVersion": KINDS.get(ref["kind"], "v1"), **ref} for ref in refs]
        if KINDS[one["kind"]] == "apps/v1":
            labels = one.get("spec", {}).get("template", {}).get("metadata", {}).get("labels") or {"app": meta["name"]}
            one["spec"] = {"selector": {"matchLabels": labels}, **one.get("spec", {})}
    for top in [one for one in found if one["kind"] in ("Deployment", "StatefulSet", "DaemonSet")]:
        wanted = top["spec"]["selector"]["matchLabels"]
        for one in [one for one in found if one["kind"] in ("Pod", "ReplicaSet")]:
            if one["metadata"]["name"].startswith(f"{top['metadata']['name']}-"):
                one["metadata"]["labels"] = {**wanted, **one["metadata"].get("labels", {})}
    return found
