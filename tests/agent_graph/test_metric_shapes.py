"""Metrics are read by their shape: what they mean, whose they are, whether they are bad, were, or never have been."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from agent_graph.sources import elsewhere
from agent_graph.sources.histograms import latencies
from agent_graph.sources.measures import measures_of, sort
from agent_graph.sources.metric_evidence import evidence_of
from agent_graph.sources.series import Series
from tests.agent_graph.cases import BEGAN, NOW, alert, case

MINUTES = range(-40, 10)


def series(name: str, value: Callable[[int], float], **labels: str) -> Series:
    points = [((BEGAN + timedelta(minutes=n)).timestamp(), float(value(n))) for n in MINUTES]
    return Series({"__name__": name, **labels}, points)


def always(value: float) -> Callable[[int], float]:
    return lambda _: value


def since(before: float, after: float) -> Callable[[int], float]:
    return lambda n: after if n >= -1 else before


def until(bad: float, good: float) -> Callable[[int], float]:
    return lambda n: bad if -1 <= n < 4 else good


def signs(*found: Series, name: str = "web") -> set[tuple[str, str]]:
    told = case(name)
    evidence = evidence_of(told, measures_of(told, found), BEGAN, NOW)
    return {(s["category"], s["weight"]) for one in evidence for s in one.data["signs"]}


BAD = ("trouble", "strong")
WELL = ("healthy", "strong")
OVER = ("trouble_over", "strong")
MEANT: dict[str, tuple[list[Series], set[tuple[str, str]]]] = {
    "its clock is minutes off": (
        [series("node_clock_offset:seconds", always(-843))],
        {("node_failure", "strong"), BAD},
    ),
    "its clock is right": ([series("node_timex_offset_seconds", always(0.002))], set()),
    "a slot keeps gigabytes of WAL": (
        [series("pg_replication_slots_pg_wal_lsn_diff", always(6e11), slot_name="old")],
        {("replication_lag", "strong"), BAD},
    ),
    "an alarm of the broker": (
        [series("rabbitmq_alarms_memory_used_watermark", since(0, 1))],
        {("memory_pressure", "proof"), BAD},
    ),
    "a replica that has caught up": ([series("pg_replication_lag_seconds", until(1800, 0.1))], {OVER}),
    "a replica that was never behind": ([series("pg_replication_lag_seconds", always(0.1))], {WELL}),
    "a failing class of answers": (
        [series("envoy_rq_xx:rate1m", since(0, 44), envoy_response_code_class="5")],
        {BAD},
    ),
    "calls that fail, as gRPC calls it": (
        [series("grpc_handled:rate", since(0, 8), grpc_code="ResourceExhausted")],
        {BAD},
    ),
    "calls that fail, by their number": ([series("rpc_done:rate", since(0, 8), grpc_status="14")], {BAD}),
    "the caller's own fault": ([series("grpc_handled:rate", since(0, 8), grpc_code="NotFound")], set()),
    "the same class, as always": ([series("http_requests:rate", always(0.3), code="503")], {WELL}),
    "throttled a little, as always": ([series("container_cpu_throttled_ratio", always(0.3))], set()),
    "throttled since it began": (
        [series("container_cpu_throttled_ratio", since(0.02, 0.4))],
        {("cpu_throttling", "strong"), BAD},
    ),
    "the hypervisor takes its time": (
        [series("node_cpu_seconds_total", lambda n: 60 * n * (0.4 if n > 0 else 0.01) + 1e4, mode="steal")],
        {("cpu_throttling", "strong"), BAD},
    ),
    "a few of very many requests fail": (
        [series("http_requests:rate", since(0, 0.1), code="500"), series("http_requests:rate", always(90), code="200")],
        set(),
    ),
    "hardly any of all fail, and they are all that one tenant asks": (
        [
            series("http_requests:rate", since(0, 0.1), code="500", tenant="dentix"),
            series("http_requests:rate", since(0.1, 0.02), code="200", tenant="dentix"),
            series("http_requests:rate", always(90), code="200", tenant="acme"),
        ],
        {BAD},
    ),
    "hardly any fail, of anybody": (
        [
            series("http_requests:rate", since(0, 0.1), code="500", tenant="dentix"),
            series("http_requests:rate", always(40), code="200", tenant="dentix"),
            series("http_requests:rate", always(90), code="200", tenant="acme"),
        ],
        set(),
    ),
    "slower bit by bit": ([series("latency_seconds_p95", lambda n: 0.5 + 0.3 * (n + 40) / 50)], set()),
    "many of them fail": (
        [series("http_requests:rate", since(0, 30), code="500"), series("http_requests:rate", always(60), code="200")],
        {BAD},
    ),
    "slower, but nobody would notice": ([series("latency_seconds_p95", since(0.003, 0.009))], set()),
    "shared locks come with load": ([series("pg_locks_count", since(10, 90), mode="accesssharelock")], set()),
    "a backend that the balancer took out": (
        [
            series("haproxy_server_status", since(1, 0), state="UP"),
            series("haproxy_server_status", since(0, 1), state="DOWN"),
        ],
        {("trouble", "weak"), BAD},
    ),
    "segments are sent again, and it is slow": (
        [
            series("node_netstat_Tcp_RetransSegs", lambda n: 10 * n + 400 if n < 0 else 400 + 900 * n),
            series("my_latency_p95", since(0.1, 2)),
        ],
        {("network_error", "strong"), ("network_error", "weak"), BAD},
    ),
    "an offset in milliseconds": ([series("ntp_offset_ms", always(3))], set()),
    "callers wait for the pool": (
        [series("hikaricp_connections_pending", since(0, 40))],
        {("connection_exhaustion", "strong"), BAD},
    ),
    "it is just busy": ([series("my_cpu_usage", since(0.2, 0.9))], set()),
    "it is busy, and slow for it": (
        [series("my_cpu_usage", since(0.2, 0.9)), series("my_latency_p95", since(0.1, 2))],
        {("cpu_throttling", "strong"), BAD},
    ),
    "its disk is busy, as every night": ([series("node_disk_io_time:rate", since(0.1, 0.9))], set()),
    "memory swells while it fails": (
        [series("my_memory_usage_bytes", since(2e8, 9e8)), series("my_errors:rate", since(0.01, 3))],
        {("memory_pressure", "strong"), BAD},
    ),
    "a circuit breaker is open": (
        [series("resilience4j_circuitbreaker_state", since(0, 1), state="open")],
        {("dependency_failure", "weak")},
    ),
    "a circuit breaker closed again": (
        [series("resilience4j_circuitbreaker_state", until(1, 0), state="open")],
        {OVER},
    ),
    "a circuit breaker is closed": ([series("resilience4j_circuitbreaker_state", since(0, 1), state="closed")], set()),
    "less succeeds": ([series("pay_success_ratio_5m", since(0.99, 0.6))], {BAD}),
    "less succeeded for a while": ([series("pay_success_ratio_5m", until(62, 99))], {OVER}),
    "as much succeeds as ever": ([series("slo:availability", always(0.999))], {WELL}),
    "requests of a kind, by the name of their duration": (
        [series("http_duration_seconds_count:rate1m", since(0.3, 31), code="401")],
        set(),
    ),
    "no lock is what awaits": ([series("orders_awaiting_payment", since(14, 400))], {BAD}),
    "failing, as an outcome": ([series("requests:rate", since(0, 9), outcome="SERVER_ERROR")], {BAD}),
    "old versions of rows that nobody may purge": (
        [series("mysql_info_schema_innodb_metrics_transaction_trx_rseg_history_len", always(9e6))],
        {("slow_query", "strong"), BAD},
    ),
    "a connector that runs, without its task": (
        [series("kafka_connect_connector_task_status", always(1), connector="crm", status="failed")],
        {("app_crash", "strong"), BAD},
    ),
    "it restarts, says a gauge of another exporter": ([series("my_link_up", always(0), link="b")], set()),
}


@pytest.mark.parametrize("name", MEANT)
def test_a_series_means(name: str):
    found, wanted = MEANT[name]
    assert signs(*found) == wanted


def test_inodes_can_run_out_before_bytes_and_an_image_never():
    told = case("web")
    image = {"fstype": "squashfs", "mountpoint": "/snap/core22/1380"}
    found = measures_of(
        told,
        [
            series("node_filesystem_avail_bytes", always(0), **image),
            series("node_filesystem_size_bytes", always(100), **image),
            series("node_filesystem_avail_bytes", always(50), mountpoint="/d"),
            series("node_filesystem_size_bytes", always(100), mountpoint="/d"),
            series("node_filesystem_files_free", since(500, 0), mountpoint="/d"),
            series("node_filesystem_files", always(1000), mountpoint="/d"),
        ],
    )
    fullest = next(m.series[0] for m in found if m.role == "disk")
    assert (fullest.labels["__name__"], fullest.last) == ("node_filesystem_files_free", 1.0)


@pytest.mark.parametrize(
    ("name", "value", "share"),
    [("disk_used_percent", 97.0, 0.97), ("disk_used_ratio", 0.97, 0.97), ("disk_used_percent", 0.8, 0.008)],
)
def test_a_share_may_be_written_in_percent(name: str, value: float, share: float):
    (found,) = measures_of(case("web"), [series(name, always(value))])
    assert (found.role, found.limit, found.series[0].last) == ("disk", 1.0, pytest.approx(share))


def test_a_table_of_workloads_by_name_is_read_as_labels():
    table = {"frontend_latency-90": since(0.1, 3), "cart_cpu": since(0.1, 0.9), "cart_latency-90": since(0.05, 2)}
    table |= {"ads_cpu": always(0.1), "frontend_cpu": always(0.3)}
    found = sort(case("frontend"), [series(name, value) for name, value in table.items()])
    assert {m.role for m in found.own} == {"latency", "cpu"}
    (around,) = elsewhere.evidence_of(case("frontend"), found.others, BEGAN, NOW)
    assert around.data["signs"][0]["subject"] == "cart"
    assert around.summary.startswith("cart is in trouble of its own (much more CPU")


def test_a_histogram_gives_its_quantile_and_never_looks_like_a_rise_of_its_own():
    def bucket(bound: str, share: Callable[[int], float]) -> Series:
        counts = {n: sum(60 * share(m) for m in MINUTES if m <= n) for n in MINUTES}
        return series("http_duration_seconds_bucket", counts.__getitem__, le=bound)

    quick = [bucket("0.1", always(1.0)), bucket("1", always(1.0)), bucket("+Inf", always(1.0))]
    slow = [bucket("0.1", since(1.0, 0.1)), bucket("1", always(1.0)), bucket("+Inf", always(1.0))]
    assert signs(*quick) == {WELL}
    assert signs(*slow) == {BAD}
    (p95,), used = latencies({"http_duration_seconds_bucket": slow})
    assert p95.points[-1][1] == pytest.approx(0.95, abs=0.01)
    assert used >= {"http_duration_seconds_bucket", "http_duration_seconds_sum", "http_duration_seconds_count"}


def test_series_of_others_are_not_the_targets():
    mine = series("latency_p95", always(0.1), destination_workload="web")
    other = series("latency_p95", since(0.1, 9), destination_workload="cart")
    found = sort(case("web"), [mine, other])
    assert ([m.series for m in found.own], found.others) == ([[mine]], [other])


def test_a_single_owner_is_the_target_only_where_no_series_says_who_the_target_is():
    limit = series("container_ulimits_soft", always(1024), pod="cart-0")
    assert sort(case("web"), [limit]).others == []
    assert sort(case("web"), [limit, series("latency_p95", always(0.1), app="web")]).others == [limit]


def test_both_halves_of_a_canary_are_the_target():
    halves = [series("latency_p95", always(0.1), app=f"web-{half}") for half in ("primary", "canary")]
    assert sort(case("web"), [*halves, series("latency_p95", always(0.1), app="cart")]).own[0].series == halves


def test_what_the_alert_names_is_the_targets_whatever_it_is_called():
    told = case("edge", alerts=[alert(labels={"alertname": "A", "envoy_cluster_name": "rates_grpc"})])
    mine = series("envoy_5xx", always(1), envoy_cluster_name="rates_grpc")
    assert sort(told, [mine, series("envoy_5xx", always(0), envoy_cluster_name="fees")]).own[0].series == [mine]


NEIGHBOURS: dict[str, tuple[list[Series], str | None]] = {
    "the exhausted one, not the slowest": (
        [
            series("latency_p95", since(0.1, 9), app="recommend"),
            series("latency_p95", since(0.1, 2), app="catalog"),
            series("container_cpu_throttled_ratio", since(0.01, 0.8), app="catalog"),
        ],
        "catalog",
    ),
    "the one that slowed down most": (
        [series("latency_p95", since(0.1, 1), app="front"), series("latency_p95", since(0.01, 0.9), app="catalog")],
        "catalog",
    ),
    "one that restarted": ([series("kube_pod_container_status_restarts_total", since(0, 3), pod="cart-0")], "cart"),
    "none that is as restless as ever": (
        [series("latency_p95", lambda n: 2.0 if n in (-35, -22, -9, 6, 7, 8, 9) else 0.1, app="batch")],
        None,
    ),
    "none that always was like that": ([series("container_cpu_throttled_ratio", always(0.9), app="batch")], None),
    "none that is well": ([series("latency_p95", always(0.1), app="catalog")], None),
}


@pytest.mark.parametrize("name", NEIGHBOURS)
def test_the_neighbour_that_began_it(name: str):
    others, wanted = NEIGHBOURS[name]
    found = elsewhere.evidence_of(case("web"), others, BEGAN, NOW)
    assert [s["subject"] for e in found for s in e.data["signs"]] == ([wanted] if wanted else [])


def test_what_the_target_needs_comes_before_what_is_only_beside_it():
    told = case("web").model_copy(update={"needs": ["shop/db"]})
    beside = series("container_cpu_throttled_ratio", since(0.001, 0.9), app="batch")
    needed = series("container_cpu_throttled_ratio", since(0.1, 0.6), app="shop-db")
    (found,) = elsewhere.evidence_of(told, [beside, needed], BEGAN, NOW)
    assert [s["subject"] for s in found.data["signs"]] == ["shop-db"]
    assert found.data["series"][0]["labels"]["app"] == "shop-db"


def test_a_counter_is_one_by_its_course_whatever_it_is_called():
    grows = series("nginx_ingress_controller_requests", lambda n: 5_000 + 20 * n, status="200")
    began = series("nginx_ingress_controller_requests", lambda n: 130_000 + 8 * max(0, n), status="502")
    assert signs(grows, began) == {BAD}
    flight = series("http_active_requests", lambda n: 50 + n, status="200")
    assert [one.series[0].last for one in measures_of(case("web"), [flight])] == [59]
