"""Reads what decides who may talk to whom: network policies, and those of meshes and network plug-ins."""

import re
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any, cast

from agent_graph.sources.kubernetes.objects import Object, dict_of, list_of, name_of, namespace_of, words_of
from agent_graph.sources.kubernetes.services import selects
from agent_graph.sources.signs import Book, when
from agent_graph.wording import clock

# A policy made or changed this long before the trouble, or this little after, may have caused it.
_BEFORE, _AFTER = timedelta(minutes=60), timedelta(minutes=3)
# As Kubernetes, Cilium, Calico, Istio, Linkerd, Kuma and Consul call what lets traffic through, or does not.
_KINDS = re.compile(
    r"\w*NetworkPolicy|NetworkSet|PeerAuthentication|RequestAuthentication|AuthorizationPolicy|Sidecar|EnvoyFilter"
    r"|DestinationRule|VirtualService|ServiceEntry|ServerAuthorization|MeshTLSAuthentication|Mesh\w+Permission|MeshTLS"
    r"|ServiceIntentions|TrafficTarget"
)
# Those that hold for the whole cluster, by their kind or by the namespace they are in.
_EVERYWHERE = re.compile(r"Global|Clusterwide|Admin")
_ROOTS = ("istio-system", "istio-config", "linkerd", "kuma-system")
_CLOSING = re.compile(r"=(?:STRICT|DENY|Deny|deny|REGISTRY_ONLY)$")
_MOST_SAID = 4


def is_policy(one: Object) -> bool:
    """Is it about who may talk to whom?"""
    return _KINDS.fullmatch(str(one.get("kind"))) is not None


def pod_of(run: Object) -> Object:
    """As what policies choose them by, the pods that a workload makes: where none were read, it still tells them."""
    labels = dict_of(run, "spec", "template", "metadata", "labels")
    return {"kind": "Pod", "metadata": {"namespace": namespace_of(run), "labels": labels}}


def read_policy(book: Book, policy: Object, mine: Sequence[Object], others: Sequence[Object], began: datetime) -> None:
    """A policy for the target's pods, or for others that it may talk to: changed just before, it may be the cause."""
    own = _holds_for(policy, mine)
    if not own and not _holds_for(policy, others):
        return
    changed, what, closed = _changed(policy), *_what(policy)
    kind = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", str(policy["kind"])).lower()
    since = f"{changed:%Y-%m-%dT%H:%M:%SZ}" if changed else "unknown"
    made = "made" if changed == when(dict_of(policy, "metadata").get("creationTimestamp")) else "changed"
    line = f"{kind} {name_of(policy)}: {what}, {made} {since}"
    if changed is None or not began - _BEFORE <= changed <= began + _AFTER:
        book.say(line)
        return
    whose = "its pods" if own else "pods that it may talk to"
    means = f"{kind} {name_of(policy)}, {made} at {clock(changed)}, {what} for {whose}"
    weight = "strong" if closed and own else "weak"
    book.sign("network_error", weight, line, subject=name_of(policy), at=changed, means=means)


def _holds_for(policy: Object, pods: Sequence[Object]) -> bool:
    spec = dict_of(policy, "spec")
    selector = next(
        (dict_of(spec, key) for key in ("podSelector", "endpointSelector", "selector") if spec.get(key)), {}
    )
    everywhere = bool(_EVERYWHERE.search(str(policy["kind"]))) or namespace_of(policy) in _ROOTS
    there = [pod for pod in pods if everywhere or namespace_of(pod) == namespace_of(policy)]
    # A selector in words (Calico's) is not read: it may well choose them.
    return any(not selector or selects(selector, pod) for pod in there)


def _changed(policy: Object) -> datetime | None:
    """When its rules were written last: by whoever changed them, or when it was made."""
    meta = dict_of(policy, "metadata")
    writes = [one.get("time") for one in list_of(meta, "managedFields") if dict_of(one, "fieldsV1", "f:spec")]
    known = [at for text in [*writes, meta.get("creationTimestamp")] if (at := when(text))]
    return max(known, default=None)


def _what(policy: Object) -> tuple[str, bool]:
    """What it lets through, in words, and whether that is nothing of some kind."""
    spec = dict_of(policy, "spec")
    kinds = words_of(spec, "policyTypes") or words_of(spec, "types")
    if kinds or "podSelector" in spec or "endpointSelector" in spec:
        denied = [key for key in ("ingressDeny", "egressDeny") if spec.get(key)]
        closed = [kind.lower() for kind in kinds or ["Ingress"] if not list_of(spec, kind.lower())]
        if "endpointSelector" in spec:
            closed = [key for key in ("ingress", "egress") if key in spec and not any(list_of(spec, key))]
        shut = [*closed, *(key.removesuffix("Deny") for key in denied)]
        return (f"lets no {' or '.join(shut)} through" if shut else "lets only some traffic through"), bool(shut)
    said = list(_leaves(spec))
    closing = [text for text in said if _CLOSING.search(text)]
    return ", ".join([*closing, *(text for text in said if text not in closing)][:_MOST_SAID]) or "says nothing", bool(
        closing
    )


def _leaves(value: Any, path: str = "") -> Iterator[str]:
    if isinstance(value, dict):
        for key, inner in cast(Object, value).items():
            yield from _leaves(inner, f"{path}.{key}".lstrip("."))
    elif isinstance(value, list):
        for inner in cast(list[Any], value):
            yield from _leaves(inner, path)
    else:
        yield f"{path}={value}"
