"""Quiet, planned work and odd measurements: what makes good news believable, and what does not."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest

from agent_graph.analysts.rules.analyst import analyse
from agent_graph.sources.changes import evidence_of as changes_of
from agent_graph.sources.kubernetes.state import evidence_of as cluster_of
from agent_graph.sources.measures import measures_of
from agent_graph.sources.metric_evidence import evidence_of as metrics_of
from agent_graph.sources.series import Series
from backend.investigation.kinds import Evidence
from tests.agent_graph.cases import BEGAN, NOW, alert, case, container, logs

START = NOW - timedelta(hours=1)


def _series(values: Sequence[float], **labels: str) -> Series:
    return Series(labels, [(START.timestamp() + 60 * minute, value) for minute, value in enumerate(values)])


def _signs(*series: Series) -> set[tuple[str, str]]:
    found = metrics_of(case(), measures_of(case(), series), START, NOW)
    return {(s["category"], s["quote"].split("{")[0]) for one in found for s in one.data["signs"]}


def _good(*series: Series) -> set[str]:
    return {name for category, name in _signs(*series) if category == "healthy"}


def _at(minutes: float, text: str) -> str:
    return f"{NOW - timedelta(minutes=minutes):%Y-%m-%dT%H:%M:%SZ} {text}"


def _work(kind: str, target: str, summary: str) -> Evidence:
    row = {"ts": (BEGAN - timedelta(minutes=5)).isoformat(), "kind": kind, "target": target, "summary": summary}
    told = case(alerts=[alert(labels={"cluster": "store-prod"})])
    return changes_of(told, [row], "changes")[0].model_copy(update={"label": "E3"})


def _verdict(*evidence: Evidence) -> str:
    return analyse(case(alerts=[alert()]), evidence).verdict


@pytest.mark.parametrize(("every", "recovered"), [(1.0, True), (4.5, False)])
def test_a_quiet_is_recovery_only_when_it_outlasts_the_pauses_between_complaints(every: float, recovered: bool):
    failed = [_at(4 + every * n, "ERROR upload of segment failed") for n in reversed(range(3))]
    calm = [_at(minutes, "INFO accepted connection") for minutes in (3, 2, 1, 0.2)]
    found = analyse(case(), [container(Running=True, health="healthy"), logs(*failed, *calm)])
    assert (found.verdict == "not_an_incident") is recovered


def test_errors_that_were_counted_once_did_change_and_few_of_many_are_none():
    assert _good(_series([0] * 45 + [4] * 15, __name__="offload_errors")) == set()
    assert _good(_series([4] * 60, __name__="offload_errors")) == {"offload_errors"}
    served = _series([5000 * n for n in range(60)], __name__="app_requests_total", code="200")
    failed = _series([14] * 60, __name__="app_requests_total", code="503")
    assert "app_requests_total" in _good(served, failed)


def test_a_queue_that_is_full_for_one_and_empty_for_another_is_no_good_news():
    empty = _series([2, 0, 1] * 20, __name__="consumer_num_pending", server_name="a")
    full = _series([181000] * 60, __name__="consumer_num_pending", server_name="b")
    assert _good(empty) == {"consumer_num_pending"}
    assert _good(empty, full) == set()


def test_a_certificate_that_lasts_longer_than_before_was_renewed():
    end = NOW.timestamp()
    before, after = end + 20 * 86400, end + 90 * 86400
    renewed = _series([before] * 30 + [after] * 30, __name__="probe_ssl_earliest_cert_expiry")
    assert ("trouble_over", "probe_ssl_earliest_cert_expiry") in _signs(renewed)
    assert not _signs(_series([before] * 60, __name__="probe_ssl_earliest_cert_expiry"))


@pytest.mark.parametrize(("minutes", "category"), [(60, "image_pull_error"), (50, "trouble_over")])
def test_a_reason_to_wait_that_is_told_no_more_is_over(minutes: int, category: str):
    waits = _series([1] * minutes, __name__="kube_pod_container_status_waiting_reason", reason="ImagePullBackOff")
    found = {found for found, _ in _signs(waits, _series([3] * 60, __name__="kube_deployment_status_replicas"))}
    assert category in found
    assert ("trouble" in found) is (category != "trouble_over")


PLANS: dict[str, tuple[Evidence, tuple[str, ...], str]] = {
    "the log speaks of what was planned": (
        _work("maintenance", "store-prod", "new disks, rebalancing takes two hours"),
        ("WARN 12 groups wait for rebalancing",),
        "not_an_incident",
    ),
    "the log speaks of what was planned, announced as the API has it": (
        _work("infrastructure", "store-prod", "maintenance: new disks, rebalancing takes two hours"),
        ("WARN 12 groups wait for rebalancing",),
        "not_an_incident",
    ),
    "the log speaks of something else": (
        _work("maintenance", "store-prod", "new disks, rebalancing takes two hours"),
        ("WARN slow disk",),
        "inconclusive",
    ),
    "and it complains meanwhile": (
        _work("maintenance", "store-prod", "new disks, rebalancing takes two hours"),
        (*("ERROR lost object in rebalancing",) * 4,),
        "inconclusive",
    ),
    "it was planned for another": (
        _work("maintenance", "store-test", "new disks, rebalancing takes two hours"),
        ("WARN 12 groups wait for rebalancing",),
        "inconclusive",
    ),
}


@pytest.mark.parametrize("name", PLANS)
def test_work_that_was_planned_is_believed_when_its_own_words_agree(name: str):
    plan, lines, verdict = PLANS[name]
    steady = _steady("latency: steady")
    assert _verdict(steady, logs(*lines), plan) == verdict


def _steady(*quotes: str) -> Evidence:
    """Series that are as they should be."""
    good = [{**_sign("healthy", quote), "subject": quote} for quote in quotes]
    return Evidence(
        label="E1",
        source="prometheus",
        kind="metric",
        title="m",
        query="m",
        summary="s",
        content="x",
        data={"signs": good},
    )


def _sign(category: str, quote: str) -> dict[str, Any]:
    return {"category": category, "weight": "strong", "quote": quote, "subject": "x", "at": None, "means": quote}


@pytest.mark.parametrize(("why", "planned"), [("All metrics below target", True), ("cpu above target", False)])
def test_an_autoscaler_makes_it_smaller_on_purpose(why: str, planned: bool):
    at = BEGAN.isoformat()
    event = {
        "kind": "Event",
        "type": "Normal",
        "reason": "SuccessfulRescale",
        "message": f"New size: 3; reason: {why}",
        "involvedObject": {"kind": "HorizontalPodAutoscaler", "name": "keda-hpa-web", "namespace": "default"},
        "lastTimestamp": at,
    }
    pod = {"kind": "Deployment", "metadata": {"name": "web"}, "spec": {"replicas": 3}, "status": {"readyReplicas": 3}}
    found = cluster_of(case(runtime="kubernetes"), [event, pod], "test")
    assert any(s["category"] == "planned" for one in found for s in one.data["signs"]) is planned


COMPLAINTS = {
    "421-4.7.28 has detected an unusual rate of email originating from your domain": "rate_limited",
    "ERROR Scanned over 100001 tombstones during query 'SELECT 1'; query aborted": "slow_query",
    "ERROR backup 403: bot@x.iam does not have storage.objects.create access to the bucket": "permission_denied",
    "ERROR producer is throttled, quota of 1 MB/s": "rate_limited",
}


@pytest.mark.parametrize("line", COMPLAINTS)
def test_complaints_are_heard_by_what_they_mean(line: str):
    found = analyse(case(), [container(Running=True, health="unhealthy"), logs(*[line] * 3)])
    assert (found.verdict, found.category) == ("incident", COMPLAINTS[line])


def test_what_runs_and_serves_nobody_is_named_with_its_state():
    lines = ("ERROR HTTPServerError: https://vault:8200 responded with a 503.", "  * Vault is sealed")
    found = analyse(case(), [container(Running=True, health="unhealthy"), logs(*lines)])
    assert found.category == "dependency_failure"
    assert "Vault is sealed" in found.root_cause


@pytest.mark.parametrize("notice", [None, "Elevated error rates at acmepay (resolved)"])
def test_what_is_over_is_told_with_what_it_was_and_when(notice: str | None):
    served = [_at(60 - n, "INFO order placed") for n in range(60)]
    failed = [_at(14 - n / 4, "ERROR order failed: AcmepayError: upstream said 503") for n in range(16)]
    rows = [{"ts": (NOW - timedelta(minutes=9)).isoformat(), "kind": "status_page", "target": "", "summary": notice}]
    told = [changes_of(case(), rows, "changes")[0].model_copy(update={"label": "E4"})] if notice else []
    over = case(firing=False, started_at=NOW - timedelta(minutes=13))
    found = analyse(over, [container(Running=True, health="healthy"), logs(*sorted([*served, *failed])), *told])
    assert found.verdict == "not_an_incident"
    assert "While it lasted (02:56 to 02:59): ERROR order failed: AcmepayError" in found.root_cause
    assert notice is None or notice in found.root_cause


@pytest.mark.parametrize(("heard", "verdict"), [(60, "not_an_incident"), (22, "inconclusive")])
def test_a_complaint_is_as_ever_only_when_the_log_begins_with_it(heard: int, verdict: str):
    """The alert waited for 15 minutes: what first came up shortly before that is new, however old it looks by now."""
    lines = [_at(60 - n, f"INFO served {n}") for n in range(0, 60, 2)]
    lines += [_at(heard - n, "ERROR poll of partner ended early") for n in range(heard)]
    log = logs(*sorted(lines)).model_copy(update={"window_start": NOW - timedelta(minutes=60)})
    steady = _steady("series 0: steady", "series 1: steady")
    waited = alert(annotations={"summary": "no export for 15 minutes"})
    assert analyse(case(alerts=[waited]), [steady, log]).verdict == verdict


@pytest.mark.parametrize(("often", "well"), [(4, True), (24, False)])
def test_warnings_that_a_cause_rests_on_speak_against_good_news_when_they_are_many(often: int, well: bool):
    lines = [_at(9 - n / 3, "WARN mail refused: 454 daily message quota exceeded") for n in range(often)]
    steady = _steady("series 0: steady", "series 1: steady")
    fires = Evidence(label="E9", source="alert", kind="event", title="a", query="q", content="x", data={"firing": 1})
    found = analyse(case(alerts=[alert()]), [steady, logs(*lines), fires])
    assert (found.verdict == "not_an_incident") is well


# What the alert says of how many are done; how many are a minute, from when on; whether all is well.
FEW = "orders per minute are 60 % below last week"
DONE: dict[str, tuple[str, dict[int, float], bool]] = {
    "too few, and fewer than before": (FEW, {0: 300, 50: 100}, False),
    "too few, and as many as before": (FEW, {0: 300}, True),
    "too few, and back since": (FEW, {0: 300, 50: 100, 57: 290}, True),
    "too few, and back for a minute": (FEW, {0: 300, 50: 100, 59: 290}, False),
    "fewer, and the alert is not about it": ("web is down", {0: 300, 50: 100}, True),
}


@pytest.mark.parametrize("name", DONE)
def test_what_is_well_besides_is_no_answer_to_whoever_misses_something(name: str):
    summary, done, well = DONE[name]
    fired = case(alerts=[alert(annotations={"summary": summary})])
    count = [done[max(since for since in done if since <= minute)] for minute in range(60)]
    measured = [_series(count, __name__="orders_completed"), _series([0.2] * 60, __name__="latency_seconds:p95")]
    found = metrics_of(fired, measures_of(fired, measured), START, NOW)
    labelled = [one.model_copy(update={"label": f"E{n + 2}"}) for n, one in enumerate(found)]
    assert (analyse(fired, [container(Running=True, health="healthy"), *labelled]).verdict == "not_an_incident") is well
