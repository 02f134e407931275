"""What is asked of a cluster, in which order, how much of it. What is refused or late is a gap; the rest counts."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from agent_graph.sources.kubernetes.asked import METADATA, Asked
from agent_graph.sources.kubernetes.beside import look_beside
from agent_graph.sources.kubernetes.departures import told_to_go
from agent_graph.sources.kubernetes.objects import Object, dict_of, list_of, name_of, namespace_of, node_of, of_kind
from agent_graph.sources.kubernetes.owners import Family, family_of, selector_of
from agent_graph.sources.kubernetes.reach import mounts
from agent_graph.sources.kubernetes.recent import configs_of
from agent_graph.sources.kubernetes.sickest import pods_by_sickness
from agent_graph.sources.kubernetes.subject import Subject
from agent_graph.sources.kubernetes.workloads import ready_of, wanted_of
from backend.investigation.kinds import CaseFile

# What of the namespace may touch the target: what it needs, what leads to it, what it depends on.
AROUND = (
    "Deployment",
    "StatefulSet",
    "DaemonSet",
    "ResourceQuota",
    "LimitRange",
    "HorizontalPodAutoscaler",
    "PodDisruptionBudget",
    "PersistentVolumeClaim",
    "Service",
    "EndpointSlice",
    "Ingress",
    "NetworkPolicy",
    "Pod",
)
_MOST_PODS, _MOST_NODES, _MOST_CONFIGS, _MOST_JOBS, _MOST_CLAIMS = 4, 3, 8, 3, 3


@dataclass
class Seen:
    """`objects`: everything, once. `pods`: the target's, the sickest first. `missing`: named, and not there."""

    objects: list[Object] = field(default_factory=list[Object])
    pods: list[Object] = field(default_factory=list[Object])
    family: Family = field(default_factory=Family)
    missing: list[str] = field(default_factory=list[str])

    def add(self, found: Sequence[Object]) -> None:
        """What is not known yet. Events are told apart by their own names."""
        known = {_identity(one) for one in self.objects}
        self.objects += [one for one in found if _identity(one) not in known]


async def find(asked: Asked, subject: Subject, since: datetime) -> Seen:
    """The target: its owners, its pods and revisions, or the node and what runs on it."""
    seen = Seen()
    if subject.namespace is None:
        await _node(asked, str(subject.node), seen)
    else:
        seen.family = await family_of(asked, subject)
        await _run(asked, subject, seen, since)
    return seen


async def look_around(asked: Asked, case: CaseFile, subject: Subject, seen: Seen) -> None:
    """What was told about it, what carries it, what was changed, and what else is in its namespace."""
    space = subject.namespace
    if space is None:
        return
    own = [*seen.family.members, *seen.pods]
    beside = look_beside(asked, case, subject, own)
    lists = (asked.all(kind, space) for kind in AROUND)
    for found in await asyncio.gather(_about(asked, subject, seen), beside, *lists):
        seen.add(found)
    if "EndpointSlice" in asked.partial:
        # What older rights and clusters have instead.
        seen.add(await asked.all("Endpoints", space, optional=True))
    seen.add(await _volumes(asked, seen))


async def _about(asked: Asked, subject: Subject, seen: Seen) -> list[Object]:
    names = [("Pod", name) for kind, name in subject.named if kind == "Pod"]
    names += [("Pod", name_of(pod)) for pod in seen.pods[:_MOST_PODS]]
    names += [(str(one["kind"]), name_of(one)) for one in seen.family.members if one["kind"] != "Pod"]
    names += [("ReplicaSet", name_of(one)) for one in _newest(of_kind(seen.objects, "ReplicaSet"), 1)]
    names += [("Job", name_of(one)) for one in _newest(of_kind(seen.objects, "Job"), 1)]
    names += [("PersistentVolumeClaim", name) for name in _claims(seen.pods)[:_MOST_CLAIMS]]
    nodes = [*([subject.node] if subject.node else []), *(node_of(pod) for pod in seen.pods)]
    nodes = [node for node in dict.fromkeys(nodes) if node][:_MOST_NODES]
    space = str(subject.namespace)
    events, carrying, configs = await asyncio.gather(
        # Where nothing is left, or the whole namespace is meant, all that is told counts.
        asyncio.gather(*(_events(asked, space, kind, name) for kind, name in dict.fromkeys(names)))
        if names
        else asyncio.gather(asked.all("Event", space)),
        asyncio.gather(*(_with_events(asked, node) for node in nodes)),
        _configs(asked, space, seen),
    )
    return [one for some in (*events, *carrying, configs) for one in some]


async def _run(asked: Asked, subject: Subject, seen: Seen, since: datetime) -> None:
    """Pods and revisions of the owners, or all pods where the whole namespace is meant."""
    space, family = str(subject.namespace), seen.family
    seen.add(family.members)
    if not subject.named and not subject.called:
        pods, itself = await asyncio.gather(asked.all("Pod", space), asked.one("Namespace", None, space, optional=True))
        seen.add([*pods, *([itself] if itself else [])])
    for found in await asyncio.gather(*(_below(asked, top, family) for top in family.tops)):
        seen.add(found)
    seen.add(family.pods)
    seen.pods = pods_by_sickness(of_kind(seen.objects, "Pod"), since)
    seen.missing = [f"{kind.lower()} {name}" for kind, name in family.gone]
    if subject.called and not family.members and not asked.gaps:
        seen.missing = [subject.called]


