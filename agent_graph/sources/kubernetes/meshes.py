"""Who is outside of a mesh that insists on its own encryption: what it sends in there in plain text is refused."""

import re
from collections.abc import Sequence

from agent_graph.sources.kubernetes.objects import Object, dict_of, list_of, name_of, namespace_of
from agent_graph.sources.signs import Book

# As Istio, Linkerd, Kuma and Consul call the container that speaks for the others.
_PROXY = re.compile(r"istio-proxy|linkerd-proxy|kuma-sidecar|consul-(?:dataplane|connect-\S+)|envoy-sidecar|osm-envoy")
# Istio's nodes may speak for their pods, without a container in each.
_AMBIENT = "ambient.istio.io/redirection"
# What the kind is called, and where its mode stands.
_MODES = (("PeerAuthentication", ("mtls",)), ("MeshTLS", ("default",)))
OUTSIDE = "has no sidecar of the mesh"


def read_outsiders(book: Book, policies: Sequence[Object], mine: Sequence[Object]) -> None:
    """A weak sign for each policy that refuses plain text, where the target's pods speak nothing else."""
    outside = [pod for pod in mine if not _meshed(pod)]
    for policy in policies:
        others = [pod for pod in outside if namespace_of(pod) != namespace_of(policy)]
        if not others or not _strict(policy):
            continue
        kind = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", str(policy["kind"])).lower()
        line = f"{kind} {name_of(policy)} in {namespace_of(policy)}: mutual TLS is STRICT"
        means = f"{line}, and {name_of(others[0])} {OUTSIDE}: what it sends there in plain text is refused"
        book.sign("network_error", "weak", line, subject=name_of(policy), means=means)


def _strict(policy: Object) -> bool:
    modes = [dict_of(policy, "spec", *path).get("mode") for kind, path in _MODES if policy.get("kind") == kind]
    return any(str(mode).upper() == "STRICT" for mode in modes)


def _meshed(pod: Object) -> bool:
    containers = [*list_of(pod, "spec", "containers"), *list_of(pod, "spec", "initContainers")]
    ambient = dict_of(pod, "metadata", "annotations").get(_AMBIENT) == "enabled"
    return ambient or any(_PROXY.match(str(one.get("name", ""))) for one in containers)
