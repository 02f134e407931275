"""Prometheus at the wire: the alert's own rule, the golden signals, floods; trouble is evidence that says so."""

from pathlib import Path
from typing import Any

import httpx
import pytest

from agent_graph.sources.promql import alert_query
from agent_graph.sources.series import Series, change_at
from tests.agent_graph.asking import first, sources
from tests.agent_graph.cases import BEGAN, alert, case
from tests.fakes.prometheus import fake_prometheus


def points(*values: str) -> list[tuple[float, str]]:
    return [(BEGAN.timestamp() + 15 * n, value) for n, value in enumerate(values)]


async def test_prometheus_gives_the_alerts_expression_and_the_golden_signals(tmp_path: Path):
    url = "http://prom:9090/graph?g0.expr=queue_length%7Bjob%3D%22web%22%7D+%3E+100&g0.tab=1"
    with fake_prometheus() as prometheus:
        prometheus.series = {
            "queue_length": [
                ({"job": "web", "name": "web"}, points(*["10"] * 8, *["500"] * 8)),
                ({"name": "other"}, points("1")),
            ],
            "container_spec_memory_limit_bytes": [({"name": "web"}, points("1000"))],
            "container_memory_working_set_bytes": [({"name": "web"}, points("100", "NaN", "950", "+Inf"))],
            "rate(container_cpu_usage_seconds_total": [({"name": "web"}, points("NaN", "NaN"))],
        }
        async with sources(tmp_path, prometheus_url=prometheus.url, source_timeout_seconds=20) as opened:
            found = {
                e.data["role"]: e for e in await first(opened, "prometheus", case(alerts=[alert(generator_url=url)]))
            }
    assert set(found) == {"alert", "memory"}
    queue, memory = found["alert"], found["memory"]
    assert queue.query == 'queue_length{job="web"}'
    assert (queue.data["limit"], queue.data["condition"]) == (100.0, "> 100")
    assert [s["labels"]["name"] for s in queue.data["series"]] == ["web"]
    assert queue.data["change_at"] == BEGAN.timestamp() + 15 * 8
    assert memory.data["series"][0]["points"] == [[BEGAN.timestamp(), 100.0], [BEGAN.timestamp() + 30, 950.0]]
    assert "95% of it reached" in memory.content


async def test_live_series_say_what_recorded_ones_say(tmp_path: Path):
    kube = {"pod": "shop-7d9f8b6c5-x2x4z", "namespace": "prod", "container": "app"}
    with fake_prometheus() as prometheus:
        prometheus.series = {
            "kube_pod_container_status_restarts_total": [(kube, points("7", "7", "0", "1", "3"))],
            "kube_pod_container_status_waiting_reason": [
                ({**kube, "reason": "CrashLoopBackOff"}, points("0", "0", "1", "1", "1")),
                ({**kube, "reason": "ImagePullBackOff"}, points("0", "0", "0", "0", "0")),
            ],
            "kube_pod_container_status_last_terminated_reason": [
                ({**kube, "reason": "OOMKilled"}, [(BEGAN.timestamp() - 900 + 60 * n, "1") for n in range(20)])
            ],
            "container_memory_working_set_bytes": [(kube, points("NaN", "50", "90", "NaN", "95"))],
            "kube_pod_container_resource_limits": [
                ({**kube, "resource": "memory"}, points("100")),
                ({**kube, "resource": "cpu"}, points("2")),
            ],
            "kube_resourcequota": [],
        }
        told = case("shop", runtime="kubernetes").model_copy(
            update={"target": case("shop", runtime="kubernetes").target.model_copy(update={"namespace": "prod"})}
        )
        async with sources(tmp_path, prometheus_url=prometheus.url, source_timeout_seconds=20) as opened:
            found = await first(opened, "prometheus", told)
    by_role = {(e.data["role"], e.data["series"][0]["labels"].get("reason")): e for e in found if not e.error}
    restarts, memory = by_role["restarts", None], by_role["memory", None]
    # A counter that was reset goes on counting.
    assert [value for _, value in restarts.data["series"][0]["points"]] == [0, 0, 0, 1, 3]
    assert memory.data["limit"] == 100
    assert memory.query.startswith('container_memory_working_set_bytes{pod=~"shop(-[a-z0-9]+){0,2}",namespace="prod"')
    signs = {(s["category"], s["weight"]) for e in found for s in e.data["signs"]}
    assert ("restart_loop", "proof") in signs
    # What ended long before the trouble, and what is not so, are no signs.
    assert not {category for category, _ in signs} & {"oom", "image_pull_error"}
    assert not [e.error for e in found if e.error]


