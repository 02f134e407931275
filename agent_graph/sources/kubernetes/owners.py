"""Climbs from what an incident names to who stands behind it: a pod's Deployment, what a claim or a service is for."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

from agent_graph.sources.kubernetes.asked import Asked
from agent_graph.sources.kubernetes.objects import Object, dict_of, list_of, name_of, namespace_of
from agent_graph.sources.kubernetes.reach import mounts
from agent_graph.sources.kubernetes.resources import RESOURCES
from agent_graph.sources.kubernetes.services import backends
from agent_graph.sources.kubernetes.subject import Subject
from agent_graph.sources.signs import belongs, stems

_HIGHEST = 4
RUNS = ("Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "Job", "CronJob")


@dataclass
class Family:
    """`members`: objects on the way up. `tops`: the highest of each way. `chains`: the ways, in words."""

    members: list[Object] = field(default_factory=list[Object])
    tops: list[Object] = field(default_factory=list[Object])
    pods: list[Object] = field(default_factory=list[Object])
    chains: list[str] = field(default_factory=list[str])
    gone: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])


async def family_of(asked: Asked, subject: Subject) -> Family:
    """What is named and everybody above it."""
    found, space = Family(), subject.namespace
    if space is None:
        return found
    named = await asyncio.gather(*(asked.one(kind, space, name) for kind, name in subject.named))
    found.gone = [pair for pair, one in zip(subject.named, named, strict=True) if one is None and pair in asked.absent]
    roots = [one for one in named if one is not None]
    roots += await _guessed(asked, space, [name for kind, name in found.gone if kind == "Pod"] if not roots else [])
    if not roots and subject.called:
        roots = await _called(asked, space, subject.called)
    for root in roots:
        await _up(asked, root, found)
    if not found.tops and asked.gaps:
        found.pods += await _by_name(asked, space, [name for _, name in subject.named])
    return found


async def _by_name(asked: Asked, space: str, names: Sequence[str]) -> list[Object]:
    """Pods by the way they are named: where owners may not be read, they are still the target's."""
    known = list(dict.fromkeys([*names, *(stem for name in names for stem in stems(name))]))
    return [pod for pod in await asked.all("Pod", space) if belongs(name_of(pod), known)]


async def _up(asked: Asked, root: Object, found: Family) -> None:
    """Follows the controllers; something that runs nothing itself is followed to what it is for, first."""
    way, one = [root], root
    if root["kind"] not in (*RUNS, "Pod"):
        found.members.append(root)
        for run in await _for(asked, root, found):
            await _up(asked, run, found)
        return
    while len(way) <= _HIGHEST and (above := await _controller(asked, one)) is not None:
        way.append(above)
        one = above
    found.chains.append(" → ".join(f"{step['kind'].lower()} {name_of(step)}" for step in way))
    found.members += way
    if way[-1]["kind"] in RUNS and name_of(way[-1]) not in map(name_of, found.tops):
        found.tops.append(way[-1])
    found.pods += [step for step in way if step["kind"] == "Pod"]


async def _controller(asked: Asked, one: Object) -> Object | None:
    refs: list[Object] = [ref for ref in list_of(one, "metadata", "ownerReferences") if isinstance(ref, dict)]
    ref = next((ref for ref in refs if ref.get("controller")), refs[0] if refs else None)
    kind = str(ref.get("kind")) if ref else ""
    if ref is None or kind not in RUNS or RESOURCES[kind].version != ref.get("apiVersion"):
        return None
    return await asked.one(kind, namespace_of(one), str(ref.get("name")))


async def _for(asked: Asked, one: Object, found: Family) -> list[Object]:
    """What an autoscaler scales, a claim is mounted by, a service or an ingress leads to."""
    kind, space, spec = one["kind"], namespace_of(one), dict_of(one, "spec")
    if kind == "HorizontalPodAutoscaler":
        ref = dict_of(spec, "scaleTargetRef")
        known = str(ref.get("kind")) in RUNS
        run = await asked.one(str(ref["kind"]), space, str(ref.get("name"))) if known else None
        return [run] if run else []
    if kind == "PersistentVolumeClaim":
        return _one_each([pod for pod in await asked.all("Pod", space) if mounts(pod, one)], found)
    if kind == "Ingress":
        names = dict.fromkeys(str(backend["name"]) for backend in backends(one))
        services = await asyncio.gather(*(asked.one("Service", space, name) for name in list(names)[:3]))
        found.members += [service for service in services if service]
        return [run for service in services if service for run in await _for(asked, service, found)]
    labels = selector_of(one)
    return _one_each(await asked.all("Pod", space, labels=labels), found) if labels else []


def _one_each(pods: Sequence[Object], found: Family) -> list[Object]:
    """One pod of every owner stands for all of them, which are found by their owner."""
    chosen: dict[str, Object] = {}
    for pod in pods:
        refs = list_of(pod, "metadata", "ownerReferences")
        chosen.setdefault(str(refs[0].get("uid")) if refs else name_of(pod), pod)
    found.pods += pods
    return list(chosen.values())[:3]


async def _guessed(asked: Asked, space: str, pods: Sequence[str]) -> list[Object]:
    """Whom a pod that is gone belonged to, by the way names are made: web-7d9f8b6c5-x2x4z, db-0."""
    wishes: list[tuple[str, str]] = []
    for pod in pods[:1]:
        parts = pod.split("-")
        stem = "-".join(parts[:-1])
        if stem:
            wishes += [(kind, stem) for kind in ("ReplicaSet", "StatefulSet", "DaemonSet", "Job")]
        if len(parts) > 2:
            # Its ReplicaSet may be gone, too; a CronJob's jobs are named the same way.
            wishes += [(kind, "-".join(parts[:-2])) for kind in ("Deployment", "CronJob")]
    found = await asyncio.gather(*(asked.one(kind, space, name) for kind, name in wishes))
    return [one for one in found if one is not None]


async def _called(asked: Asked, space: str, name: str) -> list[Object]:
    """Whatever runs under a name."""
    kinds = ("Deployment", "StatefulSet", "DaemonSet", "Pod", "CronJob", "Job", "Service")
    found = [one for one in await asyncio.gather(*(asked.one(kind, space, name) for kind in kinds)) if one]
    if found:
        return found[:1]
    pods = await asked.all("Pod", space)
    containers = [pod for pod in pods if any(c.get("name") == name for c in list_of(pod, "spec", "containers"))]
    labelled = [pod for pod in pods if name in dict_of(pod, "metadata", "labels").values()]
    return (labelled or containers)[:1]


def selector_of(one: Object) -> str:
    """An object's selector as a list's parameter; empty when it selects nothing."""
    selector = dict_of(one, "spec", "selector")
    plain = dict_of(selector, "matchLabels") or {k: v for k, v in selector.items() if isinstance(v, str)}
    terms = [f"{key}={value}" for key, value in plain.items()]
    for wish in list_of(selector, "matchExpressions"):
        key, values = wish.get("key"), ",".join(map(str, wish.get("values") or []))
        match wish.get("operator"):
            case "In":
                terms.append(f"{key} in ({values})")
            case "NotIn":
                terms.append(f"{key} notin ({values})")
            case "Exists":
                terms.append(str(key))
            case "DoesNotExist":
                terms.append(f"!{key}")
            case _:
                pass
    return ",".join(terms)
