"""A real Prometheus with neighbours in it: whose metrics went bad first is found, among few and among very many."""

from collections.abc import Callable, Generator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from agent_graph.analysts.rules.analyst import analyse
from agent_graph.sources import elsewhere
from agent_graph.sources.measures import sort
from agent_graph.sources.series import parse_matrix
from agent_graph.sources.surroundings import surroundings
from backend.investigation.kinds import CaseFile, Evidence
from tests.agent_graph.asking import first, sources
from tests.agent_graph.cases import alert, case
from tests.real import needs_prometheus
from tests.support.prometheus import Value, prometheus_with

pytestmark = needs_prometheus

NOW = datetime.now(UTC).replace(microsecond=0)
BEGAN = NOW - timedelta(minutes=10)
CROWD = 300
# Minutes of past that Prometheus has: the neighbours of the crowd are compared with how they moved before.
FIRST = 46
# Minutes before the alert at which a neighbour went bad: its rule waited, and one was bad long before.
WAITED, LONG = (3, 8, 14, 28), 33
Row = tuple[str, str, Value]


def since(minute: float, before: float, after: float) -> Value:
    return lambda m: after if m >= minute else before


def counted(minute: float, before: float, after: float) -> Value:
    """A counter that grows by `before` a minute, then by `after`."""
    return lambda m: 1000 + before * (m + FIRST) + max(0.0, m - minute) * (after - before)


def always(value: float) -> Value:
    return lambda _: value


def rarely(value: Value) -> Value:
    return lambda m: None if m % 2 else value(m)


def throttled(labels: str, share: Callable[[float], Value]) -> list[Row]:
    return [
        ("container_cpu_cfs_periods_total", labels, counted(0, 600, 600)),
        ("container_cpu_cfs_throttled_periods_total", labels, share(600)),
    ]


def slow(labels: str, minute: float, before: float, after: float) -> list[Row]:
    return [
        ("http_request_duration_seconds_count", labels, counted(0, 100, 100)),
        ("http_request_duration_seconds_sum", labels, counted(minute, 100 * before, 100 * after)),
    ]


def pod(name: str, space: str = "store") -> str:
    return f'namespace="{space}",pod="{name}",container="app"'


def cadvisor(name: str, project: str, machine: str = "one") -> str:
    labels = f'name="{name}",instance="{machine}:8080",job="cadvisor"'
    return f'{labels},container_label_com_docker_compose_project="{project}"'


def fills(labels: str, minute: float) -> list[Row]:
    return [
        ("container_spec_memory_limit_bytes", labels, always(1e9)),
        ("container_memory_working_set_bytes", labels, since(minute, 3e8, 9.7e8)),
    ]


STORE: list[Row] = [
    # The victim; its caller, which feels it more; the cause, which began it; one that always is like that.
    *slow(pod("checkout-7d9f8b6c5-x2x4z"), -1, 0.1, 2),
    *slow(pod("front-6b8f9d7c4-b7v9q"), -1, 0.1, 9),
    *slow(pod("catalog-5c8d7f9b4-k2m4n"), -3, 0.05, 1.5),
    *throttled(pod("catalog-5c8d7f9b4-k2m4n"), lambda n: counted(-4, 0.01 * n, 0.8 * n)),
    *throttled(pod("batch-0"), lambda n: counted(0, 0.9 * n, 0.9 * n)),
    *throttled(pod("catalog-5c8d7f9b4-zzzzz", "test"), lambda n: counted(-9, 0, n)),
    ("container_cpu_usage_seconds_total", pod("idle-0"), counted(-2, 0.01, 0.9)),
    ("kube_pod_container_status_ready", pod("nightly-28861920-q9w2r"), since(-5, 1, 0)),
    ("kube_pod_container_status_terminated_reason", f'{pod("nightly-28861920-q9w2r")},reason="Completed"', always(1)),
]
MACHINE: list[Row] = [
    *(("container_last_seen", cadvisor(name, "shop"), always(1)) for name in ("shop-web-1", "shop-db-1")),
    *fills(cadvisor("shop-db-1", "shop"), -2),
    *fills(cadvisor("blog-db-1", "blog"), -2),
    *fills(cadvisor("shop-db-1", "shop", "two").replace("shop-db-1", "far-1"), -2),
]
SERVICES: list[Row] = [
    *(
        (f"hikaricp_connections_{what}", f'service="{name}",job="services",env="{env}"', value)
        for name, env in (("stock", "prod"), ("fees", "test"))
        for what, value in (("active", since(-2, 2, 10)), ("max", always(10)))
    ),
    ("up", 'job="ledger",env="vm",instance="10.0.0.7:80"', since(-2, 1, 0)),
    ("up", 'job="checkouts",env="vm",instance="10.0.0.9:80"', always(1)),
    ("up", 'job="blackbox",env="vm",instance="10.0.0.8:80"', since(-3, 1, 0)),
]
EARLY: list[Row] = [
    row
    for m in (*WAITED, LONG)
    for row in (
        *slow(pod("checkout-7d9f8b6c5-x2x4z", f"since-{m}"), -1, 0.1, 2),
        *throttled(pod("steady-0", f"since-{m}"), lambda n: counted(0, 0.02 * n, 0.02 * n)),
        *throttled(pod("catalog-5c8d7f9b4-k2m4n", f"since-{m}"), lambda n, m=m: counted(-m, 0.01 * n, 0.8 * n)),
        ("hikaricp_connections_pending", f'service="stock",job="services",env="since-{m}"', since(-m, 0, 80)),
        ("up", f'job="ledger",env="vm-since-{m}",instance="10.0.0.7:80"', since(-m, 1, 0)),
        ("up", f'job="checkouts",env="vm-since-{m}",instance="10.0.0.9:80"', always(1)),
    )
]
FLOOD: list[Row] = [
    row
    for n in range(CROWD)
    for row in throttled(
        pod(f"n{n}-0", "crowd"), lambda p, n=n: counted(-14, 0.02 * p, (0.7 if n == 137 else 0.03) * p)
    )
]
# More series that have a pod than are read at once, one of which moves; and a deployment, which has none.
MASS: list[Row] = [
    ("kube_deployment_status_replicas_unavailable", 'namespace="mass",deployment="db"', since(-3, 0, 3)),
    *(
        ("http_requests_failed_total", f'namespace="mass",pod="p{n}-0"', rarely(counted(-3, 1, 1 if n else 3)))
        for n in range(510)
    ),
]


