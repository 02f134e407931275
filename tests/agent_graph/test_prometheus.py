"""Prometheus at the wire: the alert's own rule, the golden signals, floods; trouble is evidence that says so."""

from pathlib import Path
from typing import Any

import httpx
import pytest

from agent_graph.sources.promql import alert_query
from agent_graph.sources.series import Series, change_at
from agent_graph.sources.surroundings import surroundings
from backend.investigation.kinds import CaseFile
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
        async with sources(tmp_path, prometheus_url=prometheus.url) as opened:
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
        async with sources(tmp_path, prometheus_url=prometheus.url) as opened:
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
        async with sources(tmp_path, prometheus_url=prometheus.url) as opened:
            found = await first(opened, "prometheus", case(alerts=[alert(generator_url=url)]))
    (rule,) = [e for e in found if e.data.get("role") == "alert"]
    assert [s["category"] for s in rule.data["signs"]] == ([category] if category else [])


async def test_fifty_thousand_series_are_left_on_the_server(tmp_path: Path):
    url = str(httpx.URL("http://p/graph", params={"g0.expr": "requests > 100"}))
    with fake_prometheus() as prometheus:
        prometheus.series = {"requests": [({"path": f"/{n}", "name": "web"}, points(str(n))) for n in range(50_000)]}
        async with sources(tmp_path, prometheus_url=prometheus.url, source_timeout_seconds=20) as opened:
            found = await first(opened, "prometheus", case(alerts=[alert(generator_url=url)]))
    (rule,) = [e for e in found if e.data.get("role") == "alert"]
    assert (rule.query, rule.error, rule.truncated) == ("topk(50, requests)", None, True)
    assert "More than 200 series match; the highest 50 were asked for." in rule.content
    assert len(rule.data["series"]) == 12
    asked = [r.query["query"] for r in prometheus.requests if r.path.endswith("range")]
    assert "requests" not in asked


async def test_more_than_may_be_read_is_asked_for_again_in_part(tmp_path: Path):
    """Where the server does not count, the cap on the bytes that are read holds."""
    url = str(httpx.URL("http://p/graph", params={"g0.expr": "requests < 5"}))
    with fake_prometheus() as prometheus:
        rows = [({"path": f"/{n}" * 40, "name": "web"}, points(str(n))) for n in range(150)]
        prometheus.series = {"requests": rows}
        settings = {"source_max_bytes": 20_000, "source_timeout_seconds": 20}
        async with sources(tmp_path, prometheus_url=prometheus.url, **settings) as opened:
            found = await first(opened, "prometheus", case(alerts=[alert(generator_url=url)]))
    (rule,) = [e for e in found if e.data.get("role") == "alert"]
    assert rule.query == "bottomk(50, requests)"
    assert rule.error is None


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


async def test_too_many_neighbours_are_counted_and_left_alone(tmp_path: Path):
    with fake_prometheus() as prometheus:
        rows = [({"name": f"n{n}"}, points(str(n))) for n in range(20_001)]
        prometheus.series = {"container_memory_working_set_bytes": rows}
        async with sources(tmp_path, prometheus_url=prometheus.url, source_timeout_seconds=20) as opened:
            found = await first(opened, "prometheus", case())
    assert "has 20,001 series around the target, too many to compare" in [e.error for e in found]
    assert not [r for r in prometheus.requests if r.path.endswith("range") and 'name!="web"' in r.query["query"]]


def needs(*names: str) -> CaseFile:
    """What is asked around it is only what it needs."""
    return case("web", source_type="monitor", runtime=None).model_copy(update={"needs": list(names)})


async def test_all_of_what_the_target_needs_is_compared_or_none_and_said(tmp_path: Path):
    """The culprit comes last."""
    minutes = [(BEGAN.timestamp() + 60 * n, "1" if n < -8 else "0") for n in range(-35, 11)]
    told = needs("db")
    for crowd, counts in ((600, None), (2_000, None), (2_000, 7)):
        with fake_prometheus() as prometheus:
            rows = [({"name": f"db-{n}"}, points("1", "1")) for n in range(crowd)]
            prometheus.series = {"container_memory_working_set_bytes": rows, "up": [({"job": "db"}, minutes)]}
            prometheus.counts = lambda there, counts=counts: counts or there
            async with sources(tmp_path, prometheus_url=prometheus.url, source_timeout_seconds=20) as opened:
                found = [
                    one for one in await first(opened, "prometheus", told) if "series that belong" not in one.summary
                ]
            asked = [r for r in prometheus.requests if r.path.endswith("range")]
        if crowd == 600:
            assert [one.summary for one in found] == ["db is in trouble of its own (up since 02:52:00)."]
            assert (found[0].truncated, "most were compared" in found[0].content) == (False, False)
        elif counts is None:
            assert [one.error for one in found] == ["has 2,001 series of what the target needs, too many to compare"]
            assert asked == []
        else:
            assert [one.error for one in found] == ["has more series around the target than can be read"]


@pytest.mark.parametrize("need", ["/", "shop/", "a/b/"])
def test_a_need_without_a_name_asks_for_nothing(need: str):
    """Such matchers would fit every series that has not the label."""
    assert surroundings(needs(need)) == []
    assert [around.expr() for around in surroundings(needs(need, "shop/db"))] == [
        around.expr() for around in surroundings(needs("shop/db"))
    ]


async def test_no_series_is_an_answer(tmp_path: Path):
    with fake_prometheus() as prometheus:
        async with sources(tmp_path, prometheus_url=prometheus.url) as opened:
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
