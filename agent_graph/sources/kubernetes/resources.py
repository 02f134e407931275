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


RESOURCES: dict[str, Resource] = {
    resource.kind: resource
    for resource in (
        Resource("Pod", "v1", "pods"),
        Resource("Event", "v1", "events"),
        Resource("Node", "v1", "nodes", namespaced=False),
        Resource("Service", "v1", "services"),
        Resource("PersistentVolumeClaim", "v1", "persistentvolumeclaims"),
        Resource("ResourceQuota", "v1", "resourcequotas"),
        Resource("LimitRange", "v1", "limitranges"),
        Resource("ConfigMap", "v1", "configmaps"),
        Resource("Secret", "v1", "secrets"),
        Resource("Deployment", "apps/v1", "deployments"),
        Resource("ReplicaSet", "apps/v1", "replicasets"),
        Resource("StatefulSet", "apps/v1", "statefulsets"),
        Resource("DaemonSet", "apps/v1", "daemonsets"),
        Resource("ControllerRevision", "apps/v1", "controllerrevisions"),
        Resource("Job", "batch/v1", "jobs"),
        Resource("CronJob", "batch/v1", "cronjobs"),
        Resource("HorizontalPodAutoscaler", "autoscaling/v2", "horizontalpodautoscalers"),
        Resource("PodDisruptionBudget", "policy/v1", "poddisruptionbudgets"),
        Resource("EndpointSlice", "discovery.k8s.io/v1", "endpointslices"),
        Resource("Ingress", "networking.k8s.io/v1", "ingresses"),
        Resource("NetworkPolicy", "networking.k8s.io/v1", "networkpolicies"),
        Resource("Endpoints", "v1", "endpoints"),
        Resource("Namespace", "v1", "namespaces", namespaced=False),
        Resource("PersistentVolume", "v1", "persistentvolumes", namespaced=False),
        Resource("Certificate", "cert-manager.io/v1", "certificates"),
        Resource("CertificateRequest", "cert-manager.io/v1", "certificaterequests"),
        Resource("Issuer", "cert-manager.io/v1", "issuers"),
        Resource("ClusterIssuer", "cert-manager.io/v1", "clusterissuers", namespaced=False),
        Resource("Order", "acme.cert-manager.io/v1", "orders"),
        Resource("Challenge", "acme.cert-manager.io/v1", "challenges"),
        Resource("HTTPRoute", "gateway.networking.k8s.io/v1", "httproutes"),
        Resource("Gateway", "gateway.networking.k8s.io/v1", "gateways"),
        Resource("PeerAuthentication", "security.istio.io/v1", "peerauthentications"),
        Resource("AuthorizationPolicy", "security.istio.io/v1", "authorizationpolicies"),
        Resource("CiliumNetworkPolicy", "cilium.io/v2", "ciliumnetworkpolicies"),
        Resource(
            "CiliumClusterwideNetworkPolicy", "cilium.io/v2", "ciliumclusterwidenetworkpolicies", namespaced=False
        ),
        Resource("ExternalSecret", "external-secrets.io/v1", "externalsecrets"),
    )
}
