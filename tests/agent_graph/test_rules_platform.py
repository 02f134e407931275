"""What the rules make of a platform's own words: engines without a state, neighbours, deploys, remedies."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from agent_graph.analysts.rules.analyst import analyse
from agent_graph.analysts.rules.remedies import remedy
from agent_graph.conclusion import Draft
from agent_graph.deps import Ask
from agent_graph.sources import changes
from agent_graph.sources.alert import AlertSource
from agent_graph.sources.asking import window
from agent_graph.sources.kubernetes.state import evidence_of
from backend.action.kinds import Proposal
from backend.incident.rules import Refusal
from backend.investigation.kinds import CaseFile, Citation, Confidence, Evidence, Hypothesis
from tests.agent_graph.cases import BEGAN, NOW, alert, case, container, logs, metric

Object = dict[str, Any]


def _stamp(minutes_ago: float) -> str:
    return (NOW - timedelta(minutes=minutes_ago)).isoformat()


def _case() -> CaseFile:
    about = case(runtime="kubernetes", alerts=[alert()])
    return about.model_copy(update={"target": about.target.model_copy(update={"namespace": "shop"})})


def _pod(name: str, app: str, **status: Any) -> Object:
    meta = {"name": name, "namespace": "shop", "labels": {"app": app}}
    return {"kind": "Pod", "metadata": meta, "spec": {"containers": [{"name": app}]}, "status": status}


def _ready(name: str, app: str) -> Object:
    found = {"name": app, "ready": True, "restartCount": 0, "state": {"running": {"startedAt": _stamp(600)}}}
    return _pod(name, app, phase="Running", containerStatuses=[found])


def _looping(name: str, app: str, reason: str, code: int, *, born: float = 600) -> Object:
    end = {"reason": reason, "exitCode": code, "finishedAt": _stamp(2)}
    waits = {"waiting": {"reason": "CrashLoopBackOff", "message": "back-off 5m0s"}}
    found = {"name": app, "ready": False, "restartCount": 7, "state": waits, "lastState": {"terminated": end}}
    return _pod(name, app, phase="Running", startTime=_stamp(born), containerStatuses=[found])


def _deployment(name: str, ready: int, **env: str) -> Object:
    app = {"name": name, "image": f"{name}:1", "env": [{"name": key, "value": value} for key, value in env.items()]}
    spec = {"replicas": 1, "template": {"spec": {"containers": [app]}}}
    meta = {"name": name, "namespace": "shop", "labels": {"app": name}}
    return {"kind": "Deployment", "metadata": meta, "spec": spec, "status": {"readyReplicas": ready}}


def _change(kind: str, minutes_ago: float, summary: str = "web 2") -> Object:
    return {"ts": _stamp(minutes_ago), "kind": kind, "target": "web", "summary": summary}


def _event(kind: str, name: str, reason: str, message: str, minutes_ago: float) -> Object:
    about = {"kind": kind, "name": name, "namespace": "shop"}
    what = {"kind": "Event", "type": "Warning", "reason": reason, "message": message}
    return {**what, "involvedObject": about, "lastTimestamp": _stamp(minutes_ago)}


def _answer(
    *objects: Object, rows: list[Object] | None = None, more: list[Evidence] | None = None
) -> tuple[Draft, Proposal | Refusal]:
    about = _case()
    found = [*asyncio.run(AlertSource().answer(about, Ask(source="alert", what="alerts")))]
    found += [
        *evidence_of(about, list(objects), "test"),
        *changes.evidence_of(about, rows or [], "test"),
        *(more or []),
    ]
    found = [one.model_copy(update={"label": f"E{n}"}) for n, one in enumerate(found, start=1)]
    draft = analyse(about, found)
    return draft, remedy(about, draft, found)


def _events(*lines: str) -> Evidence:
    stamped = [f"{_stamp(10 - n / 10)[:19]}Z {line}" for n, line in enumerate(lines)]
    return Evidence(
        label="E1", source="docker", kind="event", title="Engine events", query="x", content="\n".join(stamped)
    )


@pytest.mark.parametrize(
    ("lines", "category"),
    [
        (["die exitCode=1", "start", "die exitCode=1", "start", "die exitCode=1"], "app_crash"),
        (["health_status: healthy", "health_status: unhealthy"], "probe_failure"),
        (["kill signal=15", "die exitCode=143"], None),
        (["die exitCode=0", "start"], None),
        (["health_status: unhealthy", "health_status: healthy"], None),
    ],
)
def test_events_alone_tell_how_a_container_ended(lines: list[str], category: str | None):
    draft = analyse(case(alerts=[alert()]), [_events(*lines)])
    assert (draft.category if draft.verdict == "incident" else None) == category


@pytest.mark.parametrize(
    ("error", "category"),
    [
        (
            "driver failed programming external connectivity: Bind for 0.0.0.0:80: port is already allocated",
            "config_error",
        ),
        ('exec: "serve": executable file not found in $PATH', "config_error"),
        ("error creating overlay mount: no space left on device", "disk_pressure"),
        ("OCI runtime create failed: exec: permission denied", "config_error"),
    ],
)
def test_an_engine_says_why_it_could_not_start_a_container(error: str, category: str):
    draft = analyse(case(), [container(ExitCode=128, Error=error)])
    assert (draft.verdict, draft.category) == ("incident", category)
    assert error[-20:] in draft.root_cause


def test_what_its_settings_name_and_is_down_is_its_trouble():
    broken = _looping("redis-cart-7d9f8b6c5-x2x4z", "redis-cart", "OOMKilled", 137)
    well = _ready("web-7d9f8b6c5-x2x4z", "web")
    draft, _ = _answer(_deployment("web", 1, CART="redis-cart:6379"), well, broken)
    assert (draft.verdict, draft.category) == ("incident", "dependency_failure")
    assert "OOMKilled" in draft.root_cause
    draft, _ = _answer(_deployment("web", 1, CART="other:6379"), well, broken)
    assert draft.category == "healthy"


def test_a_resolver_that_is_down_proves_that_names_cannot_be_found():
    down = _looping("coredns-7d9f8b6c5-x2x4z", "coredns", "Error", 1)
    down["metadata"]["namespace"] = "kube-system"
    words = logs("ERROR getaddrinfo EAI_AGAIN db.shop.svc", source="loki")
    draft, _ = _answer(_deployment("web", 1), _ready("web-7d9f8b6c5-x2x4z", "web"), down, more=[words])
    assert (draft.category, draft.confidence) == ("dns_failure", "confirmed")


CRASH = _looping("web-7d9f8b6c5-x2x4z", "web", "Error", 1, born=14)


def test_a_deploy_just_before_is_rolled_back_and_says_what_came_of_it():
    draft, found = _answer(_deployment("web", 0), CRASH, rows=[_change("deploy", 15)])
    assert draft.category in ("bad_deploy", "app_crash")
    assert "exit code 1" in draft.root_cause
    assert isinstance(found, Proposal)
    assert found.kind == "kubernetes.rollback_deployment"


@pytest.mark.parametrize(
    ("source", "confidence", "proposed"),
    [("E1", "confirmed", True), ("E1", "likely", False), ("E2", "confirmed", False)],
)
def test_what_runs_and_fails_since_a_deploy_is_rolled_back_where_that_is_sure_and_measured(
    source: str, confidence: Confidence, proposed: bool
):
    about = _case()
    found = [
        metric("error_rate", *[0.0] * 4, *[0.4] * 40, label="E1", unit="ratio"),
        logs("ERROR cannot read the basket", label="E2", source="loki"),
        *evidence_of(about, [_deployment("web", 1), _ready("web-7d9f8b6c5-x2x4z", "web")], "test"),
        *changes.evidence_of(about, [_change("deploy", 15)], "test"),
    ]
    found = [one.model_copy(update={"label": f"E{n}"}) for n, one in enumerate(found, start=1)]
    told = Hypothesis(
        category="bad_deploy", statement="web broke", confidence=confidence, analyst="rules",
        supporting=[Citation(evidence=source, quote="error")],
    )  # fmt: skip
    draft = Draft(
        verdict="incident", analyst="rules", category="bad_deploy", root_cause="web broke", confidence=confidence,
        summary="web broke", hypotheses=[told], reasoning="",
    )  # fmt: skip
    chosen = remedy(about, draft, found)
    assert (isinstance(chosen, Proposal) and chosen.kind == "kubernetes.rollback_deployment") == proposed


def test_a_rotated_password_is_in_no_revision():
    words = logs('FATAL password authentication failed for user "web"', source="loki")
    for rows in ([_change("config", 15, "password rotated")], [_change("deploy", 15)]):
        draft, found = _answer(_deployment("web", 0), CRASH, rows=rows, more=[words])
        assert draft.category == "permission_denied"
        assert isinstance(found, Refusal)


def test_a_change_that_was_undone_without_help_was_not_the_cause():
    words = logs("ERROR could not work", source="loki")
    draft, _ = _answer(_deployment("web", 0), rows=[_change("deploy", 14)], more=[words])
    assert draft.category == "bad_deploy"
    rows = [_change("deploy", 14), _change("deploy", 4, "web 1, rolled back")]
    draft, _ = _answer(_deployment("web", 0), rows=rows, more=[words])
    assert draft.verdict == "inconclusive"


def test_what_goes_wrong_long_after_a_deploy_is_not_laid_to_it():
    late = logs(f"{BEGAN - timedelta(minutes=1):%Y-%m-%dT%H:%M:%SZ} ERROR could not work", source="loki")
    draft, _ = _answer(_deployment("web", 0), rows=[_change("deploy", 45)], more=[late])
    assert draft.verdict == "inconclusive"


def test_what_is_scaled_to_zero_is_given_its_replicas_back():
    none = _deployment("web", 0)
    none["spec"]["replicas"] = 0
    message = "Scaled down replica set web-7d9f8b6c5 from 3 to 0"
    event = _event("Deployment", "web", "ScalingReplicaSet", message, 11) | {"type": "Normal"}
    draft, found = _answer(none, event)
    assert draft.category == "config_error"
    assert isinstance(found, Proposal)
    assert found.params["replicas"] == 3


def test_a_change_to_another_machine_of_the_family_is_not_ours():
    about = case("web", alerts=[alert()])
    about = about.model_copy(update={"target": about.target.model_copy(update={"server_name": "edge-3.example"})})
    found = changes.evidence_of(case("cart"), [_change("config", 15) | {"target": "h-1:/srv/cart.conf"}], "test")
    assert found[0].data["signs"]
    for summary, ours in (("edge-2 only: web 2", False), ("edge-3: web 2", True), ("web 2", True)):
        found = changes.evidence_of(about, [_change("deploy", 15, summary)], "test")
        assert bool(found[0].data["signs"]) == ours


def test_fresh_pods_help_a_process_that_is_stuck_and_not_a_probe_that_never_passed():
    def unready(minutes_ago: float) -> Object:
        pod = _pod("web-7d9f8b6c5-x2x4z", "web", phase="Running", conditions=[_not_ready(minutes_ago)])
        running = {"running": {"startedAt": _stamp(60)}}
        pod["status"]["containerStatuses"] = [{"name": "web", "ready": False, "restartCount": 0, "state": running}]
        pod["spec"]["containers"][0]["readinessProbe"] = {"httpGet": {"path": "/ready", "port": 80}}
        return pod

    for since, kind in ((12, "kubernetes.rollout_restart"), (60, None)):
        draft, found = _answer(_deployment("web", 0), unready(since))
        assert draft.category == "probe_failure"
        assert (found.kind if isinstance(found, Proposal) else None) == kind


def _not_ready(minutes_ago: float) -> Object:
    return {"type": "Ready", "status": "False", "lastTransitionTime": _stamp(minutes_ago)}


def test_what_restarts_by_itself_again_and_again_is_not_restarted_once_more():
    state = container(Running=True, restarts=9, policy="always", Status="restarting", ExitCode=1)
    found = [state, logs("panic: runtime error: index out of range")]
    draft = analyse(case(), found)
    assert draft.category == "app_crash"
    assert isinstance(remedy(case(), draft, found), Refusal)


def test_objects_are_found_in_whatever_they_are_wrapped():
    broken = _looping("web-7d9f8b6c5-x2x4z", "web", "OOMKilled", 137)
    for wrapped in (broken, [broken], {"items": [broken]}, {"pods": {"items": [broken]}, "nodes": []}):
        assert evidence_of(_case(), [wrapped], "test")[0].data["signs"]


@pytest.mark.parametrize(("after", "category"), [(40.0, "oom"), (95.0, "memory_pressure")])
def test_memory_that_rose_to_its_limit_and_fell_with_a_restart_was_a_kill(after: float, category: str):
    memory = metric("memory", 50, 60, 70, 80, 90, 99, after, after, after, label="E1", limit=100)
    restarts = metric("restarts", 0, 0, 0, 0, 0, 0, 1, 1, 1, label="E2")
    draft = analyse(case(alerts=[alert()]), [memory, restarts])
    assert (draft.verdict, draft.category) == ("incident", category)


def test_what_a_crash_says_without_calling_it_fatal_is_told():
    end = f"{NOW - timedelta(minutes=2, seconds=5):%Y-%m-%dT%H:%M:%SZ} schema version 41 does not match, cannot go on"
    draft, _ = _answer(_deployment("web", 0), CRASH, more=[logs(end, source="loki")])
    assert draft.category == "app_crash"
    assert "schema version 41" in draft.root_cause


def test_a_failed_run_before_one_that_is_complete_is_over():
    def job(name: str, kind: str, minutes_ago: float) -> Object:
        status = {"startTime": _stamp(minutes_ago), "conditions": [{"type": kind, "status": "True", "reason": "x"}]}
        return {"kind": "Job", "metadata": {"name": name, "namespace": "shop"}, "status": status}

    why = f"{NOW - timedelta(minutes=80):%Y-%m-%dT%H:%M:%SZ} ERROR HTTPError: 502 Server Error for url: https://rates"
    runs = (job("web-28912340", "Failed", 80), job("web-28912400", "Complete", 20))
    draft, _ = _answer(*runs, more=[logs(why, source="loki")])
    assert draft.verdict == "not_an_incident"
    assert "the later run web-28912400 succeeded" in draft.root_cause
    assert "502 Server Error" in draft.root_cause
    draft, _ = _answer(job("web-28912340", "Complete", 80), job("web-28912400", "Failed", 20))
    assert (draft.verdict, draft.category) == ("incident", "app_crash")


@pytest.mark.parametrize(("labels", "minutes"), [({"job_name": "web-1"}, 45), ({"pod": "web-1"}, 15)])
def test_who_tells_of_a_failed_run_has_waited_before(labels: dict[str, str], minutes: int):
    told = alert(name="KubeJobFailed", labels=labels, annotations={"summary": "Job failed to complete."})
    assert window(case(alerts=[told]))[0] == BEGAN - timedelta(minutes=minutes)


def test_work_with_an_end_that_ended_well_is_no_outage():
    for name, code, verdict in (("shop-migrate-1", 0, "not_an_incident"), ("shop-migrate-1", 1, "incident")):
        found = [container(name=name, ExitCode=code)]
        assert analyse(case(name, alerts=[alert()]), found).verdict == verdict
    assert analyse(case(alerts=[alert()]), [container(ExitCode=0)]).verdict == "incident"


def test_who_is_at_zero_because_a_copy_serves_is_well():
    none, copy = _deployment("web", 0), _deployment("web-primary", 1)
    none["spec"]["replicas"] = 0
    draft, _ = _answer(none, copy)
    assert draft.verdict != "incident"
    copy["status"]["readyReplicas"] = 0
    draft, _ = _answer(none, copy)
    assert draft.verdict == "incident"


def test_an_address_in_a_complaint_is_known_by_its_name_and_its_wrong_port():
    pod = _ready("catalog-7d9f8b6c5-x2x4z", "catalog")
    pod["spec"]["containers"][0]["ports"] = [{"containerPort": 8080}]
    spec = {"clusterIP": "10.96.0.7", "selector": {"app": "catalog"}, "ports": [{"port": 80, "targetPort": 8082}]}
    service = {"kind": "Service", "metadata": {"name": "catalog", "namespace": "shop"}, "spec": spec}
    words = logs("ERROR connect ECONNREFUSED 10.96.0.7:80", source="loki")
    draft, _ = _answer(_ready("web-7d9f8b6c5-x2x4z", "web"), pod, service, more=[words])
    assert draft.category == "dependency_failure"
    assert "catalog:80" in draft.root_cause
    assert "8082" in draft.root_cause


def test_a_single_warning_beside_an_alert_is_no_trouble_and_errors_are():
    for words, verdict in (("WARN dial tcp db:5432: i/o timeout", "inconclusive"), ("ERROR i/o timeout", "incident")):
        draft, _ = _answer(more=[logs(words, source="loki")])
        assert draft.verdict == verdict


def test_code_ahead_of_its_schema_came_with_the_release():
    words = logs('ERROR column "nick" of relation "person" does not exist', source="loki")
    draft, _ = _answer(_deployment("web", 0), rows=[_change("deploy", 12)], more=[words])
    assert draft.category == "bad_deploy"
    draft, _ = _answer(_deployment("web", 0), more=[words])
    assert draft.category == "config_error"


@pytest.mark.parametrize(("minutes_ago", "category"), [(37, None), (11, "disk_pressure")])
def test_what_a_pod_that_is_gone_went_through_long_ago_is_over(minutes_ago: float, category: str | None):
    message = "The node was low on resource: ephemeral-storage."
    event = _event("Pod", "web-5c4f8b6c5-q9w8x", "Evicted", message, minutes_ago)
    draft, _ = _answer(_looping("web-7d9f8b6c5-x2x4z", "web", "Error", 0), event)
    assert (draft.category == "disk_pressure") == (category == "disk_pressure")
