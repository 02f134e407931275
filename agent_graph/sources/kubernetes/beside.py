"""What only some clusters serve and only some trouble is about: certificates, routes, meshes, operators' objects."""

import asyncio
from collections.abc import Collection, Iterator, Sequence

from agent_graph.sources.kubernetes.asked import Asked
from agent_graph.sources.kubernetes.objects import Object, dict_of, list_of, name_of, namespace_of
from agent_graph.sources.kubernetes.recent import configs_of
from agent_graph.sources.kubernetes.resources import RESOURCES
from agent_graph.sources.kubernetes.routes import asked_hosts
from agent_graph.sources.kubernetes.subject import NAME, Subject
from agent_graph.sources.renewals import is_about
from backend.investigation.kinds import CaseFile

_CERTIFICATES = ("Certificate", "CertificateRequest", "Order", "Challenge", "Issuer", "ClusterIssuer")
_ROUTES = ("HTTPRoute", "Gateway")
_POLICIES = ("PeerAuthentication", "AuthorizationPolicy", "CiliumNetworkPolicy", "CiliumClusterwideNetworkPolicy")
# Whom a pod without a sidecar talks to may be anywhere; of a mesh's policies the newest are kept.
_EVERYWHERE, _MOST_EVERYWHERE = "PeerAuthentication", 20
_HIGHEST, _MOST_PODS, _MOST_OWNERS = 2, 2, 3


async def look_beside(asked: Asked, case: CaseFile, subject: Subject, seen: Collection[Object]) -> list[Object]:
    """`seen`: the target's owners and pods, the sickest first. What is not there, or refused, is no gap."""
    groups, space = await asked.groups(), str(subject.namespace)
    kinds = [kind for kind in _wanted(case, subject, seen) if RESOURCES[kind].version in groups]
    lists = [asked.all(kind, None if kind == _EVERYWHERE else space, optional=True) for kind in kinds]
    *found, above = await asyncio.gather(*lists, _operated(asked, list(seen), groups))
    near = [_newest(some) if kind == _EVERYWHERE else some for kind, some in zip(kinds, found, strict=True)]
    return [one for some in (*near, above) for one in some]


def _wanted(case: CaseFile, subject: Subject, seen: Collection[Object]) -> Iterator[str]:
    """The kinds that can matter: a policy always may, who makes certificates or secrets only where one is missed."""
    yield from _POLICIES
    named = {kind for kind, _ in subject.named}
    public = bool(asked_hosts(case)) or "Ingress" in named
    stuck = [one for one in seen if one["kind"] == "Pod" and dict_of(one, "status").get("phase") == "Pending"]
    waits = bool(configs_of(stuck[:1], "Secret"))
    if public or "Service" in named:
        yield from _ROUTES
    if public or waits or is_about(case):
        yield from _CERTIFICATES
    if waits:
        yield "ExternalSecret"


async def _operated(asked: Asked, seen: Sequence[Object], groups: frozenset[str]) -> list[Object]:
    """Owners that an operator keeps, and theirs: of kinds that the target's own objects name."""
    pods = [one for one in seen if one["kind"] == "Pod"][:_MOST_PODS]
    level, found = [*(one for one in seen if one["kind"] != "Pod"), *pods], list[Object]()
    for _ in range(_HIGHEST):
        level = [above for owner in _owners(level, groups) if (above := await _owner(asked, *owner)) is not None]
        found += level
    return found


def _owners(level: Sequence[Object], groups: frozenset[str]) -> list[tuple[str, str, str, str]]:
    """Version, kind, namespace and name. Whoever makes an object writes its owners: what leads elsewhere is no name."""
    refs = [(ref, namespace_of(one)) for one in level for ref in list_of(one, "metadata", "ownerReferences")]
    named = [(str(ref.get("apiVersion")), str(ref.get("kind")), space, str(ref.get("name"))) for ref, space in refs]
    fits = [one for one in named if one[0] in groups and one[1] not in RESOURCES and NAME.fullmatch(one[3])]
    return list(dict.fromkeys(fits))[:_MOST_OWNERS]


async def _owner(asked: Asked, version: str, kind: str, space: str, name: str) -> Object | None:
    resource = (await asked.served(version)).get(kind)
    return await asked.one(resource, space, name, optional=True) if resource is not None else None


def _newest(found: Sequence[Object]) -> list[Object]:
    return sorted(found, key=_written, reverse=True)[:_MOST_EVERYWHERE]


def _written(one: Object) -> tuple[str, str]:
    meta = dict_of(one, "metadata")
    times = [str(write.get("time") or "") for write in list_of(meta, "managedFields")]
    return max([str(meta.get("creationTimestamp") or ""), *times]), name_of(one)
