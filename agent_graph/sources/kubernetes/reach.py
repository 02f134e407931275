"""Which objects an incident is about: those of the target's name, and those that what bears its name stands for."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from agent_graph.sources.kubernetes.objects import (
    Object,
    dict_of,
    is_targets,
    list_of,
    name_of,
    namespace_of,
    node_of,
    of_kind,
)
from agent_graph.sources.kubernetes.routes import asked_hosts, is_route, serves, services_of
from agent_graph.sources.kubernetes.services import selects
from agent_graph.sources.signs import aliases, belongs
from backend.investigation.kinds import CaseFile

_RUNS = ("Pod", "Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "Job", "CronJob")


@dataclass(frozen=True)
class Reach:
    """`also`: objects that are the target's by something else than their name. `whole`: the whole namespace is."""

    case: CaseFile
    also: frozenset[int]
    whole: bool

    def has(self, one: Object) -> bool:
        """Is the incident about this object?"""
        if self.whole and namespace_of(one) == self.case.target.name:
            return True
        on_it = one.get("kind") == "Pod" and node_of(one) == self.case.target.name
        return id(one) in self.also or on_it or is_targets(one, self.case)


def reach_of(case: CaseFile, objects: list[Object]) -> Reach:
    """Follows a service, an ingress, an autoscaler or a claim of the target's name, or a route for its host."""
    runs = of_kind(objects, *_RUNS)
    named = any(is_targets(one, case) for one in runs)
    spaces = {namespace_of(one) for one in runs}
    whole = not named and case.target.name in spaces and case.target.name not in [name_of(one) for one in runs]
    routes = [one for one in objects if serves(one, asked_hosts(case))]
    found = [] if named else [one for sign in objects if _bears(sign, case) for one in _behind(sign, objects)]
    found += [one for route in routes for one in (route, *_behind(route, objects))]
    return Reach(case, frozenset(id(one) for one in [*found, *_owned(found, runs)]), whole)


def mounts(pod: Object, claim: Object) -> bool:
    """Does the pod use the claim?"""
    volumes: list[Any] = list_of(pod, "spec", "volumes")
    names = [dict_of(volume, "persistentVolumeClaim").get("claimName") for volume in volumes]
    return namespace_of(pod) == namespace_of(claim) and name_of(claim) in names


def _bears(one: Object, case: CaseFile) -> bool:
    return one.get("kind") not in (*_RUNS, "Event", "Node") and name_of(one) in aliases(case) and is_targets(one, case)


def _behind(one: Object, objects: list[Object]) -> list[Object]:
    kind, spec, pods = one.get("kind"), dict_of(one, "spec"), of_kind(objects, "Pod")
    if kind in ("Service", "PodDisruptionBudget", "NetworkPolicy"):
        selector = dict_of(spec, "selector") or dict_of(spec, "podSelector")
        return [pod for pod in pods if namespace_of(pod) == namespace_of(one) and selects(selector, pod)]
    if kind == "PersistentVolumeClaim":
        return [pod for pod in pods if mounts(pod, one)]
    if kind == "HorizontalPodAutoscaler":
        wanted = str(dict_of(spec, "scaleTargetRef").get("name") or "")
        return [run for run in of_kind(objects, *_RUNS) if wanted and belongs(name_of(run), [wanted])]
    if is_route(one):
        here, names = [o for o in objects if namespace_of(o) == namespace_of(one)], services_of(one)
        services = [s for s in of_kind(here, "Service") if name_of(s) in names]
        # A service that was not read is mostly called like what is behind it.
        unread = [name for name in names if name not in map(name_of, services)]
        called = [run for run in of_kind(here, *_RUNS) if belongs(name_of(run), unread)]
        return [*services, *called, *(pod for service in services for pod in _behind(service, objects))]
    return []


def _owned(found: Sequence[Object], runs: list[Object]) -> list[Object]:
    """The workloads whose pods these are."""
    owners = [
        str(owner.get("name", "")) for one in found for owner in list_of(one, "metadata", "ownerReferences")
    ]  # fmt: skip
    return [run for run in runs if any(belongs(owner, [name_of(run)]) for owner in owners if name_of(run))]
