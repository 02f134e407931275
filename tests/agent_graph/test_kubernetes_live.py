"""Investigations of a cluster, from the alert to the report: right category, right evidence, honest about its gaps."""

import logging
from collections.abc import AsyncGenerator, Generator
from pathlib import Path
from typing import Any

import pytest

from agent_graph.worker import Parts, investigate
from backend.deps import Deps
from backend.incident.model import Incident
from tests.agent_graph import stage
from tests.fakes.kubernetes import Kubernetes, fake_kubernetes, kubeconfig
from tests.fakes.kubernetes_objects import (
    HASH,
    NODE,
    SPACE,
    at,
    container,
    deployment,
    ended,
    event,
    node,
    owned,
    pod,
    replica_set,
    template,
    thing,
    waiting,
)

POD = f"web-{HASH}-x2x4z"
OF_POD = {"namespace": SPACE, "pod": POD, "container": "app", "job": "kube-state-metrics"}
OF_DEPLOYMENT = {"namespace": SPACE, "deployment": "web", "job": "kube-state-metrics"}
TRACE = "\n".join(
    [
        f"{at(3)[:-1]}.100000000Z INFO serving on :8080",
        f"{at(2)[:-1]}.200000000Z Traceback (most recent call last):",
        f'{at(2)[:-1]}.200000001Z   File "/app/main.py", line 12, in handle',
        f"{at(2)[:-1]}.200000002Z ValueError: order 7 has no total",
    ]
).encode()


@pytest.fixture
def api() -> Generator[Kubernetes]:
    with fake_kubernetes() as served:
        yield served


@pytest.fixture
async def agent(deps: Deps, api: Kubernetes, tmp_path: Path) -> AsyncGenerator[tuple[Deps, Parts]]:
    named = kubeconfig(tmp_path / "kubeconfig", api.url, token="reader")
    async with stage.agent(
        deps, kubeconfig=named, docker_host="unix:///nowhere", source_timeout_seconds=30.0
    ) as opened:
        yield opened


async def examine(agent: tuple[Deps, Parts], labels: dict[str, str], **changes: Any) -> tuple[Incident, list[Any]]:
    """The incident that an alert with these labels opens, investigated, and the evidence of the cluster."""
    deps, parts = agent
    told = {"container_runtime": "kubernetes", "namespace": labels.get("namespace"), "labels": labels, **changes}
    target = changes.pop("target", None) or labels.get("deployment") or labels.get("pod") or "web"
    told.pop("target", None)
    incident_id = await stage.open_incident(deps, target, **told)
    await investigate(deps, incident_id=str(incident_id), parts=parts)
    query = (
        "select kind, title, query, content, error, summary, data, truncated from evidence where source = 'kubernetes'"
    )
    return await stage.incident(deps, incident_id), await stage.rows(deps, f"{query} order by label")


def said(evidence: list[Any], title: str) -> str:
    return "\n".join(one.content for one in evidence if title in one.title)


def gaps(evidence: list[Any]) -> str:
    return "; ".join(one.error for one in evidence if one.error)


async def test_a_crash_loop_is_explained_by_what_the_run_before_said(agent: tuple[Deps, Parts], api: Kubernetes):
    looping = container(restarts=4, state=waiting("CrashLoopBackOff", "back-off 40s"), lastState=ended(1))
    sick = pod(looping)
    api.add(deployment(), replica_set(), sick, node(), event("BackOff", "Back-off restarting failed container", sick))
    api.logs[(POD, "app")] = TRACE[:50] + b"\n"
    api.logs[(POD, "app", "previous")] = TRACE + b"\n\x1b[31m\x00\xff\xfe binary\x1b[0m\n"
    incident, evidence = await examine(agent, OF_POD)
    assert (incident.verdict, incident.incident_type) == ("incident", "app_crash")
    assert "ValueError: order 7 has no total" in (incident.root_cause or "")
    assert f"pod {POD} → replicaset web-{HASH} → deployment web" in said(evidence, "What the incident is about")
    (before,) = [one for one in evidence if "before its last restart" in one.title]
    assert f"GET /api/v1/namespaces/shop/pods/{POD}/log?container=app" in before.query
    assert f"kubectl logs -n shop {POD} -c app --timestamps --tail=5000 --previous" in before.query
    assert "\x1b" not in before.content
    assert not gaps(evidence)


