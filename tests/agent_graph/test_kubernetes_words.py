"""What Kubernetes' own words are taken for, and which objects of a cluster an incident is about."""

from datetime import timedelta
from typing import Any

import pytest

from agent_graph.sources.kubernetes.event_meanings import meaning_of
from agent_graph.sources.kubernetes.limits import quantity
from agent_graph.sources.kubernetes.meanings import innermost
from agent_graph.sources.kubernetes.placing import by_lost_nodes, why
from agent_graph.sources.kubernetes.rollouts import changed
from agent_graph.sources.kubernetes.state import evidence_of
from backend.investigation.kinds import Evidence
from tests.agent_graph.cases import BEGAN, NOW, case

Object = dict[str, Any]


@pytest.mark.parametrize(
    ("reason", "message", "category"),
    [
        ("FailedScheduling", "0/3 nodes are available: 3 Insufficient cpu.", "scheduling_failure"),
        (
            "FailedScheduling",
            "0/2 nodes are available: 2 node(s) had untolerated taint {node.kubernetes.io/unreachable: }",
            "node_failure",
        ),
        ("FailedCreate", 'pods "web-1" is forbidden: exceeded quota: small', "quota_exceeded"),
        ("FailedCreate", "is forbidden: maximum memory usage per Container is 1Gi, but limit is 2Gi", "quota_exceeded"),
        ("FailedCreate", 'is forbidden: violates PodSecurity "restricted:latest"', "permission_denied"),
        ("FailedCreate", 'admission webhook "policy.example" denied the request: no owner', "permission_denied"),
        ("FailedCreate", 'failed calling webhook "inject.example": connection refused', "dependency_failure"),
        ("FailedCreate", 'error looking up service account shop/web: serviceaccount "web" not found', "config_error"),
        ("Failed", 'Failed to pull image "web:2": manifest unknown', "image_pull_error"),
        ("Failed", 'Error: secret "web-keys" not found', "config_error"),
        ("Failed", "Error: container has runAsNonRoot and image will run as root", "permission_denied"),
        ("Failed", 'exec: "/app/srv": stat /app/srv: no such file or directory', "config_error"),
        ("BackOff", 'Back-off pulling image "web:2"', "image_pull_error"),
        ("BackOff", "Back-off restarting failed container", "restart_loop"),
        ("FailedMount", 'MountVolume.SetUp failed: configmap "web" not found', "config_error"),
        ("FailedMount", "mount failed: mount.nfs: Connection timed out", "dependency_failure"),
        ("FailedAttachVolume", 'Multi-Attach error for volume "pvc-1"', "scheduling_failure"),
        ("FailedCreatePodSandBox", "plugin type calico failed: no IP addresses available", "network_error"),
        ("FailedCreatePodSandBox", "write /run/x: no space left on device", "disk_pressure"),
        ("Evicted", "The node was low on resource: ephemeral-storage.", "disk_pressure"),
        ("Evicted", "The node was low on resource: memory.", "memory_pressure"),
        ("FailedGetResourceMetric", "missing request for cpu in container web", "config_error"),
        ("Drain", "Eviction blocked by Too Many Requests (usually a pdb): web-0", "config_error"),
        ("SyncLoadBalancerFailed", "could not find any suitable subnets for creating the ELB", "config_error"),
        ("SyncLoadBalancerFailed", "User: arn:aws:x is not authorized to perform: elb:Create", "permission_denied"),
        ("UnknownTimeZone", 'invalid timeZone: "Europe/Kyiv"', "config_error"),
        (
            "KEDAScalerFailed",
            "api error AccessDenied: User: x is not authorized to perform: sqs:get",
            "permission_denied",
        ),
        ("Rebooted", "Node n1 has been rebooted", "node_failure"),
    ],
)
def test_an_event_is_taken_for_what_it_says(reason: str, message: str, category: str):
    found = meaning_of(reason, message, "Warning")
    assert found is not None
    assert found[0] == category


def test_what_is_ordinary_means_nothing():
    assert meaning_of("Scheduled", "Successfully assigned", "Normal") is None
    assert meaning_of("Killing", "Stopping container web", "Normal") is None
    assert meaning_of("LeaderLost", "access denied", "Normal") is None
    assert meaning_of("SlowSync", "took 3 s", "Warning") is None