@pytest.fixture(scope="module")
def prometheus(tmp_path_factory: pytest.TempPathFactory) -> Generator[str]:
    rows = [*STORE, *MACHINE, *SERVICES, *EARLY, *FLOOD, *MASS]
    with prometheus_with(tmp_path_factory.mktemp("around"), rows, BEGAN, range(-FIRST, 11)) as url:
        yield url


def about(target: str, namespace: str | None = None, needs: tuple[str, ...] = (), **labels: str) -> CaseFile:
    """A victim: its alert's own expression is all that is known to be wrong with it."""
    rule = str(httpx.URL("http://p/graph", params={"g0.expr": "vector(9) > 1"}))
    fires = alert(labels={"alertname": "Slow", "service": target, **labels}, generator_url=rule, starts_at=BEGAN)
    runtime = "kubernetes" if namespace else "docker"
    told = case(target, runtime=runtime, labels=labels, alerts=[fires], started_at=BEGAN, now=NOW)
    placed = told.target.model_copy(update={"namespace": namespace})
    return told.model_copy(update={"target": placed, "needs": list(needs)})


async def ask(prometheus: str, tmp_path: Path, told: CaseFile) -> list[Evidence]:
    async with sources(tmp_path, prometheus_url=prometheus, source_timeout_seconds=30) as opened:
        found = await first(opened, "prometheus", told)
    assert [e.error for e in found if e.error] == []
    return [e.model_copy(update={"label": f"E{n}"}) for n, e in enumerate(found, 1)]


async def raw(url: str, **params: str | float) -> dict[str, Any]:
    """What Prometheus answers to anybody."""
    async with httpx.AsyncClient() as http:
        return (await http.get(url, params=params)).json()


async def pods_at_the_end(prometheus: str, query: str) -> set[str]:
    answer = await raw(f"{prometheus}/api/v1/query", query=query, time=NOW.timestamp())
    return {row["metric"]["pod"] for row in answer["data"]["result"]}


def blamed(found: list[Evidence]) -> list[tuple[str, str]]:
    signs = [s for e in found if e.data.get("own") is False for s in e.data["signs"]]
    return [(s["subject"], s["category"].removeprefix("elsewhere:")) for s in signs]