async def test_killed_for_memory(agent: tuple[Deps, Parts], api: Kubernetes):
    killed = container(restarts=2, state=waiting("CrashLoopBackOff"), lastState=ended(137, "OOMKilled"))
    api.add(deployment(), replica_set(), pod(killed), node())
    incident, evidence = await examine(agent, OF_DEPLOYMENT)
    assert (incident.incident_type, incident.confidence) == ("oom", "confirmed")
    assert "256Mi" in (incident.root_cause or "")
    assert "GET /apis/apps/v1/namespaces/shop/deployments/web" in evidence[0].query


async def test_an_image_that_cannot_be_pulled_came_with_the_last_rollout(agent: tuple[Deps, Parts], api: Kubernetes):
    why = 'Back-off pulling image "registry.example.com/web:2.l": not found'
    stuck = pod(container(state=waiting("ImagePullBackOff", why)), phase="Pending")
    old = replica_set(3, hashed="5c4d3e2f1", image="registry.example.com/web:2.0", replicas=0)
    api.add(deployment(), old, replica_set(4, image="registry.example.com/web:2.l", made=12), stuck, node())
    api.add(event("Failed", f"Failed to pull image: {why}", stuck))
    incident, evidence = await examine(agent, OF_DEPLOYMENT)
    assert incident.incident_type == "image_pull_error"
    assert "revision 3 → 4" in said(evidence, "Kubernetes objects")
    actions = await stage.rows(agent[0], "select kind, params from actions")
    assert [a.kind for a in actions] == ["kubernetes.rollback_deployment"]


@pytest.mark.parametrize(
    ("why", "category"),
    [
        ("0/3 nodes are available: 3 Insufficient memory.", "scheduling_failure"),
        (None, "quota_exceeded"),
    ],
)
async def test_pods_that_find_no_room(agent: tuple[Deps, Parts], api: Kubernetes, why: str | None, category: str):
    unplaced = {"type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": why}
    replicas = replica_set()
    api.add(deployment(), replicas, node())
    if why:
        waits = pod(phase="Pending", node=None, conditions=[unplaced])
        api.add(waits, event("FailedScheduling", why, waits))
    else:
        over = 'pods "web-7d9f8b6c5-abcde" is forbidden: exceeded quota: compute, requested: limits.memory=256Mi'
        used = {"hard": {"limits.memory": "1Gi"}, "used": {"limits.memory": "1Gi"}}
        api.add(
            thing("ResourceQuota", "compute", status=used), event("FailedCreate", f"Error creating: {over}", replicas)
        )
    incident, _ = await examine(agent, OF_DEPLOYMENT)
    assert (incident.verdict, incident.incident_type) == ("incident", category)


async def test_killed_by_its_own_liveness_probe(agent: tuple[Deps, Parts], api: Kubernetes):
    restarted = container(restarts=4, state={"running": {"startedAt": at(1)}}, lastState=ended(137))
    sick = pod(restarted)
    api.add(deployment(), replica_set(), sick, node())
    api.add(
        event("Unhealthy", "Liveness probe failed: HTTP probe failed with statuscode: 503", sick, count=12),
        event("Killing", "Container app failed liveness probe, will be restarted", sick, kind="Normal", count=4),
    )
    incident, evidence = await examine(agent, OF_POD)
    assert incident.incident_type == "probe_failure"
    assert "Liveness probe failed" in said(evidence, "Kubernetes events")


async def test_a_pod_that_is_gone_is_found_by_whom_it_belonged_to(agent: tuple[Deps, Parts], api: Kubernetes):
    well = pod(container(ready=True), name=f"web-{HASH}-new42")
    api.add(deployment(ready=1), replica_set(), well, node())
    incident, evidence = await examine(agent, OF_POD)
    about = said(evidence, "What the incident is about")
    assert f"there is no pod {POD}" in about
    assert f"replicaset web-{HASH} → deployment web" in about
    assert incident.verdict != "incident"
    assert not gaps(evidence)


async def test_what_was_never_there_is_said(agent: tuple[Deps, Parts], api: Kubernetes):
    incident, evidence = await examine(agent, OF_DEPLOYMENT)
    assert "there is no deployment web" in said(evidence, "What the incident is about")
    assert incident.verdict == "inconclusive"