def test_of_a_long_error_its_last_words_are_told():
    layer = 'Could not attach volume "vol-1" to node "i-1"'
    why = f"{'x' * 300} api error: you are not authorized to do ec2:AttachVolume"
    told = innermost(f'AttachVolume.Attach failed for volume "pvc-1" : rpc error: {layer}: {layer}: {why} {"9zZ" * 60}')
    assert len(told) < 340
    assert told.startswith("AttachVolume.Attach failed")
    assert "not authorized to do ec2:AttachVolume" in told
    assert innermost("a: a: b") == "a: b"


def test_the_scheduler_is_understood_in_all_it_says():
    said = why("0/4 nodes are available: 1 Insufficient memory, 1 node(s) had untolerated taint {gpu: true}, "
               "2 node(s) didn't match Pod's node affinity/selector.")  # fmt: skip
    assert len(said) == 3
    assert "memory" in said[0]
    assert not by_lost_nodes("1 Insufficient cpu, 1 node(s) had untolerated taint {node.kubernetes.io/not-ready: }")


@pytest.mark.parametrize(("text", "value"), [("500m", 0.5), ("1Gi", 2.0**30), ("4", 4.0), ("lots", None)])
def test_quantities(text: str, value: float | None):
    assert quantity(text) == value


def test_what_a_revision_changed_is_told_and_secrets_are_not():
    def of(image: str, password: str) -> Object:
        env = [{"name": "DB_PASSWORD", "value": password}]
        return {"spec": {"template": {"spec": {"containers": [{"name": "app", "image": image, "env": env}]}}}}

    said = changed(of("web:1", "one"), of("web:2", "two"))
    assert said[0] == "containers[app].image web:1 → web:2"
    assert said[1] == "containers[app].env[DB_PASSWORD].value (hidden) → (hidden)"


def _pod(name: str = "web-1", *, labels: Object | None = None, **status: Any) -> Object:
    spec = {"containers": [{"name": "app", "ports": [{"containerPort": 8080}]}]}
    meta = {"name": name, "namespace": "shop", "labels": labels or {"app": "web"}}
    return {"kind": "Pod", "metadata": meta, "spec": spec, "status": {"phase": "Running", **status}}


def _container(**state: Any) -> Object:
    return {"containerStatuses": [{"name": "app", "ready": False, "restartCount": 1, "state": state}]}


def _ended(reason: str, code: int, message: str = "") -> Object:
    end = {"reason": reason, "exitCode": code, "finishedAt": BEGAN.isoformat(), "message": message}
    return _container(terminated=end)


READY: Object = {"containerStatuses": [{"name": "app", "ready": True, "restartCount": 0, "state": {}}]}
FRONT: Object = {"kind": "Service", "metadata": {"name": "web", "namespace": "shop"}}


def _service(selector: Object, port: int) -> Object:
    return {**FRONT, "spec": {"selector": selector, "ports": [{"port": 80, "targetPort": port}]}}


def _whole(labels: Object) -> Object:
    meta, template = {"name": "web", "namespace": "shop"}, {"metadata": {"labels": labels}}
    spec = {"replicas": 1, "template": template}
    return {"kind": "Deployment", "metadata": meta, "spec": spec, "status": {"readyReplicas": 1}}


def _policy(minutes_ago: int, chosen: Object | None = None) -> Object:
    made = (NOW - timedelta(minutes=minutes_ago)).isoformat()
    meta = {"name": "deny-all", "namespace": "shop", "creationTimestamp": made}
    return {
        "kind": "NetworkPolicy",
        "metadata": meta,
        "spec": {"podSelector": chosen or {}, "policyTypes": ["Ingress"]},
    }


