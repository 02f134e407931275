"""Investigations of a cluster, from the alert to the report: right category, right evidence, honest about its gaps."""

import re
from collections.abc import Awaitable, Callable, Generator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from pydantic import JsonValue

from agent_graph.deps import Ask
from agent_graph.evaluation.notebook import MemoryNotebook
from agent_graph.evaluation.recorded import sources_of
from agent_graph.evaluation.scenario import load
from agent_graph.investigator import Investigator
from agent_graph.sources.kubernetes.objects import Object, flatten
from agent_graph.sources.kubernetes.recent import changes_of
from agent_graph.sources.kubernetes.state import evidence_of
from agent_graph.sources.registry import Sources, open_sources
from agent_graph.worker import investigate
from backend.deps import Deps
from backend.investigation.kinds import CaseFile, Evidence, Report, Target
from backend.settings import load_settings
from tests.agent_graph import stage
from tests.agent_graph.cases import alert, case
from tests.fakes.kubernetes import INSTALLED, Kubernetes, fake_kubernetes, kubeconfig
from tests.fakes.kubernetes_objects import (
    HASH,
    NODE,
    NOW,
    SPACE,
    as_served,
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


@dataclass(frozen=True)
class Looked:
    """What came of an investigation, and what the cluster gave for it."""

    report: Report
    evidence: list[Evidence]

    @property
    def category(self) -> str:
        return self.report.category

    def said(self, title: str) -> str:
        return "\n".join(one.content for one in self.evidence if title in one.title)

    @property
    def gaps(self) -> str:
        return "; ".join(one.error for one in self.evidence if one.error)


Examine = Callable[..., Awaitable[Looked]]


@pytest.fixture
def examine(api: Kubernetes, tmp_path: Path) -> Examine:
    """Investigates what an alert with these labels is about, with the sources of an agent, without its database."""

    async def run(
        labels: dict[str, str],
        *,
        config: str | None = None,
        seconds: float = 30.0,
        most_bytes: int = 2_000_000,
        **target: Any,
    ) -> Looked:
        settings = load_settings(
            data_dir=tmp_path,
            docker_host="unix:///nowhere",
            kubeconfig=config or kubeconfig(tmp_path / "kubeconfig", api.url, token="reader"),
            source_timeout_seconds=seconds,
            source_max_bytes=most_bytes,
        )
        notebook = MemoryNotebook()
        async with httpx.AsyncClient() as http, open_sources(settings, http) as sources:
            told = _case(labels, **target)
            report = await Investigator(settings, sources, None).investigate(told, notebook, None)
        return Looked(report, [one for one in notebook.kept if one.source == "kubernetes"])

    return run


def _case(labels: dict[str, str], **target: Any) -> CaseFile:
    name = labels.get("deployment") or labels.get("pod") or "web"
    known = {"name": name, "source_type": "container", "runtime": "kubernetes", "namespace": labels.get("namespace")}
    about = Target.model_validate({**known, "labels": labels, **target})
    whole = case(started_at=NOW - timedelta(minutes=10), now=NOW, alerts=[alert(labels=labels)])
    return whole.model_copy(update={"target": about})


async def test_a_crash_loop_is_explained_by_what_the_run_before_said(examine: Examine, api: Kubernetes):
    looping = container(restarts=4, state=waiting("CrashLoopBackOff", "back-off 40s"), lastState=ended(1))
    sick = pod(looping)
    api.add(deployment(), replica_set(), sick, node(), event("BackOff", "Back-off restarting failed container", sick))
    api.logs[(POD, "app")] = TRACE[:50] + b"\n"
    api.logs[(POD, "app", "previous")] = TRACE + b"\n\x1b[31m\x00\xff\xfe binary\x1b[0m\n"
    seen = await examine(OF_POD)
    assert (seen.report.verdict, seen.category) == ("incident", "app_crash")
    assert "ValueError: order 7 has no total" in seen.report.root_cause
    assert f"pod {POD} → replicaset web-{HASH} → deployment web" in seen.said("What the incident is about")
    (before,) = [one for one in seen.evidence if "before its last restart" in one.title]
    assert f"GET /api/v1/namespaces/shop/pods/{POD}/log?container=app" in before.query
    assert f"kubectl logs -n shop {POD} -c app --timestamps --tail=5000 --previous" in before.query
    assert "\x1b" not in before.content
    assert not seen.gaps


async def test_killed_for_memory(examine: Examine, api: Kubernetes):
    killed = container(restarts=2, state=waiting("CrashLoopBackOff"), lastState=ended(137, "OOMKilled"))
    api.add(deployment(), replica_set(), pod(killed), node())
    seen = await examine(OF_DEPLOYMENT)
    assert (seen.category, seen.report.confidence) == ("oom", "confirmed")
    assert "256Mi" in seen.report.root_cause
    assert "GET /apis/apps/v1/namespaces/shop/deployments/web" in seen.evidence[0].query


async def test_an_image_that_cannot_be_pulled_came_with_the_last_rollout(examine: Examine, api: Kubernetes):
    why = 'Back-off pulling image "registry.example.com/web:2.l": not found'
    stuck = pod(container(state=waiting("ImagePullBackOff", why)), phase="Pending")
    old = replica_set(3, hashed="5c4d3e2f1", image="registry.example.com/web:2.0", replicas=0)
    api.add(deployment(), old, replica_set(4, image="registry.example.com/web:2.l", made=12), stuck, node())
    api.add(event("Failed", f"Failed to pull image: {why}", stuck))
    seen = await examine(OF_DEPLOYMENT)
    assert seen.category == "image_pull_error"
    assert "revision 3 → 4" in seen.said("Kubernetes objects")
    assert seen.report.proposal is not None
    assert seen.report.proposal.kind == "kubernetes.rollback_deployment"


@pytest.mark.parametrize(
    ("why", "category"),
    [
        ("0/3 nodes are available: 3 Insufficient memory.", "scheduling_failure"),
        (None, "quota_exceeded"),
    ],
)
async def test_pods_that_find_no_room(examine: Examine, api: Kubernetes, why: str | None, category: str):
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
    seen = await examine(OF_DEPLOYMENT)
    assert (seen.report.verdict, seen.category) == ("incident", category)


async def test_killed_by_its_own_liveness_probe(examine: Examine, api: Kubernetes):
    restarted = container(restarts=4, state={"running": {"startedAt": at(1)}}, lastState=ended(137))
    sick = pod(restarted)
    api.add(deployment(), replica_set(), sick, node())
    api.add(
        event("Unhealthy", "Liveness probe failed: HTTP probe failed with statuscode: 503", sick, count=12),
        event("Killing", "Container app failed liveness probe, will be restarted", sick, kind="Normal", count=4),
    )
    seen = await examine(OF_POD)
    assert seen.category == "probe_failure"
    assert "Liveness probe failed" in seen.said("Kubernetes events")


async def test_a_pod_that_is_gone_is_found_by_whom_it_belonged_to(examine: Examine, api: Kubernetes):
    well = pod(container(ready=True), name=f"web-{HASH}-new42")
    api.add(deployment(ready=1), replica_set(), well, node())
    seen = await examine(OF_POD)
    about = seen.said("What the incident is about")
    assert f"there is no pod {POD}" in about
    assert f"replicaset web-{HASH} → deployment web" in about
    assert seen.report.verdict != "incident"
    assert not seen.gaps


async def test_what_was_never_there_is_said(examine: Examine, api: Kubernetes):
    seen = await examine(OF_DEPLOYMENT)
    assert "there is no deployment web" in seen.said("What the incident is about")
    assert seen.report.verdict == "inconclusive"


async def test_a_cluster_that_denies_half_the_calls_is_quoted_and_named(examine: Examine, api: Kubernetes):
    killed = container(restarts=2, state=waiting("CrashLoopBackOff"), lastState=ended(137, "OOMKilled"))
    api.add(deployment(), replica_set(), pod(killed), node())
    api.denied = {"events", "nodes", "pods/log", "resourcequotas", "replicasets", "configmaps", "services"}
    seen = await examine(OF_DEPLOYMENT)
    assert seen.category == "oom"
    assert "may not " in seen.gaps
    for right in ("get pods/log", "list events", "get nodes", "list replicasets"):
        assert right in seen.gaps
    assert any("may not" in one for one in seen.report.missing)


async def test_where_owners_may_not_be_read_pods_are_known_by_their_names(examine: Examine, api: Kubernetes):
    killed = container(restarts=2, state=waiting("CrashLoopBackOff"), lastState=ended(137, "OOMKilled"))
    other = pod(container(), name="web-admin-5c4d3e2f1-q7z8x")
    other["metadata"] |= {"labels": {"app": "web-admin"}, "ownerReferences": owned("ReplicaSet", "web-admin-5c4d3e2f1")}
    api.add(deployment(), replica_set(), pod(killed), other, node())
    api.denied, api.slow = {"deployments", "replicasets"}, {"log"}
    seen = await examine(OF_DEPLOYMENT, seconds=4.0)
    assert seen.category == "oom"
    assert "get deployments" in seen.gaps
    assert "get pods/log" in seen.gaps
    assert seen.said("Kubernetes events") == ""
    (objects,) = [one for one in seen.evidence if one.title == "Kubernetes objects"]
    assert f"{SPACE}/pod/{POD}" in objects.data["scope"]
    assert not any("web-admin" in name for name in objects.data["scope"])


async def test_a_cluster_that_denies_all_is_no_empty_success(examine: Examine, api: Kubernetes):
    api.token = "another"
    seen = await examine(OF_POD)
    assert [one.error for one in seen.evidence if not one.error] == []
    assert "does not know our credential (401)" in seen.gaps
    assert seen.report.verdict == "inconclusive"


async def test_an_api_that_is_down_or_hangs_ends_in_time(examine: Examine, api: Kubernetes, tmp_path: Path):
    api.slow = {"deployments"}
    for named, seconds, why in (
        (kubeconfig(tmp_path / "hanging", api.url), 0.5, "did not answer within 0."),
        (kubeconfig(tmp_path / "down", "http://127.0.0.1:1"), 30.0, "cannot be reached"),
    ):
        seen = await examine(OF_DEPLOYMENT, config=named, seconds=seconds)
        assert why in seen.gaps, named
        assert seen.report.verdict == "inconclusive"


async def test_a_huge_list_is_read_page_by_page_as_far_as_it_counts(examine: Examine, api: Kubernetes):
    crashed = container(restarts=9, state=waiting("CrashLoopBackOff"), lastState=ended(1))
    sick = pod(crashed)
    healthy = [pod(container(ready=True), name=f"web-{HASH}-{n:05d}") for n in range(1, 700)]
    api.add(
        deployment(replicas=700, ready=699), replica_set(replicas=700), *healthy[:150], sick, *healthy[150:], node()
    )
    api.logs[(POD, "app", "previous")] = TRACE
    seen = await examine(OF_DEPLOYMENT)
    assert "list pods) " in seen.gaps + " "
    assert "are more than the 500 that were read" in seen.gaps
    assert "order 7 has no total" in seen.said(f"Logs of {POD}")
    assert seen.category == "app_crash"


async def test_a_list_that_forgets_its_place_counts_as_far_as_it_was_read(examine: Examine, api: Kubernetes):
    api.forgets = True
    api.refused = {"nodes": [500, 500], "replicasets": [429]}
    api.cut = {"services"}
    healthy = [pod(container(ready=True), name=f"web-{HASH}-{n:05d}") for n in range(1, 151)]
    api.add(deployment(replicas=150, ready=150), replica_set(replicas=150), *healthy, node())
    seen = await examine(OF_DEPLOYMENT)
    assert "the list had changed meanwhile" in seen.gaps
    assert "could not be understood (list services)" in seen.gaps
    assert "nodes" not in seen.gaps
    assert seen.said("Kubernetes objects").count("pod web-") == 100


async def test_a_list_of_large_objects_is_read_in_smaller_pages(examine: Examine, api: Kubernetes):
    healthy = [pod(container(ready=True), name=f"web-{HASH}-{n:05d}", note="x" * 1_000) for n in range(1, 41)]
    api.add(deployment(replicas=40, ready=40), replica_set(replicas=40), *healthy, node())
    seen = await examine(OF_DEPLOYMENT, most_bytes=10_000)
    assert seen.said("Kubernetes objects").count("pod web-") == 40
    assert not seen.gaps
    assert [one.query["limit"] for one in api.asked("pods")[:5]] == ["100", "10", "10", "10", "10"]


async def test_configuration_that_was_changed_is_told_and_never_its_content(examine: Examine, api: Kubernetes):
    refs = [{"configMapRef": {"name": "web-config"}}, {"secretRef": {"name": "web-password"}}]
    fields = [{"manager": "kubectl-edit", "operation": "Update", "time": at(14), "fieldsType": "FieldsV1"}]
    spec = template(envFrom=refs)["spec"]
    looping = container(restarts=4, state=waiting("CrashLoopBackOff"), lastState=ended(1))
    api.add(deployment(), replica_set(), pod(looping, containers=spec["containers"]), node())
    api.add(thing("ConfigMap", "web-config", data={"DSN": "in-the-map"}, meta={"managedFields": fields}))
    api.add(thing("Secret", "web-password", data={"password": "aW4tdGhlLXNlY3JldA=="}))
    seen = await examine(OF_DEPLOYMENT)
    assert "ConfigMap web-config, which its pods use, was written by kubectl-edit" in seen.said("Recent changes")
    (asked,) = api.asked("configmaps")
    assert asked.headers["accept"] == "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1"
    assert not api.asked("secrets")
    assert "in-the-map" not in str([tuple(one) for one in seen.evidence])


async def test_a_secret_that_a_pod_waits_for_is_missed_by_name(examine: Examine, api: Kubernetes):
    spec = template(envFrom=[{"secretRef": {"name": "web-password"}}])["spec"]
    stuck = container(state=waiting("CreateContainerConfigError", 'secret "web-password" not found'))
    api.add(deployment(), replica_set(), pod(stuck, phase="Pending", containers=spec["containers"]), node())
    seen = await examine(OF_DEPLOYMENT)
    assert seen.category == "config_error"
    assert "there is no Secret web-password" in seen.said("What the incident is about")
    assert {one.headers["accept"].partition(";")[2][:24] for one in api.asked("secrets")} == {
        "as=PartialObjectMetadata"
    }


async def test_a_claim_leads_to_the_pods_that_mount_it(examine: Examine, api: Kubernetes):
    volumes = [{"name": "data", "persistentVolumeClaim": {"claimName": "data-db-0"}}]
    sick = pod(container(restarts=3, ready=False), name="db-0", volumes=volumes)
    sick["metadata"] |= {"labels": {"app": "db"}, "ownerReferences": owned("StatefulSet", "db")}
    spec = {"replicas": 1, "selector": {"matchLabels": {"app": "db"}}, "template": template()}
    api.add(thing("StatefulSet", "db", "apps/v1", spec=spec, status={"replicas": 1, "readyReplicas": 0}), sick, node())
    api.add(thing("PersistentVolumeClaim", "data-db-0", spec={}, status={"phase": "Bound"}))
    full = "\n".join(f"{at(2)[:-1]}.{n:09d}Z FATAL could not write: No space left on device" for n in range(3))
    api.logs[("db-0", "app")] = full.encode()
    labels = {"namespace": SPACE, "persistentvolumeclaim": "data-db-0"}
    seen = await examine(labels, name="data-db-0", source_type="host", namespace=None)
    assert seen.category == "disk_pressure"
    assert "pod db-0 → statefulset db" in seen.said("What the incident is about")


async def test_a_node_that_is_lost(examine: Examine, api: Kubernetes):
    lost = node(ready="Unknown")
    lost["status"]["conditions"][0] |= {
        "reason": "NodeStatusUnknown",
        "message": "Kubelet stopped posting node status.",
    }
    api.add(lost, pod(container()), event("NodeNotReady", "Node node-1 status is now: NodeNotReady", lost))
    labels = {"node": NODE, "job": "kube-state-metrics", "pod": "kube-state-metrics-0", "namespace": "monitoring"}
    seen = await examine(labels, name=NODE, source_type="host", namespace=None)
    assert seen.category == "node_failure"
    assert "NodeNotReady" in seen.said("Kubernetes events")
    assert api.asked("pods")[0].query["fieldSelector"] == f"spec.nodeName={NODE}"


MOVED = {
    "all that ran there runs elsewhere": (1, 3, True),
    "a workload that no pod tells of lacks replicas": (0, 3, False),
    "there are more pods than are read": (1, 501, False),
}


@pytest.mark.parametrize("name", MOVED)
async def test_a_node_that_was_taken_away_is_missed_by_nobody_only_when_all_were_seen(
    examine: Examine, api: Kubernetes, name: str
):
    ready, pods, planned = MOVED[name]
    gone = node()
    api.add(node("node-2"), deployment(ready=1), deployment("api", ready=ready))
    api.add(event("ScaleDown", "node removed by cluster autoscaler", gone))
    api.add(*(pod(container(ready=True), name=f"web-{HASH}-{n:05d}", node="node-2") for n in range(pods)))
    seen = await examine({"node": NODE}, name=NODE, source_type="host", namespace=None)
    signs = [sign["category"] for one in seen.evidence for sign in one.data.get("signs", [])]
    assert ("planned" in signs) is planned
    assert (seen.report.verdict == "not_an_incident") is planned
    assert ("are more than the 500" in seen.gaps) is (pods > 500)


async def test_a_namespace_that_does_not_go_says_what_is_left_in_it(examine: Examine, api: Kubernetes):
    told = {"type": "NamespaceFinalizersRemaining", "status": "True", "message": "finalizers remaining: db-operator"}
    space = thing("Namespace", "shop", space=None, status={"phase": "Terminating", "conditions": [told]})
    space["metadata"]["deletionTimestamp"] = at(40)
    api.add(space)
    seen = await examine({"namespace": "shop"}, name="shop", namespace="shop")
    assert (seen.report.verdict, seen.category) == ("incident", "config_error")
    assert "finalizers remaining: db-operator" in seen.report.root_cause


async def test_all_is_well(examine: Examine, api: Kubernetes):
    kept = {"currentHealthy": 1, "desiredHealthy": 1, "disruptionsAllowed": 0}
    budget = thing(
        "PodDisruptionBudget", "web", "policy/v1", spec={"selector": {"matchLabels": {"app": "web"}}}, status=kept
    )
    api.add(deployment(ready=1), replica_set(), pod(container(ready=True)), node(), budget)
    api.logs[(POD, "app")] = f"{at(1)[:-1]}.0Z INFO GET /orders 200\n".encode()
    seen = await examine(OF_DEPLOYMENT)
    assert seen.report.verdict == "not_an_incident"
    assert not seen.gaps
    assert len(api.requests) <= 40
    assert "disruption budget web: 1 pods are healthy" in seen.said("Kubernetes objects")


def test_what_a_cluster_tells_of_changes():
    def revision(number: int, image: str, ago: float) -> Object:
        meta = {"ownerReferences": owned("StatefulSet", "db"), "creationTimestamp": at(ago)}
        return thing(
            "ControllerRevision",
            f"db-{number}",
            "apps/v1",
            revision=number,
            data={"spec": {"template": template(image)}},
            meta=meta,
        )

    scaled = {"manager": "kubectl", "subresource": "scale", "time": at(20), "fieldsV1": {"f:spec": {"f:replicas": {}}}}
    by_itself = {**scaled, "manager": "kube-controller-manager", "time": at(16)}
    status = {**scaled, "subresource": "status", "time": at(1)}
    applied = {"manager": "helm", "time": at(15), "fieldsV1": {"f:spec": {"f:replicas": {}, "f:template": {}}}}
    meta = {"managedFields": [scaled, by_itself, status, applied]}
    db = thing("StatefulSet", "db", "apps/v1", spec={"replicas": 3}, meta=meta)
    objects = [db, revision(10, "db:16.1", 15), revision(9, "db:15.4", 9_000), revision(8, "db:15.3", 9_900)]
    (found,) = changes_of(_case({"namespace": SPACE, "statefulset": "db"}, name="db"), [db], objects, "GET …")
    assert (found.source, found.kind) == ("kubernetes", "history")
    assert found.content.splitlines() == [
        "2026-11-21T02:45:00Z scale statefulset/db: set to 3 replicas by kubectl",
        "2026-11-21T02:49:00Z scale statefulset/db: set to 3 replicas by its autoscaler",
        "2026-11-21T02:50:00Z rollout statefulset/db: revision 9 → 10: containers[app].image db:15.4 → db:16.1",
    ]
    assert [(one["category"], one["weight"]) for one in found.data["signs"]][-1] == ("bad_deploy", "strong")


async def test_a_model_may_look_at_objects_and_logs_and_at_no_secret(api: Kubernetes, tmp_path: Path):
    env = [{"name": "DSN", "value": "in-the-variable"}, {"name": "PORT", "valueFrom": {"fieldRef": {}}}]
    run = deployment(managedFields=[{"manager": "kubectl", "time": at(14)}])
    run["spec"]["template"] = template(env=env)
    api.add(run, pod(container()), event("ScalingReplicaSet", "Scaled up to 3", run, kind="Normal"))
    api.add(thing("Secret", "login", data={"password": "aW4tdGhlLXNlY3JldA=="}))
    api.logs[(POD, "app", "previous")] = TRACE
    named = kubeconfig(tmp_path / "kubeconfig", api.url)
    settings = load_settings(data_dir=tmp_path, kubeconfig=named, source_timeout_seconds=30.0)
    told = _case(OF_DEPLOYMENT)
    async with httpx.AsyncClient() as http, open_sources(settings, http) as sources:
        source = sources.present["kubernetes"]

        async def ask(what: str, **args: JsonValue) -> list[Evidence]:
            return await source.answer(told, Ask(source="kubernetes", what=what, args=args))

        (seen,) = await ask("kubernetes_object", kind="Deployment", name="web")
        (gone,) = await ask("kubernetes_object", kind="Node", name="node-9")
        (logs,) = await ask("kubernetes_logs", pod=POD, container="app", previous=True, contains="order 7")
        assert await ask("kubernetes_object", kind="Secret", name="login") == []
    assert '"(not shown)"' in seen.content
    assert "Scaled up to 3" in seen.content
    assert not {"in-the-variable", "managedFields"} & set(re.findall(r"[\w-]+", seen.content))
    assert gone.content == "Node node-9 does not exist"
    assert (logs.content[31:], logs.data["own"]) == ("ValueError: order 7 has no total", False)
    assert not api.asked("secrets")


async def test_an_alert_is_investigated_by_the_agent_and_what_was_denied_is_told(
    deps: Deps, api: Kubernetes, tmp_path: Path
):
    killed = container(restarts=2, state=waiting("CrashLoopBackOff"), lastState=ended(137, "OOMKilled"))
    api.add(deployment(), replica_set(), pod(killed), node())
    api.denied = {"nodes"}
    named = kubeconfig(tmp_path / "kubeconfig", api.url, token="reader")
    about: Any = {"container_runtime": "kubernetes", "namespace": SPACE, "labels": OF_DEPLOYMENT}
    async with stage.agent(deps, kubeconfig=named, docker_host="unix:///nowhere", source_timeout_seconds=30.0) as (
        own,
        parts,
    ):
        incident_id = await stage.open_incident(own, "web", **about)
        await investigate(own, incident_id=str(incident_id), parts=parts)
        incident = await stage.incident(own, incident_id)
        (told,) = await stage.rows(own, "select report from investigations")
        actions = await stage.rows(own, "select kind, target from actions")
    assert (incident.verdict, incident.incident_type) == ("incident", "oom")
    assert [(a.kind, a.target) for a in actions] == [("kubernetes.patch_resources", "shop/deployment/web")]
    assert any("may not get nodes" in one for one in told.report["missing"])


# A third of what was recorded of clusters: one of each kind of way to the target.
RECORDED = (
    "healthy-cronjob-pod-completed",
    "healthy-node-drained-for-upgrade",
    "healthy-rolling-deploy-warm-up",
    "k8s-disk-pressure-eviction",
    "k8s-liveness-kills",
    "k8s-unschedulable",
    "long-log-k8s-wal-volume-full",
    "misleading-scale-down-exit-143",
    "sparse-k8s-events-only",
)


@pytest.mark.parametrize("name", RECORDED)
async def test_a_cluster_leads_to_the_conclusion_that_its_recording_leads_to(
    api: Kubernetes, tmp_path: Path, name: str
):
    scenario = load(Path("tests/scenarios") / name)
    settings = load_settings(
        data_dir=tmp_path, source_timeout_seconds=30.0, kubeconfig=kubeconfig(tmp_path / "kubeconfig", api.url)
    )
    recorded = sources_of(scenario)
    api.add(*as_served(flatten(scenario.kubernetes.values()), scenario.case.target.namespace or "default"))
    async with httpx.AsyncClient() as http, open_sources(settings, http) as live:
        mixed = Sources({**recorded.present, "kubernetes": live.present["kubernetes"]}, recorded.absent)
        of_both = [
            await Investigator(settings, sources, None).investigate(scenario.case, MemoryNotebook(), None)
            for sources in (recorded, mixed)
        ]
    assert len({(one.verdict, one.category, one.proposal and one.proposal.kind) for one in of_both}) == 1
    assert of_both[1].verdict == scenario.expected.verdict


ISSUING = {"type": "Issuing", "status": "False", "reason": "Failed", "message": "The certificate request has failed"}
LIMITED = "429 urn:ietf:params:acme:error:rateLimited: too many certificates already issued"


def _beside(api_version: str, kind: str, name: str, *owner: tuple[str, str, str], **parts: Any) -> Object:
    owners = [owned(above, called, version) for version, above, called in owner]
    meta = {"ownerReferences": [ref for some in owners for ref in some], "creationTimestamp": at(12)}
    return thing(kind, name, api_version, meta=meta, **parts)


def _beside_the_target() -> list[Object]:
    """What only some clusters serve, around a Deployment whose pod waits for its volume and a secret."""
    volumes = [
        {"name": "data", "persistentVolumeClaim": {"claimName": "data"}},
        {"name": "tls", "secret": {"secretName": "web-tls"}},
    ]
    unplaced = {"type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": "volume node affinity"}
    waits = pod(phase="Pending", node=None, conditions=[unplaced], volumes=volumes)
    waits["metadata"]["ownerReferences"] += owned("Cluster", "web", "postgresql.cnpg.io/v1")
    failing = {"type": "Ready", "status": "False", "reason": "Broken", "message": "the bucket answers 403"}
    zone = {"key": "topology.kubernetes.io/zone", "operator": "In", "values": ["nbg-c"]}
    reach = {"required": {"nodeSelectorTerms": [{"matchExpressions": [zone]}]}}
    request = ("cert-manager.io/v1", "CertificateRequest", "web-tls-1")
    strict = {"mtls": {"mode": "STRICT"}}
    return [
        deployment(),
        replica_set(),
        waits,
        node(),
        thing("PersistentVolumeClaim", "data", spec={"volumeName": "pv-1"}, status={"phase": "Bound"}),
        thing("PersistentVolume", "pv-1", space=None, spec={"nodeAffinity": reach}, status={"phase": "Bound"}),
        _beside(
            "cert-manager.io/v1",
            "Certificate",
            "web-tls",
            spec={"secretName": "web-tls"},
            status={"conditions": [ISSUING]},
        ),
        _beside(*request, ("cert-manager.io/v1", "Certificate", "web-tls"), status={}),
        _beside(
            "acme.cert-manager.io/v1", "Order", "web-tls-1-7", request, status={"state": "errored", "reason": LIMITED}
        ),
        _beside("security.istio.io/v1", "PeerAuthentication", "strict", space="carts", spec=strict),
        _beside("cilium.io/v2", "CiliumNetworkPolicy", "closed", spec={"endpointSelector": {}, "ingress": [{}]}),
        _beside("postgresql.cnpg.io/v1", "Cluster", "web", status={"conditions": [failing]}),
        _beside("external-secrets.io/v1", "ExternalSecret", "web-tls", status={"conditions": [failing]}),
    ]


async def test_what_only_some_clusters_serve_is_told_live_as_it_is_of_a_recording(examine: Examine, api: Kubernetes):
    objects = _beside_the_target()
    api.add(*objects)
    seen = await examine(OF_DEPLOYMENT)
    recorded = [sign for one in evidence_of(_case(OF_DEPLOYMENT), objects, "recorded") for sign in one.data["signs"]]
    live = [sign for one in seen.evidence if "objects" in one.title for sign in one.data["signs"]]
    assert {(sign["category"], sign["quote"]) for sign in live} == {(s["category"], s["quote"]) for s in recorded}
    assert {"rate_limited", "network_error", "scheduling_failure"} <= {sign["category"] for sign in live}
    said = seen.said("Kubernetes objects")
    for part in ("order web-tls-1-7 is errored: 429", "only on nodes with topology.kubernetes.io/zone In nbg-c"):
        assert part in said
    for part in (
        "cluster web: Ready=False Broken",
        "externalsecret web-tls: Ready=False",
        "policy closed: lets no ing",
    ):
        assert part in said
    assert not seen.gaps
    assert len(api.requests) <= 60
    assert {request.method for request in api.requests} == {"GET"}


async def test_what_a_cluster_does_not_serve_or_refuses_is_no_gap(examine: Examine, api: Kubernetes):
    api.add(*_beside_the_target())
    named = ("peerauthentications", "certificates", "orders", "clusters", "externalsecrets", "persistentvolumes")
    api.denied = set(named)
    refused = await examine(OF_DEPLOYMENT)
    assert refused.category == "scheduling_failure"
    assert not refused.gaps
    assert all(api.asked(plural) for plural in named)
    api.objects = [one for one in api.objects if one["apiVersion"] in ("v1", "apps/v1")]
    api.requests.clear()
    bare = await examine(OF_DEPLOYMENT)
    assert not bare.gaps
    assert not any(api.asked(plural) for plural in INSTALLED)


ABOUT = {"a deployment": (OF_DEPLOYMENT, False), "an ingress": ({"namespace": SPACE, "ingress": "front"}, True)}


@pytest.mark.parametrize("name", ABOUT)
async def test_certificates_are_asked_for_where_they_can_matter(examine: Examine, api: Kubernetes, name: str):
    labels, wanted = ABOUT[name]
    ready = [deployment(ready=1), replica_set(), pod(container(ready=True)), node()]
    api.add(*ready, _beside("cert-manager.io/v1", "Certificate", "front-tls"), thing("Ingress", "front", spec={}))
    await examine(labels)
    assert bool(api.asked("certificates")) is wanted
    assert not api.asked("externalsecrets")


async def test_where_slices_of_endpoints_may_not_be_read_the_endpoints_are(examine: Examine, api: Kubernetes):
    front = thing("Service", "web", spec={"selector": {"app": "web"}, "ports": [{"port": 80}]})
    api.add(deployment(ready=1), replica_set(), pod(container(ready=True)), node(), front)
    api.add(thing("Endpoints", "web", subsets=[{"notReadyAddresses": [{"ip": "10.0.0.1"}]}]))
    api.denied = {"endpointslices"}
    seen = await examine(OF_DEPLOYMENT)
    assert "endpoints of web: 0 ready, 1 not ready" in seen.said("Kubernetes objects")
    assert seen.gaps == "may not list endpointslices"
