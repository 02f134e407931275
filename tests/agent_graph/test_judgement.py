"""What an experienced engineer would not fall for: others' standing complaints, symptoms, coincidences, old stories."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest

from agent_graph.analysts.rules.analyst import analyse
from agent_graph.logs.digest import digest
from agent_graph.sources.changes import evidence_of as changes
from agent_graph.sources.elsewhere import evidence_of as around
from agent_graph.sources.kubernetes.state import evidence_of as kubernetes
from agent_graph.sources.measures import measures_of, sort
from agent_graph.sources.metric_evidence import evidence_of as metrics
from agent_graph.sources.postgres.state import evidence_of as postgres
from agent_graph.sources.series import Series
from backend.investigation.kinds import CheckFact, Evidence, Target
from tests.agent_graph.cases import BEGAN, NOW, alert, case, container, down, history, monitor

REFUSED = "ERROR payments: connect to ledger:8080: connection refused"


def log(*said: tuple[float, str], label: str = "E1", speaker: str = "", own: bool = True) -> Evidence:
    """Lines in the window that sources ask for, by minutes from the start of the trouble."""
    stamped = [(BEGAN + timedelta(minutes=at), text) for at, text in sorted(said)]
    found = digest("\n".join(f"{at:%Y-%m-%dT%H:%M:%SZ} {text}" for at, text in stamped))
    return Evidence(
        label=label,
        source="loki",
        kind="log",
        title=f"Logs of {speaker or 'web'}",
        query="q",
        window_start=BEGAN - timedelta(minutes=15),
        window_end=NOW,
        content=found.content,
        data={**found.data, "own": own, **({"speaker": speaker} if speaker else {})},
    )


def alarmed(*evidence: Evidence):
    fires = Evidence(label="E9", source="alert", kind="event", title="a", query="q", content="x", data={"firing": 1})
    return analyse(case(alerts=[alert()]), [*evidence, fires])


SERVING = [(minute, "INFO GET /items 200") for minute in range(-15, 10)]


@pytest.mark.parametrize("level", ["WARN", "ERROR", "FATAL"])
@pytest.mark.parametrize("pause", [4, 9])
def test_what_another_complains_of_at_its_own_slow_pace_is_no_cause(level: str, pause: int):
    standing = [(at, f"{level} spans dropped: UnknownHostException: zipkin") for at in range(-13, 10, pause)]
    others = log(*standing, label="E2", speaker="orders")
    assert alarmed(others).category == "unknown"
    assert alarmed(log(*SERVING, *[(n, REFUSED) for n in range(8)]), others).category == "dependency_failure"


def test_what_another_began_to_say_with_the_trouble_is_heard():
    since = [(at, "ERROR frobnicate: UnknownHostException: ledger") for at in range(-2, 10, 2)]
    assert alarmed(log(*since, label="E2", speaker="orders"), log(*SERVING)).category == "dns_failure"


def test_the_targets_standing_warning_does_not_outrank_its_new_errors():
    standing = [(at, "WARN spans dropped: UnknownHostException: zipkin") for at in (-13, -4, 5)]
    assert alarmed(log(*SERVING, *standing, *[(n, REFUSED) for n in range(8)])).category == "dependency_failure"


@pytest.mark.parametrize(
    ("deployed", "words", "category"),
    [
        (-3, "ERROR TypeError: price is undefined", "bad_deploy"),
        (-3, REFUSED, "bad_deploy"),
        (-12, REFUSED, "dependency_failure"),
        (-25, "ERROR FATAL: remaining connection slots are reserved", "connection_exhaustion"),
        (3, REFUSED, "dependency_failure"),
    ],
    ids=["it broke at once", "with what it needs", "minutes later", "something else filled up", "deployed afterwards"],
)
def test_a_deploy_is_the_cause_only_of_what_follows_directly(deployed: float, words: str, category: str):
    told = case(alerts=[alert()])
    at = BEGAN + timedelta(minutes=deployed)
    rows = [{"ts": f"{at:%Y-%m-%dT%H:%M:%SZ}", "kind": "deploy", "target": "web", "summary": "web 2.1 (banner text)"}]
    (change,) = changes(told, rows, "changes")
    since = log(*SERVING, *[(n, words) for n in range(9)])
    seen = history(monitor(down("HTTP 500")), "E3")
    assert alarmed(since, change.model_copy(update={"label": "E2"}), seen).category == category


def policy(kind: str, spec: dict[str, Any], minutes: float, namespace: str = "shop") -> dict[str, Any]:
    at = f"{BEGAN + timedelta(minutes=minutes):%Y-%m-%dT%H:%M:%SZ}"
    writes = [{"time": at, "fieldsV1": {"f:spec": {"f:rules": {}}}}]
    meta = {"name": "harden", "namespace": namespace, "creationTimestamp": "2025-01-01T00:00:00Z"}
    return {"kind": kind, "metadata": {**meta, "managedFields": writes}, "spec": spec}


NO_EGRESS: dict[str, Any] = {"podSelector": {}, "policyTypes": ["Egress"]}
POLICIES: dict[str, tuple[dict[str, Any], str]] = {
    "nothing goes out": (policy("NetworkPolicy", NO_EGRESS, -1), "network_error"),
    "a mesh wants mutual TLS": (policy("PeerAuthentication", {"mtls": {"mode": "STRICT"}}, -1), "network_error"),
    "a plug-in denies": (
        policy("CiliumNetworkPolicy", {"endpointSelector": {}, "egressDeny": [{"toPorts": [{}]}]}, -1),
        "network_error",
    ),
    "it was so for hours": (policy("NetworkPolicy", NO_EGRESS, -300), "dependency_failure"),
    "of another namespace": (policy("NetworkPolicy", NO_EGRESS, -1, "mail"), "dependency_failure"),
}


@pytest.mark.parametrize("name", POLICIES)
def test_what_closed_the_way_just_before_explains_that_nobody_gets_through(name: str):
    found, category = POLICIES[name]
    pod = {"kind": "Pod", "metadata": {"name": "web-0", "namespace": "shop"}, "status": {"phase": "Running"}}
    told = case(alerts=[alert()], labels={"app": "web"})
    states = kubernetes(told, [pod, found], "kubectl")
    cut = log(*SERVING, *[(n, "ERROR dial tcp 10.0.0.9:6379: i/o timeout, redis unavailable") for n in range(9)])
    assert alarmed(cut, *[s.model_copy(update={"label": "E2"}) for s in states]).category == category


def test_a_registered_change_of_the_way_explains_it_too():
    rows = [{"ts": f"{BEGAN - timedelta(minutes=2):%Y-%m-%dT%H:%M:%SZ}", "kind": "config", "target": "sg-0af3"}]
    (change,) = changes(case(), [{**rows[0], "summary": "security group: port 6379 closed"}], "changes")
    cut = log(*SERVING, *[(n, "ERROR dial tcp 10.0.0.9:6379: i/o timeout, redis unavailable") for n in range(9)])
    seen = history(monitor(down("HTTP 500")), "E3")
    draft = alarmed(cut, change.model_copy(update={"label": "E2"}), seen)
    assert draft.category == "network_error"
    assert "sg-0af3" in draft.root_cause


def series(name: str, values: list[float], **labels: str) -> Series:
    """A value per minute, the last one now."""
    start = NOW.timestamp() - 60 * (len(values) - 1)
    return Series({"__name__": name, **labels}, [(start + 60 * n, value) for n, value in enumerate(values)])


def measured(*found: Series, name: str = "web") -> list[Evidence]:
    told = case(name, alerts=[alert()])
    pieces = metrics(told, measures_of(told, list(found)), BEGAN, NOW)
    return [piece.model_copy(update={"label": f"M{n}"}) for n, piece in enumerate(pieces)]


AGE = series("pg_replication_lag", [3000.0 + 60 * n for n in range(60)], instance="db-b:9187")
STREAMS = {"state": "streaming", "sent_lsn": "11/C60000D8", "replay_lsn": "11/C60000D8"}
REPLICAS: dict[str, tuple[list[dict[str, Any]], str]] = {
    "it has all there is": ([{**STREAMS, "application_name": "db-b"}], "not_an_incident"),
    "the only replica, without a name": ([{**STREAMS, "application_name": "walreceiver"}], "not_an_incident"),
    "another one has": ([{**STREAMS, "application_name": "db-c"}], "incident"),
    "much is outstanding": ([{**STREAMS, "application_name": "db-b", "replay_lsn": "11/00000000"}], "incident"),
    "nobody knows": ([], "incident"),
}


@pytest.mark.parametrize("name", REPLICAS)
def test_what_is_outstanding_decides_over_the_age_of_the_last_change(name: str):
    rows, verdict = REPLICAS[name]
    state = [e.model_copy(update={"label": "E1"}) for e in postgres(case(), {"pg_stat_replication": rows}, "q")]
    up = series("pg_up", [1.0] * 60, instance="db-b:9187")
    assert alarmed(*state, *measured(AGE, up)).verdict == verdict


def test_more_cpu_is_a_symptom_of_the_statement_that_uses_it():
    cpu = series("node_cpu_utilisation", [0.2] * 50 + [0.8] * 10, instance="web:9100")
    slow = series("http_latency_seconds", [0.1] * 50 + [4.0] * 10, service="web")
    rows = [{"query": "SELECT * FROM scan", "calls": 900, "mean_exec_time": 4300.0, "total_exec_time": 3870000.0}]
    state = [e.model_copy(update={"label": "E1"}) for e in postgres(case(), {"pg_stat_statements": rows}, "q")]
    assert alarmed(*measured(cpu, slow)).category == "cpu_throttling"
    assert alarmed(*state, *measured(cpu, slow)).category == "slow_query"


def job(name: str, kind: str, days_ago: float, owner: str = "") -> dict[str, Any]:
    at = f"{BEGAN - timedelta(days=days_ago):%Y-%m-%dT%H:%M:%SZ}"
    refs = [{"kind": "CronJob", "name": owner}] if owner else []
    meta = {"name": name, "namespace": "shop", "ownerReferences": refs, "labels": {"app": "web"}}
    ended = [{"type": kind, "status": "True", "reason": "x", "lastTransitionTime": at}]
    return {"kind": "Job", "metadata": meta, "status": {"startTime": at, "conditions": ended}}


def left_of(name: str, days_ago: float) -> dict[str, Any]:
    end = f"{BEGAN - timedelta(days=days_ago):%Y-%m-%dT%H:%M:%SZ}"
    said = {"exitCode": 1, "reason": "Error", "finishedAt": end, "message": "ERROR price list of 2 rows is not whole"}
    ended = {"name": "c", "state": {"terminated": said}}
    meta = {"name": f"{name}-htz76", "namespace": "shop", "ownerReferences": [{"kind": "Job", "name": name}]}
    return {"kind": "Pod", "metadata": meta, "status": {"phase": "Failed", "containerStatuses": [ended]}}


CRON = {"kind": "CronJob", "metadata": {"name": "web", "namespace": "shop"}, "status": {}}
SUCCEEDED = {**CRON, "status": {"lastSuccessfulTime": f"{BEGAN - timedelta(hours=1):%Y-%m-%dT%H:%M:%SZ}"}}
RUNS: dict[str, tuple[list[dict[str, Any]], bool]] = {
    "a later run came well": ([CRON, job("web-1", "Failed", 6, "web"), job("web-2", "Complete", 0.01, "web")], True),
    "later runs are cleaned away": ([SUCCEEDED, job("web-1", "Failed", 6, "web")], True),
    "days ago, run by hand": ([job("web-1", "Failed", 6)], True),
    "just now": ([CRON, job("web-1", "Failed", 0.001, "web")], False),
    "no run came well since": ([CRON, job("web-1", "Failed", 6, "web")], False),
}


@pytest.mark.parametrize("name", RUNS)
def test_a_run_that_failed_long_ago_is_an_old_story(name: str):
    objects, old = RUNS[name]
    told = case(alerts=[alert()], labels={"app": "web"})
    found = kubernetes(told, [*objects, left_of("web-1", 6 if old else 0.001)], "kubectl")
    draft = alarmed(*[e.model_copy(update={"label": f"E{n}"}) for n, e in enumerate(found, 1)])
    assert (draft.verdict != "incident") == old


def test_what_the_kernel_drops_is_the_networks_trouble_and_no_servers():
    dropped = [(n, "kernel: nf_conntrack: nf_conntrack: table full, dropping packet") for n in range(9)]
    timed_out = [(n + 0.5, "ERROR db: connection to 10.0.0.9:5432 timed out") for n in range(9)]
    table = series("node_nf_conntrack_entries", [9e4] * 50 + [262144.0] * 10, instance="web:9100")
    limit = series("node_nf_conntrack_entries_limit", [262144.0] * 60, instance="web:9100")
    draft = alarmed(log(*SERVING, *dropped, *timed_out), *measured(table, limit))
    assert draft.category == "network_error"
    assert "conntrack" in draft.root_cause


CHECKED: dict[str, tuple[list[int], int, bool]] = {
    "by chance, just below its limit": ([1700, 2000, 1800, 2000, 1900, 2000, 1600, 1800], 2000, True),
    "far below its limit": ([200, 2000, 180, 2000, 190, 2000, 160, 180], 2000, False),
    "since a while": ([2000, 2000, 2000, 1900, 1800, 1600, 1700, 1800], 2000, False),
}


@pytest.mark.parametrize("name", CHECKED)
def test_a_limit_within_the_usual_time_fails_by_chance(name: str):
    took, limit, chance = CHECKED[name]
    checks = [
        CheckFact(
            status="down" if ms >= limit else "up",
            at=NOW - timedelta(minutes=2 * n),
            response_time_ms=ms,
            error=f"timeout of {limit}ms exceeded" if ms >= limit else None,
        )
        for n, ms in enumerate(took)
    ]
    watched = monitor(*checks)
    usual = series("http_latency_seconds", [1.7] * 60, service="web")
    found = [history(watched, "E1"), *measured(usual), log(*SERVING, label="E2")]
    assert (analyse(case(monitor=watched), found).verdict == "not_an_incident") == chance


@pytest.mark.parametrize(
    "blind", [(), range(42, 55), range(48, 60), range(51, 60)], ids=["seen", "a hole", "nothing", "nothing since"]
)
def test_what_nobody_measured_when_it_began_is_not_called_healthy(blind: Sequence[int]):
    whole = series("http_latency_seconds", [0.2] * 60, service="web")
    slow = Series(whole.labels, [point for n, point in enumerate(whole.points) if n not in blind])
    draft = alarmed(*measured(slow), container(Running=True, health="healthy"), log(*SERVING, label="E2"))
    assert draft.verdict == ("inconclusive" if blind else "not_an_incident")


def test_what_only_begins_a_trace_is_not_quoted_beside_the_error():
    failed = [(n, "ERROR cannot render: KeyError: 'welcome'") for n in range(3)]
    began = [(n + 0.1, "Traceback (most recent call last):") for n in range(3)]
    draft = alarmed(log(*failed, *began), history(monitor(down("HTTP 500")), "E3"))
    quotes = [c.quote for h in draft.hypotheses[:1] for c in h.supporting]
    assert any("KeyError" in quote for quote in quotes)
    assert not any("Traceback" in quote for quote in quotes)


@pytest.mark.parametrize("speaker", ["redis", "shop-redis-1", "redis-0", "postgres"])
def test_what_it_depends_on_is_asked_what_is_wrong_with_it(speaker: str):
    refused = [(n, "ERROR cannot connect to redis:6379: connection refused") for n in range(9)]
    why = [(n + 0.5, f"[{speaker}] ERROR RdbError: short read loading DB, wrong signature") for n in range(9)]
    lines = log(*refused)
    around = log(*why, label="E2", own=False)
    draft = alarmed(lines, around, history(monitor(down("HTTP 500")), "E3"))
    assert draft.category == "dependency_failure"
    assert ("wrong signature" in draft.root_cause) == (speaker != "postgres")


def test_what_every_attempt_meets_is_over_once_attempts_say_nothing():
    def tried(until: int) -> str:
        attempts = [(n / 2, REFUSED) for n in range(-2, until * 2)]
        return alarmed(log(*[(n, "INFO GET /items 200") for n in range(-15, 11)], *attempts)).verdict

    assert tried(until=9) == "incident"
    assert tried(until=2) != "incident"


@pytest.mark.parametrize(("name", "verdict"), [("LatencyHigh", "inconclusive"), ("PodRestarted", "not_an_incident")])
def test_running_says_nothing_of_what_only_a_measurement_can_tell(name: str, verdict: str):
    told = case(alerts=[alert().model_copy(update={"name": name, "annotations": {}})])
    assert analyse(told, [container(Running=True, health="healthy"), log(*SERVING)]).verdict == verdict


@pytest.mark.parametrize("quick", [[], [(n / 2, REFUSED) for n in range(18)]], ids=["alone", "beside new errors"])
def test_the_targets_own_standing_error_is_not_what_began(quick: list[tuple[float, str]]):
    standing = [(at, "ERROR statsd flush failed: Temporary failure in name resolution") for at in range(-14, 10, 6)]
    assert alarmed(log(*SERVING, *standing, *quick)).category == ("dependency_failure" if quick else "unknown")


@pytest.mark.parametrize(("space", "category"), [("shop", "cpu_throttling"), ("batch", "unknown")])
def test_a_busy_neighbour_of_another_namespace_is_nobodys_cause(space: str, category: str):
    told = case(alerts=[alert()]).model_copy(
        update={"target": Target(name="web", source_type="container", namespace="shop")}
    )
    slow = series("http_latency_seconds", [0.1] * 50 + [4.0] * 10, service="web")
    busy = series("container_cpu_usage", [0.1] * 50 + [0.9] * 10, pod="reporting-0", namespace=space)
    sorted_ = sort(told, [slow, busy])
    found = [*metrics(told, sorted_.own, BEGAN, NOW), *around(told, sorted_.others, BEGAN, NOW)]
    draft = analyse(told, [e.model_copy(update={"label": f"M{n}"}) for n, e in enumerate(found)])
    assert draft.category == category


def test_a_failing_check_without_a_log_does_not_say_what_is_wrong():
    sick = container(Running=True, health="unhealthy")
    assert alarmed(sick).verdict == "inconclusive"
    assert alarmed(sick, log(*SERVING)).category == "probe_failure"


FPM = '[21-Nov-2026 03:00:00] WARNING: [pool www] child 20 said into stderr: "NOTICE: PHP message: '
REFUSED_BY_FULL = 'Uncaught Exception DatabaseAccessDeniedException: "SQLSTATE[HY000] [1040] Too many connections"'


def test_a_server_that_is_full_does_not_deny_whatever_a_library_calls_it():
    draft = alarmed(log(*SERVING, *[(n / 2, f"{FPM}{REFUSED_BY_FULL}") for n in range(12)]))
    assert draft.category == "connection_exhaustion"
    # What its keeper puts before it is not what it says.
    assert "used up its connections: Uncaught Exception DatabaseAccessDenied" in draft.root_cause


@pytest.mark.parametrize(("heard", "told"), [(-8, True), (0.05, True), (8, False)])
def test_whoever_begins_as_something_is_used_up_is_named(heard: float, told: bool):
    limited = [(n / 2, "ERROR provider answered 429 Too Many Requests") for n in range(16)]
    others = [(at, "INFO orders served") for at in range(-15, 10)]
    job = [(heard + n, f"INFO progress {n}") for n in range(3)]
    around = [
        log(*others, label="E2", speaker="orders", own=False),
        log(*job, label="E3", speaker="reprice", own=False),
    ]
    assert ("reprice was first heard" in alarmed(log(*SERVING, *limited), *around).root_cause) is told
