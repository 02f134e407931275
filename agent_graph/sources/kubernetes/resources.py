"""The kinds of objects that are asked for, and the paths they have in the public API."""

from dataclasses import dataclass
from urllib.parse import quote


@dataclass(frozen=True)
class Resource:
    """A kind as the API serves it. `version`: of the core group without its group, as `v1`."""

    kind: str
    version: str
    plural: str
    namespaced: bool = True

    @property
    def group(self) -> str:
        """Empty for the core group."""
        return self.version.rpartition("/")[0]

    def path(self, namespace: str | None, name: str | None = None, part: str | None = None) -> str:
        """Of one object, or of all in the namespace; without one of all there are."""
        root = f"/apis/{self.version}" if "/" in self.version else f"/api/{self.version}"
        within = f"/namespaces/{quote(namespace, safe='')}" if self.namespaced and namespace else ""
        one = f"/{quote(name, safe='')}" if name is not None else ""
        return f"{root}{within}/{self.plural}{one}{f'/{part}' if part else ''}"


# Version: kinds, and what their paths call them.
_SERVED: dict[str, dict[str, str]] = {
    "v1": {
        "Pod": "pods",
        "Event": "events",
        "Node": "nodes",
        "Service": "services",
        "PersistentVolumeClaim": "persistentvolumeclaims",
        "ResourceQuota": "resourcequotas",
        "LimitRange": "limitranges",
        "ConfigMap": "configmaps",
        "Secret": "secrets",
        "Endpoints": "endpoints",
        "Namespace": "namespaces",
        "PersistentVolume": "persistentvolumes",
    },
    "apps/v1": {
        "Deployment": "deployments",
        "ReplicaSet": "replicasets",
        "StatefulSet": "statefulsets",
        "DaemonSet": "daemonsets",
        "ControllerRevision": "controllerrevisions",
    },
    "batch/v1": {"Job": "jobs", "CronJob": "cronjobs"},
    "autoscaling/v2": {"HorizontalPodAutoscaler": "horizontalpodautoscalers"},
    "policy/v1": {"PodDisruptionBudget": "poddisruptionbudgets"},
    "discovery.k8s.io/v1": {"EndpointSlice": "endpointslices"},
    "networking.k8s.io/v1": {"Ingress": "ingresses", "NetworkPolicy": "networkpolicies"},
    "cert-manager.io/v1": {
        "Certificate": "certificates",
        "CertificateRequest": "certificaterequests",
        "Issuer": "issuers",
        "ClusterIssuer": "clusterissuers",
    },
    "acme.cert-manager.io/v1": {"Order": "orders", "Challenge": "challenges"},
    "gateway.networking.k8s.io/v1": {"HTTPRoute": "httproutes", "Gateway": "gateways"},
    "security.istio.io/v1": {
        "PeerAuthentication": "peerauthentications",
        "AuthorizationPolicy": "authorizationpolicies",
    },
    "cilium.io/v2": {
        "CiliumNetworkPolicy": "ciliumnetworkpolicies",
        "CiliumClusterwideNetworkPolicy": "ciliumclusterwidenetworkpolicies",
    },
    "external-secrets.io/v1": {"ExternalSecret": "externalsecrets"},
}
# What stands in no namespace.
_OF_THE_CLUSTER = frozenset(
    {"Node", "Namespace", "PersistentVolume", "ClusterIssuer", "CiliumClusterwideNetworkPolicy"}
)

RESOURCES: dict[str, Resource] = {
    kind: Resource(kind, version, plural, namespaced=kind not in _OF_THE_CLUSTER)
    for version, kinds in _SERVED.items()
    for kind, plural in kinds.items()
}
