"""What an investigation reads of a Kubernetes cluster, and what it has no need to be allowed."""

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass

from backend.connection.kubernetes import KubernetesCluster, NotReached


@dataclass(frozen=True)
class Right:
    """A verb on a resource (`pods/log`: on a part of it) of an API group; the core group has no name."""

    verb: str
    group: str
    resource: str

    def __str__(self) -> str:
        return f"{self.verb} {self.resource}"


_READ: dict[str, Sequence[str]] = {
    "": ("pods", "nodes", "services", "persistentvolumeclaims", "resourcequotas", "limitranges"),
    "apps": ("deployments", "replicasets", "statefulsets", "daemonsets", "controllerrevisions"),
    "batch": ("jobs", "cronjobs"),
    "autoscaling": ("horizontalpodautoscalers",),
    "policy": ("poddisruptionbudgets",),
    "discovery.k8s.io": ("endpointslices",),
    "networking.k8s.io": ("ingresses", "networkpolicies"),
}

# Of ConfigMaps only the metadata is asked for, of Secrets nothing that needs more than this.
NEEDED: tuple[Right, ...] = (
    *(
        Right(verb, group, resource)
        for group, resources in _READ.items()
        for resource in resources
        for verb in ("get", "list")
    ),
    Right("list", "", "events"),
    Right("get", "", "pods/log"),
    Right("get", "", "configmaps"),
)

# What only some clusters have, or need for some trouble alone: without it nothing is amiss. Of operators' objects those
# that most often stand behind pods; whoever runs others adds them.
OPTIONAL: tuple[Right, ...] = tuple(
    Right(verb, group, resource)
    for group, resources, verbs in (
        ("", ("endpoints", "persistentvolumes"), ("get", "list")),
        ("", ("namespaces",), ("get",)),
        ("cert-manager.io", ("certificates", "certificaterequests", "issuers", "clusterissuers"), ("get", "list")),
        ("acme.cert-manager.io", ("orders", "challenges"), ("get", "list")),
        ("gateway.networking.k8s.io", ("httproutes", "gateways"), ("get", "list")),
        ("security.istio.io", ("peerauthentications", "authorizationpolicies"), ("get", "list")),
        ("cilium.io", ("ciliumnetworkpolicies", "ciliumclusterwidenetworkpolicies"), ("get", "list")),
        ("external-secrets.io", ("externalsecrets",), ("get", "list")),
        ("postgresql.cnpg.io", ("clusters",), ("get",)),
        ("core.strimzi.io", ("strimzipodsets",), ("get",)),
        ("kafka.strimzi.io", ("kafkas",), ("get",)),
        ("argoproj.io", ("rollouts",), ("get",)),
    )
    for resource in resources
    for verb in verbs
)

# Whoever may do one of these may do more than look.
TOO_MUCH: tuple[Right, ...] = (
    Right("get", "", "secrets"),
    Right("create", "", "pods/exec"),
    Right("delete", "", "pods"),
    Right("patch", "apps", "deployments"),
)


@dataclass(frozen=True)
class Standing:
    """Who answered, and what we may do there in all namespaces."""

    address: str
    version: str
    lacking: tuple[Right, ...]
    too_much: tuple[Right, ...]


async def examine_rights(cluster: KubernetesCluster, seconds: float) -> Standing:
    """Asks the cluster what it allows. Raises NotReached or UnusableCluster."""
    address = await cluster.address(seconds)
    answer = await cluster.get("/version", {}, seconds, 100_000)
    if answer.status == 401:
        raise NotReached("does not know our credential (401)")
    allowed = await asyncio.gather(
        *(cluster.may(right.verb, right.group, right.resource, "", seconds) for right in (*NEEDED, *TOO_MUCH))
    )
    may = dict(zip((*NEEDED, *TOO_MUCH), allowed, strict=True))
    try:
        version = str(json.loads(answer.body)["gitVersion"])
    except (ValueError, KeyError, TypeError):
        version = "of unknown version"
    return Standing(
        address=address,
        version=version,
        lacking=tuple(right for right in NEEDED if not may[right]),
        too_much=tuple(right for right in TOO_MUCH if may[right]),
    )
