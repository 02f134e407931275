"""The Kubernetes API as far as it is only looked at, from its public reference: GET and LIST with selectors, limit and
continue, metadata-only answers, container logs, access reviews, and Status objects for everything that is refused.

https://kubernetes.io/docs/reference/using-api/api-concepts/
"""

import base64
import json
import re
import threading
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from tests.fakes.server import Fake, Request, serve

Object = dict[str, Any]

# plural → kind, group and version, lives in a namespace
RESOURCES: dict[str, tuple[str, str, bool]] = {
    "pods": ("Pod", "v1", True),
    "events": ("Event", "v1", True),
    "nodes": ("Node", "v1", False),
    "services": ("Service", "v1", True),
    "persistentvolumeclaims": ("PersistentVolumeClaim", "v1", True),
    "resourcequotas": ("ResourceQuota", "v1", True),
    "limitranges": ("LimitRange", "v1", True),
    "configmaps": ("ConfigMap", "v1", True),
    "secrets": ("Secret", "v1", True),
    "deployments": ("Deployment", "apps/v1", True),
    "replicasets": ("ReplicaSet", "apps/v1", True),
    "statefulsets": ("StatefulSet", "apps/v1", True),
    "daemonsets": ("DaemonSet", "apps/v1", True),
    "controllerrevisions": ("ControllerRevision", "apps/v1", True),
    "jobs": ("Job", "batch/v1", True),
    "cronjobs": ("CronJob", "batch/v1", True),
    "horizontalpodautoscalers": ("HorizontalPodAutoscaler", "autoscaling/v2", True),
    "poddisruptionbudgets": ("PodDisruptionBudget", "policy/v1", True),
    "endpointslices": ("EndpointSlice", "discovery.k8s.io/v1", True),
    "ingresses": ("Ingress", "networking.k8s.io/v1", True),
    "networkpolicies": ("NetworkPolicy", "networking.k8s.io/v1", True),
    "endpoints": ("Endpoints", "v1", True),
    "persistentvolumes": ("PersistentVolume", "v1", False),
    "namespaces": ("Namespace", "v1", False),
}
# What is served only where somebody has installed it: here, where there is an object of it.
INSTALLED: dict[str, tuple[str, str, bool]] = {
    "certificates": ("Certificate", "cert-manager.io/v1", True),
    "certificaterequests": ("CertificateRequest", "cert-manager.io/v1", True),
    "issuers": ("Issuer", "cert-manager.io/v1", True),
    "clusterissuers": ("ClusterIssuer", "cert-manager.io/v1", False),
    "orders": ("Order", "acme.cert-manager.io/v1", True),
    "challenges": ("Challenge", "acme.cert-manager.io/v1", True),
    "httproutes": ("HTTPRoute", "gateway.networking.k8s.io/v1", True),
    "gateways": ("Gateway", "gateway.networking.k8s.io/v1", True),
    "peerauthentications": ("PeerAuthentication", "security.istio.io/v1", True),
    "authorizationpolicies": ("AuthorizationPolicy", "security.istio.io/v1", True),
    "ciliumnetworkpolicies": ("CiliumNetworkPolicy", "cilium.io/v2", True),
    "ciliumclusterwidenetworkpolicies": ("CiliumClusterwideNetworkPolicy", "cilium.io/v2", False),
    "externalsecrets": ("ExternalSecret", "external-secrets.io/v1", True),
    "clusters": ("Cluster", "postgresql.cnpg.io/v1", True),
}
RESOURCES.update(INSTALLED)
_PATH = re.compile(
    r"/(?:api/v1|apis/(?P<group>[a-z0-9.-]+)/(?P<version>v\d\w*))"
    r"(?:/namespaces/(?P<namespace>[^/]+))?/(?P<plural>[a-z]+)(?:/(?P<name>[^/]+))?(?:/(?P<sub>[a-z]+))?$"
)
# What the real server lets events, and other objects, be chosen by.
_EVENT_FIELDS = ("involvedObject.kind", "involvedObject.name", "involvedObject.namespace", "reason", "type")
_FIELDS = {"events": _EVENT_FIELDS, "pods": ("spec.nodeName", "status.phase")}
REASONS = {400: "BadRequest", 401: "Unauthorized", 403: "Forbidden", 404: "NotFound", 410: "Expired"}


def status(code: int, message: str, **more: Any) -> tuple[int, Any]:
    reason = REASONS.get(code, "InternalError")
    return code, {
        "kind": "Status",
        "apiVersion": "v1",
        "metadata": {},
        "status": "Failure",
        "message": message,
        "reason": reason,
        "code": code,
        **more,
    }