async def test_a_cluster_that_denies_half_the_calls_is_quoted_and_named(agent: tuple[Deps, Parts], api: Kubernetes):
    killed = container(restarts=2, state=waiting("CrashLoopBackOff"), lastState=ended(137, "OOMKilled"))
    api.add(deployment(), replica_set(), pod(killed), node())
    api.denied = {"events", "nodes", "pods/log", "resourcequotas", "replicasets", "configmaps", "services"}
    incident, evidence = await examine(agent, OF_DEPLOYMENT)
    assert incident.incident_type == "oom"
    assert "may not " in gaps(evidence)
    for right in ("get pods/log", "list events", "get nodes", "list replicasets"):
        assert right in gaps(evidence)
    missing = (await stage.rows(agent[0], "select report from investigations"))[0].report["missing"]
    assert any("may not" in one for one in missing)


async def test_a_cluster_that_denies_all_is_no_empty_success(agent: tuple[Deps, Parts], api: Kubernetes):
    api.token = "another"
    incident, evidence = await examine(agent, OF_POD)
    assert [one.error for one in evidence if not one.error] == []
    assert "does not know our credential (401)" in gaps(evidence)
    assert incident.verdict == "inconclusive"


async def test_an_api_that_is_down_or_hangs_ends_in_time(deps: Deps, api: Kubernetes, tmp_path: Path):
    hanging, down = (tmp_path / name for name in ("hanging", "down"))
    api.slow = {"deployments"}
    for named, why in (
        (kubeconfig(hanging, api.url), "did not answer within 0.8 s"),
        (kubeconfig(down, "https://127.0.0.1:1"), "cannot be reached"),
    ):
        async with stage.agent(
            deps, kubeconfig=named, docker_host="unix:///nowhere", source_timeout_seconds=1.0
        ) as opened:
            incident, evidence = await examine(opened, OF_DEPLOYMENT)
        assert why in gaps(evidence), named
        assert incident.verdict == "inconclusive"


async def test_a_huge_list_is_read_page_by_page_as_far_as_it_counts(agent: tuple[Deps, Parts], api: Kubernetes):
    crashed = container(restarts=9, state=waiting("CrashLoopBackOff"), lastState=ended(1))
    sick = pod(crashed)
    healthy = [pod(container(ready=True), name=f"web-{HASH}-{n:05d}") for n in range(1, 700)]
    api.add(
        deployment(replicas=700, ready=699), replica_set(replicas=700), *healthy[:150], sick, *healthy[150:], node()
    )
    api.logs[(POD, "app", "previous")] = TRACE
    incident, evidence = await examine(agent, OF_DEPLOYMENT)
    assert "list pods) " in gaps(evidence) + " "
    assert "are more than the 500 that were read" in gaps(evidence)
    assert "order 7 has no total" in said(evidence, f"Logs of {POD}")
    assert incident.incident_type == "app_crash"


async def test_a_list_that_forgets_its_place_counts_as_far_as_it_was_read(agent: tuple[Deps, Parts], api: Kubernetes):
    api.forgets = True
    api.refused = {"nodes": [500, 500], "replicasets": [429]}
    api.cut = {"services"}
    healthy = [pod(container(ready=True), name=f"web-{HASH}-{n:05d}") for n in range(1, 151)]
    api.add(deployment(replicas=150, ready=150), replica_set(replicas=150), *healthy, node())
    _, evidence = await examine(agent, OF_DEPLOYMENT)
    assert "the list had changed meanwhile" in gaps(evidence)
    assert "could not be understood (list services)" in gaps(evidence)
    assert "nodes" not in gaps(evidence)
    assert said(evidence, "Kubernetes objects").count("pod web-") == 100