VICTIMS: dict[str, tuple[CaseFile, list[tuple[str, str]]]] = {
    "of a workload of its namespace": (about("checkout", "store"), [("catalog", "cpu_throttling")]),
    "of nobody, in a namespace of its own": (about("checkout", "elsewhere"), []),
    "of a container of its project, which Prometheus knows": (
        about("shop-web-1", name="shop-web-1"),
        [("shop-db", "memory_pressure")],
    ),
    "of a container of its project, which the alert tells": (
        about("web", name="web", container_label_com_docker_compose_project="blog"),
        [("blog-db", "memory_pressure")],
    ),
    "of a service beside it, in its environment": (
        about("till", service="till", job="services", env="prod"),
        [("stock", "connection_exhaustion")],
    ),
    "of a job beside its own, but for those that watch": (
        about("checkouts", job="checkouts", env="vm"),
        [("ledger", "dependency_failure")],
    ),
    "of what it was declared to need, in another namespace": (
        about("shop", "elsewhere", needs=("store/catalog",)),
        [("catalog", "cpu_throttling")],
    ),
    "of what it was declared to need": (about("site", needs=("shop/ledger",)), [("ledger", "dependency_failure")]),
}


@pytest.mark.parametrize("victim", VICTIMS)
async def test_a_victim(victim: str, prometheus: str, tmp_path: Path):
    told, wanted = VICTIMS[victim]
    assert blamed(await ask(prometheus, tmp_path, told)) == wanted


@pytest.mark.parametrize("minutes", [*WAITED, LONG])
async def test_a_neighbour_that_went_bad_while_the_alert_waited_is_found(minutes: int, prometheus: str, tmp_path: Path):
    """What was bad longer than alerts wait is as it always is."""
    victims = (
        (about("checkout", f"since-{minutes}"), ("catalog", "cpu_throttling")),
        (about("till", service="till", job="services", env=f"since-{minutes}"), ("stock", "connection_exhaustion")),
        (about("checkouts", job="checkouts", env=f"vm-since-{minutes}"), ("ledger", "dependency_failure")),
    )
    for told, cause in victims:
        assert blamed(await ask(prometheus, tmp_path, told)) == ([] if minutes == LONG else [cause])


async def test_the_neighbour_that_went_bad_first_is_the_root_cause_with_the_query_that_shows_it(
    prometheus: str, tmp_path: Path
):
    told = about("checkout", "store")
    found = await ask(prometheus, tmp_path, told)
    report = analyse(told, found)
    assert (report.verdict, report.category) == ("incident", "cpu_throttling")
    assert "suffers from catalog" in report.root_cause
    (around,) = [e for e in found if e.data.get("own") is False]
    assert around.data["change_at"] < BEGAN.timestamp()
    throttled, *rest = around.query.split("\n")
    assert throttled.startswith('container_cpu_cfs_throttled_periods_total{namespace="store",container!="",')
    assert await pods_at_the_end(prometheus, throttled) == {"catalog-5c8d7f9b4-k2m4n", "batch-0"}
    assert "http_request_duration_seconds_sum{" in "\n".join(rest)
    assert {s["labels"]["pod"] for s in around.data["series"]} == {"catalog-5c8d7f9b4-k2m4n"}
    # Neither the victim itself, nor what is hardly used, nor what is done with its work.
    assert {line.split(":")[0] for line in around.content.split("\n")} == {"catalog", "front"}


async def test_a_recording_of_the_same_says_the_same(prometheus: str, tmp_path: Path):
    told = about("checkout", "store")
    start, end = (BEGAN - timedelta(minutes=35)).timestamp(), NOW.timestamp()
    answer = await raw(f"{prometheus}/api/v1/query_range", query='{namespace="store"}', start=start, end=end, step=60)
    around = sort(told, parse_matrix(answer)).others
    recorded = elsewhere.evidence_of(told, elsewhere.foreign(told, around), BEGAN, NOW)
    live = await ask(prometheus, tmp_path, told)
    assert blamed(recorded) == blamed(live)
    assert [e.content for e in recorded] == [e.content for e in live if e.data.get("own") is False]


async def test_of_very_many_neighbours_those_that_moved_most_are_compared(prometheus: str, tmp_path: Path):
    found = await ask(prometheus, tmp_path, about("n1", "crowd"))
    assert blamed(found) == [("n137", "cpu_throttling")]
    (around,) = [e for e in found if e.data.get("own") is False]
    assert around.truncated
    assert f"There are {2 * CROWD - 2:,} series around the target" in around.content
    pods = await pods_at_the_end(prometheus, around.query.split("\n")[0])
    assert "n137-0" in pods
    assert len(pods) <= 20


async def test_a_deployment_is_compared_however_many_pods_are_beside_it(prometheus: str, tmp_path: Path):
    found = await ask(prometheus, tmp_path, about("checkout", "mass"))
    assert blamed(found) == [("db", "dependency_failure")]


def test_where_nothing_moved_nothing_is_asked_for():
    """`pod=~""` would be all that has no pod."""
    for around in surroundings(about("checkout", "mass")):
        assert around.only([({"metric": "up", around.key: "p1-0"}, 0.0), ({"metric": "up"}, 7.0)]) is None