@dataclass
class Kubernetes(Fake):
    """`denied`: plurals (or "pods/log") that may not be read. `refused`: status by plural, one for each answer.

    `logs`: text by (pod, container), and with "previous" as third by the run before. `forgets`: continue tokens expire.
    """

    token: str | None = None
    objects: list[Object] = field(default_factory=list[Object])
    logs: dict[tuple[str, ...], bytes] = field(default_factory=dict[tuple[str, ...], bytes])
    denied: set[str] = field(default_factory=set[str])
    refused: dict[str, list[int]] = field(default_factory=dict[str, list[int]])
    slow: set[str] = field(default_factory=set[str])
    cut: set[str] = field(default_factory=set[str])
    forgets: bool = False
    may_do_more: bool = False
    stopped: threading.Event = field(default_factory=threading.Event)

    def add(self, *objects: Object) -> None:
        self.objects += objects

    def asked(self, plural: str) -> list[Request]:
        return [r for r in self.requests if f"/{plural}" in r.path]

    def answer(self, request: Request) -> tuple[int, Any]:
        if self.token is not None and request.headers.get("authorization") != f"Bearer {self.token}":
            return status(401, "Unauthorized")
        if request.path == "/version":
            return 200, {"major": "1", "minor": "34", "gitVersion": "v1.34.2"}
        if request.path == "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews" and request.method == "POST":
            return 201, self._review(request.json)
        if request.path.startswith("/apis") and (told := self._discovered(request.path)) is not None:
            return 200, told
        match = _PATH.match(request.path)
        if match is None or match["plural"] not in RESOURCES or request.method != "GET":
            return 404, b"404 page not found\n"
        _, version, namespaced = RESOURCES[match["plural"]]
        if match["plural"] in INSTALLED and version not in self._installed():
            return 404, b"404 page not found\n"
        if version != (f"{match['group']}/{match['version']}" if match["group"] else "v1"):
            return 404, b"404 page not found\n"
        if match["name"] and namespaced and not match["namespace"]:
            return 404, b"404 page not found\n"
        return self._read(request, match)

    def _installed(self) -> set[str]:
        return {str(one.get("apiVersion")) for one in self.objects}

    def _discovered(self, path: str) -> Object | None:
        """Groups with their versions, or the kinds of one; None where neither is asked for."""
        known = {row[1] for plural, row in RESOURCES.items() if plural not in INSTALLED or row[1] in self._installed()}
        versions = sorted(version for version in known if "/" in version)
        if path == "/apis":
            groups = [
                {"name": v.split("/")[0], "versions": [{"groupVersion": v, "version": v.split("/")[1]}]}
                for v in versions
            ]
            return {"kind": "APIGroupList", "apiVersion": "v1", "groups": groups}
        version = path.removeprefix("/apis/")
        if version not in versions:
            return None
        kinds = [(plural, kind, spaced) for plural, (kind, of, spaced) in RESOURCES.items() if of == version]
        rows = [
            {"name": plural, "kind": kind, "namespaced": spaced, "verbs": ["get", "list"]}
            for plural, kind, spaced in kinds
        ]
        return {"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": version, "resources": rows}

    def _read(self, request: Request, match: re.Match[str]) -> tuple[int, Any]:
        plural, name, sub = match["plural"], match["name"], match["sub"]
        what = f"{plural}/{sub}" if sub else plural
        if what in self.denied:
            verb, group = "get" if name else "list", match["group"] or ""
            where = f' in the namespace "{match["namespace"]}"' if match["namespace"] else " at the cluster scope"
            who = 'User "system:serviceaccount:nightdesk:nightdesk"'
            return status(
                403, f'{what} is forbidden: {who} cannot {verb} resource "{what}" in API group "{group}"{where}'
            )
        if self.refused.get(what):
            code = self.refused[what].pop(0)
            return status(code, "the server is currently unable to handle the request")
        if sub == "log":
            return self._log(request, match["namespace"], name)
        found = [
            one for one in self.objects if one["kind"] == RESOURCES[plural][0] and _within(one, match["namespace"])
        ]
        if name:
            one = next((one for one in found if one["metadata"]["name"] == name), None)
            if one is None:
                return status(404, f'{plural} "{name}" not found')
            return 200, _partial(one) if "PartialObjectMetadata" in request.headers.get("accept", "") else one
        return self._list(request, plural, found)

    def _list(self, request: Request, plural: str, found: list[Object]) -> tuple[int, Any]:
        kind, version, _ = RESOURCES[plural]
        for term in filter(None, request.query.get("fieldSelector", "").split(",")):
            path, operator, value = re.split(r"(!=|==|=)", term, maxsplit=1)
            if path not in ("metadata.name", "metadata.namespace", *_FIELDS.get(plural, ())):
                return status(400, f'Unable to find "{version}, Resource={plural}" that match field selector "{path}"')
            found = [one for one in found if (_at(one, path) == value) == (operator != "!=")]
        selector = request.query.get("labelSelector", "")
        found = [one for one in found if _selected(one["metadata"].get("labels", {}), selector)]
        start = 0
        if token := request.query.get("continue"):
            if self.forgets:
                return status(410, "The provided continue parameter is too old to display a consistent list result.")
            start = int(base64.urlsafe_b64decode(token))
        limit = int(request.query.get("limit") or 0) or len(found)
        page, rest = found[start : start + limit], len(found) - start - limit
        meta: Object = {"resourceVersion": "4711"}
        if rest > 0:
            meta |= {
                "continue": base64.urlsafe_b64encode(str(start + limit).encode()).decode(),
                "remainingItemCount": rest,
            }
        # Items of a list do not say what they are.
        items = [{k: v for k, v in one.items() if k not in ("kind", "apiVersion")} for one in page]
        answer = json.dumps({"kind": f"{kind}List", "apiVersion": version, "metadata": meta, "items": items}).encode()
        return 200, answer[: len(answer) // 2] if plural in self.cut else answer

    def _log(self, request: Request, namespace: str, name: str) -> tuple[int, Any]:
        query = request.query
        pod = next((o for o in self.objects if o["kind"] == "Pod" and o["metadata"]["name"] == name), None)
        if pod is None or not _within(pod, namespace):
            return status(404, f'pods "{name}" not found')
        containers = [c["name"] for key in ("containers", "initContainers") for c in pod["spec"].get(key, [])]
        container = query.get("container") or containers[0]
        if container not in containers:
            return status(400, f"container {container} is not valid for pod {name}")
        before = query.get("previous") == "true"
        text = self.logs.get((name, container, "previous") if before else (name, container))
        if text is None and before:
            return status(400, f'previous terminated container "{container}" in pod "{name}" not found')
        if text is None:
            return status(400, f'container "{container}" in pod "{name}" is waiting to start: ContainerCreating')
        lines = text.split(b"\n")[:-1] if text.endswith(b"\n") else text.split(b"\n")
        if since := query.get("sinceTime"):
            begin = datetime.fromisoformat(since)
            lines = [line for line in lines if datetime.fromisoformat(f"{line[:19].decode()}Z") >= begin]
        if tail := query.get("tailLines"):
            lines = lines[-int(tail) :]
        if query.get("timestamps") != "true":
            lines = [line.partition(b" ")[2] for line in lines]
        body = b"".join(line + b"\n" for line in lines)
        return 200, body[: int(query["limitBytes"])] if query.get("limitBytes") else body

    def _review(self, review: Any) -> Object:
        wish = review["spec"]["resourceAttributes"]
        what = "/".join(filter(None, (wish["resource"], wish.get("subresource"))))
        looks = wish["verb"] in ("get", "list") and what != "secrets"
        allowed = what not in self.denied if looks else self.may_do_more
        return {**review, "status": {"allowed": allowed}}

    def handle(self, request: Request) -> tuple[int, bytes]:
        # As the real one's names of headers, which are the same whatever their case.
        request.headers = {name.lower(): value for name, value in request.headers.items()}
        if any(f"/{plural}" in request.path for plural in self.slow):
            self.requests.append(request)
            self.stopped.wait(30)
            return 503, b""
        return super().handle(request)


def _within(one: Object, namespace: str | None) -> bool:
    return namespace is None or one["metadata"].get("namespace") == namespace


def _partial(one: Object) -> Object:
    return {"kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1", "metadata": one["metadata"]}


def _at(one: Any, path: str) -> str:
    for key in path.split("."):
        one = one.get(key) if isinstance(one, dict) else None
    return str(one or "")


def _selected(labels: dict[str, str], selector: str) -> bool:
    for term in re.split(r",(?![^(]*\))", selector) if selector else ():
        among = re.fullmatch(r"(\S+) (in|notin) \(([^)]*)\)", term)
        if among:
            if (labels.get(among[1]) in among[3].split(",")) != (among[2] == "in"):
                return False
        elif "=" in term:
            key, _, value = term.partition("=")
            if labels.get(key) != value.lstrip("="):
                return False
        elif (term.lstrip("!") in labels) == term.startswith("!"):
            return False
    return True


def kubeconfig(path: Path, url: str, *, cluster: Object | None = None, **user: Any) -> str:
    """A kubeconfig file for that server. `cluster` and `user`: what these entries hold besides."""
    config = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "test",
        "contexts": [{"name": "test", "context": {"cluster": "test", "user": "test"}}],
        "clusters": [{"name": "test", "cluster": {"server": url, **(cluster or {})}}],
        "users": [{"name": "test", "user": user}],
    }
    path.write_text(json.dumps(config))
    return str(path)


@contextmanager
def fake_kubernetes() -> Generator[Kubernetes]:
    with serve(Kubernetes()) as cluster:
        try:
            yield cluster
        finally:
            cluster.stopped.set()