STATES: dict[str, tuple[list[Object], str | None]] = {
    "an image that was never there": (
        [_pod(**_container(waiting={"reason": "ErrImageNeverPull", "message": "x"}))],
        "image_pull_error",
    ),
    "a secret that is not there": (
        [_pod(**_container(waiting={"reason": "CreateContainerConfigError", "message": 'secret "k" not found'}))],
        "config_error",
    ),
    "a disk too full to start it": (
        [_pod(**_container(waiting={"reason": "RunContainerError", "message": "no space left on device"}))],
        "disk_pressure",
    ),
    "killed for memory": ([_pod(**_ended("OOMKilled", 137))], "oom"),
    "a command that is not there": ([_pod(**_ended("Error", 127))], "config_error"),
    "a segmentation fault": ([_pod(**_ended("Error", 139))], "app_crash"),
    "told to end": ([_pod(**_ended("Completed", 143))], None),
    "refused by its node": ([_pod(phase="Failed", reason="OutOfcpu", message="x")], "scheduling_failure"),
    "lost with its node": ([_pod(phase="Failed", reason="NodeLost")], "node_failure"),
    "a service that selects nobody": ([_service({"app": "wbe"}, 8080), _pod(**READY)], "config_error"),
    "a service that asks the wrong port": ([_service({"app": "web"}, 9090), _pod(**READY)], "config_error"),
    "a service that is as it should be": ([_service({"app": "web"}, 8080), _pod(**READY)], None),
    "a policy made just before": ([_policy(15), _pod(**READY)], "network_error"),
    "a policy made just before, and no pods read": ([_policy(15), _whole({"app": "web"})], "network_error"),
    "a policy for others, and no pods read": ([_policy(15, {"app": "mail"}), _whole({"app": "web"})], None),
    "a policy of long ago": ([_policy(600), _pod(**READY)], None),
}


def _found(*objects: Object, name: str = "web") -> list[Evidence]:
    about = case(name)
    about = about.model_copy(update={"target": about.target.model_copy(update={"namespace": "shop"})})
    return evidence_of(about, list(objects), "test")


def _signs(*objects: Object, name: str = "web") -> list[str]:
    signs = [sign for one in _found(*objects, name=name) for sign in one.data["signs"]]
    return [s["category"] for s in signs if s["category"] not in ("healthy", "trouble") and s["weight"] != "weak"]


@pytest.mark.parametrize("name", STATES)
def test_a_state_is_taken_for_what_it_is(name: str):
    objects, category = STATES[name]
    assert _signs(*objects)[:1] == ([category] if category else [])


def test_who_bears_the_name_of_a_service_stands_for_its_pods():
    broken = _pod("cart-7d9f8-x2x4z", labels={"tier": "store"}, **_ended("OOMKilled", 137))
    service = {**_service({"tier": "store"}, 8080), "metadata": {"name": "basket", "namespace": "shop"}}
    assert "oom" in _signs(service, broken, name="basket")
    assert "oom" not in _signs(broken, name="basket")


def test_an_ended_pod_that_was_replaced_is_no_trouble():
    owner = [{"kind": "ReplicaSet", "name": "web-5d4f6c7b8"}]
    gone = _pod("web-5d4f6c7b8-x2x4z", phase="Failed", reason="Evicted", message="memory")
    gone["metadata"]["ownerReferences"] = owner
    whole = {"kind": "Deployment", "metadata": {"name": "web", "namespace": "shop"}, "spec": {"replicas": 1}}
    assert "memory_pressure" in _signs(gone)
    assert _signs(gone, {**whole, "status": {"readyReplicas": 1}}) == []


def test_last_words_are_text_and_no_state():
    found = _found(_pod(**_ended("Error", 1, "ERROR cannot read settings.yaml")))
    assert [one.kind for one in found] == ["state", "log"]
    assert "settings.yaml" in found[1].content


@pytest.mark.parametrize("odd", [None, "x", 5, [None], ["a"], {}])
def test_an_odd_value_does_not_hide_what_stands_beside_it(odd: Any):
    broken = _pod(**_ended("OOMKilled", 137))
    broken["metadata"]["ownerReferences"] = odd
    broken["status"]["containerStatuses"].append(odd)
    broken["status"]["conditions"] = odd
    event = {"kind": "Event", "reason": "BackOff", "message": odd, "count": odd, "involvedObject": odd}
    assert _signs(broken, event, {"kind": "Node", "status": odd}, {"kind": "Deployment", "spec": odd}) == ["oom"]