@pytest.mark.parametrize(
    ("values", "category"),
    [
        (["10"] * 8 + ["500"] * 8, "trouble"),
        (["10"] * 8 + ["500"] * 4 + ["10"] * 4, "trouble_over"),
        (["10"] * 9, None),
    ],
)
async def test_the_alerts_own_expression_says_whether_it_is_still_so(
    tmp_path: Path, values: list[str], category: str | None
):
    url = str(httpx.URL("http://p/graph", params={"g0.expr": "queue_length > 100"}))
    with fake_prometheus() as prometheus:
        prometheus.series = {"queue_length": [({"name": "web"}, points(*values))]}
        async with sources(tmp_path, prometheus_url=prometheus.url, source_timeout_seconds=20) as opened:
            found = await first(opened, "prometheus", case(alerts=[alert(generator_url=url)]))
    (rule,) = [e for e in found if e.data.get("role") == "alert"]
    assert [s["category"] for s in rule.data["signs"]] == ([category] if category else [])


@pytest.mark.parametrize(
    ("switches", "error"),
    [
        ({"statuses": [429, 503]}, None),
        ({"statuses": [400] * 40}, "answered 400"),
        ({"statuses": [503] * 40}, "answered 503"),
        ({"garbage": True}, "could not be understood"),
        ({"slow_seconds": 2.0}, "did not answer within 1 s"),
    ],
)
async def test_trouble_with_prometheus_is_evidence(tmp_path: Path, switches: dict[str, Any], error: str | None):
    with fake_prometheus() as prometheus:
        prometheus.series = {"container_memory_working_set_bytes": [({"name": "web"}, points("100"))]}
        for name, value in switches.items():
            setattr(prometheus, name, value)
        seconds = 1.0 if "slow_seconds" in switches else 15.0
        async with sources(tmp_path, prometheus_url=prometheus.url, source_timeout_seconds=seconds) as opened:
            (found,) = await first(opened, "prometheus", case())
    assert (error or "") in (found.error or "")
    assert bool(found.error) == (error is not None)
    assert "container_memory_working_set_bytes" in found.query


async def test_the_targets_own_series_are_told_where_its_neighbours_are_denied(tmp_path: Path):
    with fake_prometheus() as prometheus:
        prometheus.denied = 'name!="web"'
        prometheus.series = {"container_memory_working_set_bytes": [({"name": "web"}, points("100"))]}
        async with sources(tmp_path, prometheus_url=prometheus.url, source_timeout_seconds=15) as opened:
            own, around = await first(opened, "prometheus", case())
    assert (own.error, own.data["role"]) == (None, "memory")
    assert around.error == "answered 403: not yours to see"
    assert 'name!="web"' in around.query


async def test_no_series_is_an_answer(tmp_path: Path):
    with fake_prometheus() as prometheus:
        async with sources(tmp_path, prometheus_url=prometheus.url, source_timeout_seconds=20) as opened:
            (found,) = await first(opened, "prometheus", case())
    assert found.error is None
    assert "no series" in found.summary


@pytest.mark.parametrize(
    ("expr", "expected"),
    [
        ("up == 0", ("up", 0.0)),
        ("rate(x[5m]) / rate(y[5m]) > 0.5", ("rate(x[5m]) / rate(y[5m])", 0.5)),
        ("up == 0 and on(job) y > 3", ("up == 0 and on(job) y > 3", None)),
        ("absent(up)", ("absent(up)", None)),
        ("sum(x > 3", ("sum(x > 3", None)),
        ("foo > 1.2.3", ("foo > 1.2.3", None)),
        ("foo == .", ("foo == .", None)),
        ("foo > 1e999", ("foo > 1e999", None)),
        (f"foo > {'9' * 400}", (f"foo > {'9' * 400}", None)),
        ("foo > -.5e3", ("foo", -500.0)),
    ],
)
def test_the_final_comparison_of_a_rule_becomes_the_limit(expr: str, expected: tuple[str, float | None]):
    query = alert_query(alert(generator_url=str(httpx.URL("http://p/graph", params={"g0.expr": expr}))))
    assert query is not None
    assert (query.expr, query.limit) == expected


def test_an_address_that_is_none_has_no_rule():
    assert alert_query(alert(generator_url="http://[::1/graph?g0.expr=up")) is None


@pytest.mark.parametrize(
    ("values", "place"),
    [
        ([10.0] * 10 + [50.0] * 10, 10),
        ([10.0, 11.0] * 10, None),
        ([5.0] * 20, None),
        ([0.0] * 15 + [1.0] * 5, 15),
        ([1.0, 2.0], None),
        ([1e18] * 10 + [2e18] * 10, 10),
    ],
)
def test_a_change_of_level_is_found_and_noise_is_not(values: list[float], place: int | None):
    assert change_at(Series({}, [(float(n), v) for n, v in enumerate(values)])) == (
        None if place is None else float(place)
    )