async def _below(asked: Asked, top: Object, family: Family) -> list[Object]:
    """What a workload runs: its pods, and what tells when it was changed."""
    kind, space = top["kind"], namespace_of(top)
    if kind == "CronJob":
        meant = [name_of(one) for one in family.members if one["kind"] == "Job"]
        jobs = [job for job in await asked.all("Job", space) if _owned(job, top)]
        jobs = [*(job for job in jobs if name_of(job) in meant), *_newest(jobs, _MOST_JOBS)]
        pods = await asyncio.gather(*(asked.all("Pod", space, labels=selector_of(job)) for job in jobs))
        return [*jobs, *(pod for some in pods for pod in some)]
    labels = selector_of(top)
    if not labels:
        return []
    history = {"Deployment": "ReplicaSet", "StatefulSet": "ControllerRevision", "DaemonSet": "ControllerRevision"}
    kinds = ["Pod", *([history[kind]] if kind in history else [])]
    found = await asyncio.gather(*(asked.all(one, space, labels=labels) for one in kinds))
    revisions = [one for some in found[1:] for one in some if _owned(one, top)]
    return [*found[0], *revisions]


async def _node(asked: Asked, name: str, seen: Seen) -> None:
    """A node and what was told about it, what runs on it, and how the other nodes are."""
    of_it, pods, nodes = await asyncio.gather(
        _with_events(asked, name),
        asked.all("Pod", None, fields=f"spec.nodeName={name}"),
        asked.all("Node", None),
    )
    seen.add([*of_it, *pods, *nodes])
    gone = ("Node", name) in asked.absent
    if gone or any(told_to_go(one) for one in of_it):
        # Where somebody emptied it or took it away, what ran there runs elsewhere now.
        seen.add(await _elsewhere(asked))
    if gone:
        seen.missing = [f"node {name}"]


async def _elsewhere(asked: Asked) -> list[Object]:
    """What all nodes carry, and who lacks replicas; nothing where more was to be read: anybody may be missed then."""
    kinds = ("Pod", "Deployment", "StatefulSet")
    pods, *runs = await asyncio.gather(*(asked.all(kind, None) for kind in kinds))
    if asked.partial & set(kinds):
        return []
    return [*pods, *(one for some in runs for one in some if ready_of(one) < wanted_of(one))]


async def _with_events(asked: Asked, node: str) -> list[Object]:
    # What is about a node, which is in no namespace, is told in this one.
    found, events = await asyncio.gather(asked.one("Node", None, node), _events(asked, "default", "Node", node))
    return [*([found] if found else []), *events]


async def _events(asked: Asked, space: str, kind: str, name: str) -> list[Object]:
    return await asked.all("Event", space, fields=f"involvedObject.kind={kind},involvedObject.name={name}")


async def _configs(asked: Asked, space: str, seen: Seen) -> list[Object]:
    """When the ConfigMaps that pods use were written; of Secrets whether they are there, where a pod cannot start."""
    pods = seen.pods[:1]
    stuck = any(dict_of(pod, "status").get("phase") == "Pending" for pod in pods)
    wishes = [("ConfigMap", name) for name in configs_of(pods, "ConfigMap")][:_MOST_CONFIGS]
    wishes += [("Secret", name) for name in configs_of(pods, "Secret")][:_MOST_CONFIGS] if stuck else []
    found = await asyncio.gather(
        *(asked.one(kind, space, name, accept=METADATA, optional=kind == "Secret") for kind, name in wishes)
    )
    seen.missing += [f"{kind} {name}" for kind, name in wishes if (kind, name) in asked.absent]
    # Should a server send more than was asked for, it goes no further.
    return [
        {key: one[key] for key in ("kind", "apiVersion", "metadata")}
        for one in found
        if one is not None and one["kind"] == "ConfigMap"
    ]


async def _volumes(asked: Asked, seen: Seen) -> list[Object]:
    """Volumes behind the claims of pods that are not placed: they may be where no node is."""
    stuck = [pod for pod in seen.pods if dict_of(pod, "status").get("phase") == "Pending"]
    claims = [one for one in of_kind(seen.objects, "PersistentVolumeClaim") if any(mounts(pod, one) for pod in stuck)]
    names = [str(name) for one in claims if (name := dict_of(one, "spec").get("volumeName"))][:_MOST_CLAIMS]
    found = await asyncio.gather(*(asked.one("PersistentVolume", None, name, optional=True) for name in names))
    return [one for one in found if one is not None]


def _claims(pods: Sequence[Object]) -> list[str]:
    volumes = [volume for pod in pods[:_MOST_PODS] for volume in list_of(pod, "spec", "volumes")]
    names = [dict_of(volume, "persistentVolumeClaim").get("claimName") for volume in volumes]
    return list(dict.fromkeys(str(name) for name in names if name))


def _newest(found: Sequence[Object], most: int) -> list[Object]:
    return sorted(found, key=lambda one: str(dict_of(one, "metadata").get("creationTimestamp")), reverse=True)[:most]


def _owned(one: Object, top: Object) -> bool:
    refs = list_of(one, "metadata", "ownerReferences")
    return any(ref.get("kind") == top["kind"] and ref.get("name") == name_of(top) for ref in refs)


def _identity(one: Object) -> tuple[str, str, str]:
    return str(one.get("kind")), namespace_of(one), name_of(one)