async def test_configuration_that_was_changed_is_told_and_never_its_content(agent: tuple[Deps, Parts], api: Kubernetes):
    refs = [{"configMapRef": {"name": "web-config"}}, {"secretRef": {"name": "web-password"}}]
    fields = [{"manager": "kubectl-edit", "operation": "Update", "time": at(14), "fieldsType": "FieldsV1"}]
    spec = template(envFrom=refs)["spec"]
    looping = container(restarts=4, state=waiting("CrashLoopBackOff"), lastState=ended(1))
    api.add(deployment(), replica_set(), pod(looping, containers=spec["containers"]), node())
    api.add(thing("ConfigMap", "web-config", data={"DSN": "in-the-map"}, meta={"managedFields": fields}))
    api.add(thing("Secret", "web-password", data={"password": "aW4tdGhlLXNlY3JldA=="}))
    _, evidence = await examine(agent, OF_DEPLOYMENT)
    assert "ConfigMap web-config, which its pods use, was written by kubectl-edit" in said(evidence, "Recent changes")
    (asked,) = api.asked("configmaps")
    assert asked.headers["accept"] == "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1"
    assert not api.asked("secrets")
    assert "in-the-map" not in str([tuple(one) for one in evidence])


async def test_a_secret_that_a_pod_waits_for_is_missed_by_name(agent: tuple[Deps, Parts], api: Kubernetes):
    spec = template(envFrom=[{"secretRef": {"name": "web-password"}}])["spec"]
    stuck = container(state=waiting("CreateContainerConfigError", 'secret "web-password" not found'))
    api.add(deployment(), replica_set(), pod(stuck, phase="Pending", containers=spec["containers"]), node())
    incident, evidence = await examine(agent, OF_DEPLOYMENT)
    assert incident.incident_type == "config_error"
    assert "there is no Secret web-password" in said(evidence, "What the incident is about")
    assert {one.headers["accept"].partition(";")[2][:24] for one in api.asked("secrets")} == {
        "as=PartialObjectMetadata"
    }


async def test_a_claim_leads_to_the_pods_that_mount_it(agent: tuple[Deps, Parts], api: Kubernetes):
    volumes = [{"name": "data", "persistentVolumeClaim": {"claimName": "data-db-0"}}]
    sick = pod(container(restarts=3, ready=False), name="db-0", volumes=volumes)
    sick["metadata"] |= {"labels": {"app": "db"}, "ownerReferences": owned("StatefulSet", "db")}
    spec = {"replicas": 1, "selector": {"matchLabels": {"app": "db"}}, "template": template()}
    api.add(thing("StatefulSet", "db", "apps/v1", spec=spec, status={"replicas": 1, "readyReplicas": 0}), sick, node())
    api.add(thing("PersistentVolumeClaim", "data-db-0", spec={}, status={"phase": "Bound"}))
    full = "\n".join(f"{at(2)[:-1]}.{n:09d}Z FATAL could not write: No space left on device" for n in range(3))
    api.logs[("db-0", "app")] = full.encode()
    labels = {"namespace": SPACE, "persistentvolumeclaim": "data-db-0"}
    incident, evidence = await examine(agent, labels, target="data-db-0", source_type="host", namespace=None)
    assert incident.incident_type == "disk_pressure"
    assert "pod db-0 → statefulset db" in said(evidence, "What the incident is about")


async def test_a_node_that_is_lost(agent: tuple[Deps, Parts], api: Kubernetes):
    lost = node(ready="Unknown")
    lost["status"]["conditions"][0] |= {
        "reason": "NodeStatusUnknown",
        "message": "Kubelet stopped posting node status.",
    }
    api.add(lost, pod(container()), event("NodeNotReady", "Node node-1 status is now: NodeNotReady", lost))
    labels = {"node": NODE, "job": "kube-state-metrics", "pod": "kube-state-metrics-0", "namespace": "monitoring"}
    incident, evidence = await examine(agent, labels, target=NODE, source_type="host", namespace=None)
    assert incident.incident_type == "node_failure"
    assert "NodeNotReady" in said(evidence, "Kubernetes events")
    assert api.asked("pods")[0].query["fieldSelector"] == f"spec.nodeName={NODE}"


async def test_all_is_well(agent: tuple[Deps, Parts], api: Kubernetes, caplog: pytest.LogCaptureFixture):
    with caplog.at_level(logging.WARNING):
        api.add(deployment(ready=1), replica_set(), pod(container(ready=True)), node())
        api.logs[(POD, "app")] = f"{at(1)[:-1]}.0Z INFO GET /orders 200\n".encode()
        incident, evidence = await examine(agent, OF_DEPLOYMENT)
    assert incident.incident_type != "app_crash"
    assert incident.verdict != "incident"
    assert not gaps(evidence)
    assert len(api.requests) <= 40
