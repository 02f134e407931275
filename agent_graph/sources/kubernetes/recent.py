"""What a cluster tells of changes just before the trouble: revisions, scaling, ConfigMaps that its pods use."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from agent_graph.sources import changes
from agent_graph.sources.kubernetes.objects import Object, dict_of, list_of, name_of, of_kind
from agent_graph.sources.kubernetes.rollouts import changed
from agent_graph.sources.signs import when
from backend.investigation.kinds import CaseFile, Evidence

_DAY = timedelta(days=1)
# Kubernetes' own controllers write all the time, and nobody decided it.
_OWN = ("kube-controller-manager", "kube-scheduler", "kubelet", "kube-apiserver")


def changes_of(case: CaseFile, tops: Sequence[Object], objects: list[Object], query: str) -> list[Evidence]:
    """History of the last day, of the shape registered changes have. What a ReplicaSet tells, its reader tells."""
    rows = [*(row for top in tops for row in _of_top(top, objects)), *_of_configs(tops, objects)]
    recent = [row for row in rows if (at := when(row["ts"])) is not None and case.now - _DAY <= at <= case.now]
    found = changes.evidence_of(case, recent, query)
    return [one.model_copy(update={"source": "kubernetes", "title": "Recent changes in the cluster"}) for one in found]


def _of_top(top: Object, objects: list[Object]) -> Iterator[dict[str, Any]]:
    kind, name = str(top["kind"]).lower(), name_of(top)
    made = dict_of(top, "metadata").get("creationTimestamp")
    yield _row(made, "creation", kind, name, "it was made")
    yield from _revisions(top, objects)
    for entry in list_of(top, "metadata", "managedFields"):
        written, spec = entry.get("time"), dict_of(entry, "fieldsV1", "f:spec")
        manager = str(entry.get("manager") or "somebody")
        if not written or entry.get("subresource") == "status" or "f:replicas" not in spec:
            continue
        # What applied the whole object set the number of replicas, too; only its own hand tells of scaling.
        if entry.get("subresource") != "scale" and (len(spec) > 1 or written == made):
            continue
        by = "its autoscaler" if manager in _OWN else manager
        count = dict_of(top, "spec").get("replicas")
        yield _row(written, "scale", kind, name, f"set to {count} replicas by {by}")


def _revisions(top: Object, objects: list[Object]) -> Iterator[dict[str, Any]]:
    """A StatefulSet's or DaemonSet's; a Deployment's are its ReplicaSets."""
    mine = [one for one in of_kind(objects, "ControllerRevision") if _owned_by(one, top)]
    mine.sort(key=lambda one: int(one.get("revision") or 0))
    for old, new in pairwise(mine):
        was, now = ({"spec": dict_of(one, "data", "spec")} for one in (old, new))
        what = "; ".join(changed(was, now)) or "the pods' template was written again"
        told = f"revision {old.get('revision')} → {new.get('revision')}: {what}"
        made = dict_of(new, "metadata").get("creationTimestamp")
        yield _row(made, "rollout", str(top["kind"]).lower(), name_of(top), told)


def _of_configs(tops: Sequence[Object], objects: list[Object]) -> Iterator[dict[str, Any]]:
    for one in of_kind(objects, "ConfigMap"):
        at, manager = written(one)
        for top in tops[:1]:
            kind, name = str(top["kind"]).lower(), name_of(top)
            told = f"ConfigMap {name_of(one)}, which its pods use, was written by {manager}"
            yield _row(at.isoformat() if at else "", "config change", kind, name, told)


def written(one: Object) -> tuple[datetime | None, str]:
    """When somebody wrote an object last, and with what."""
    times = [
        (at, str(entry.get("manager") or "somebody"))
        for entry in list_of(one, "metadata", "managedFields")
        if entry.get("manager") not in _OWN and (at := when(entry.get("time"))) is not None
    ]
    made = when(dict_of(one, "metadata").get("creationTimestamp"))
    return max(times, default=(made, "somebody"), key=lambda pair: pair[0])


def configs_of(pods: Sequence[Object], kind: str) -> list[str]:
    """Names of the ConfigMaps, or the Secrets, that pods take variables, files or volumes from."""
    ref, env, volume = {
        "ConfigMap": ("configMapRef", "configMapKeyRef", ("configMap", "name")),
        "Secret": ("secretRef", "secretKeyRef", ("secret", "secretName")),
    }[kind]
    found: list[Any] = []
    for pod in pods:
        for container in [*list_of(pod, "spec", "containers"), *list_of(pod, "spec", "initContainers")]:
            found += [dict_of(source, ref).get("name") for source in list_of(container, "envFrom")]
            found += [dict_of(one, "valueFrom", env).get("name") for one in list_of(container, "env")]
        for one in list_of(pod, "spec", "volumes"):
            parts = [one, *list_of(one, "projected", "sources")]
            found += [dict_of(part, volume[0]).get(volume[1]) or dict_of(part, volume[0]).get("name") for part in parts]
    # Every namespace has it, and every pod.
    return [name for name in dict.fromkeys(map(str, filter(None, found))) if name != "kube-root-ca.crt"]


def _owned_by(one: Object, top: Object) -> bool:
    return any(
        ref.get("kind") == top["kind"] and ref.get("name") == name_of(top)
        for ref in list_of(one, "metadata", "ownerReferences")
    )


def _row(at: Any, what: str, kind: str, name: str, summary: str) -> dict[str, Any]:
    return {"ts": str(at), "kind": what, "target": f"{kind}/{name}", "summary": summary}
