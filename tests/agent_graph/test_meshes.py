"""A pod outside of a mesh that refuses plain text: said of whom it concerns, and of nobody else."""

from typing import Any

import pytest

from agent_graph.sources.kubernetes.meshes import read_outsiders
from agent_graph.sources.signs import Book


def _pod(space: str, *containers: str, ambient: bool = False) -> dict[str, Any]:
    annotations = {"ambient.istio.io/redirection": "enabled"} if ambient else {}
    about = {"name": "web-1", "namespace": space, "annotations": annotations}
    return {"kind": "Pod", "metadata": about, "spec": {"containers": [{"name": name} for name in containers]}}


def _policy(kind: str, spec: dict[str, Any]) -> dict[str, Any]:
    return {"kind": kind, "metadata": {"name": "default", "namespace": "sales"}, "spec": spec}


ISTIO = _policy("PeerAuthentication", {"mtls": {"mode": "STRICT"}})
# name: the policy of another namespace, the target's pod; is it said
MESHES: dict[str, tuple[dict[str, Any], dict[str, Any], bool]] = {
    "no sidecar": (ISTIO, _pod("legacy", "web"), True),
    "another mesh": (_policy("MeshTLS", {"default": {"mode": "Strict"}}), _pod("legacy", "web"), True),
    "a sidecar": (ISTIO, _pod("legacy", "web", "istio-proxy"), False),
    "its node speaks for it": (ISTIO, _pod("legacy", "web", ambient=True), False),
    "plain text is let in": (_policy("PeerAuthentication", {"mtls": {"mode": "PERMISSIVE"}}), _pod("a", "web"), False),
    "its own namespace": (ISTIO, _pod("sales", "web"), False),
}


@pytest.mark.parametrize("name", MESHES)
def test_who_is_outside_is_told_what_is_refused(name: str):
    policy, pod, said = MESHES[name]
    book = Book()
    read_outsiders(book, [policy], [pod])
    assert [sign["weight"] for sign in book.signs] == ["weak"] * said
