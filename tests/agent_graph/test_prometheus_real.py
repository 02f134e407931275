"""A real Prometheus with a past made for it: the queries are PromQL, floods stay there, resets and gaps are read."""

from collections.abc import Generator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from agent_graph.analysts.rules.analyst import analyse
from backend.investigation.kinds import CaseFile, Evidence
from tests.agent_graph.asking import first, sources
from tests.agent_graph.cases import alert, case
from tests.real import needs_prometheus
from tests.support.prometheus import Value, prometheus_with

pytestmark = needs_prometheus

NOW = datetime.now(UTC).replace(microsecond=0)
BEGAN = NOW - timedelta(minutes=10)
POD = 'namespace="prod",pod="shop-7d9f8b6c5-x2x4z",container="app"'
# name, labels, value at a number of minutes after the trouble began (from -15 to 10); None: a gap.
PAST: tuple[tuple[str, str, Value], ...] = (
    ("container_memory_working_set_bytes", POD, lambda m: 4e8 if m < 0 else 9.9e8),
    ("container_memory_working_set_bytes", POD.replace("app", "POD"), lambda m: 9e9),
    ("container_spec_memory_limit_bytes", POD, lambda m: 1e9),
    ("container_memory_working_set_bytes", POD.replace("x2x4z", "b7v9q").replace("prod", "test"), lambda m: 7e9),
    ("kube_pod_container_status_restarts_total", POD, lambda m: 40 if m < 0 else None if m < 3 else m // 2),
    ("kube_pod_container_status_waiting_reason", f'{POD},reason="CrashLoopBackOff"', lambda m: 1 if m > 4 else None),
    # A core of CPU, read every half minute.
    ("container_cpu_usage_seconds_total", POD, lambda m: 60 * m if m * 2 % 1 == 0 else None),
    ("kube_deployment_status_replicas_unavailable", 'namespace="prod",deployment="shop"', lambda m: 1 if m > 1 else 0),
    *(("queue_length", f'queue="q{n}"', lambda m, n=n: n if m > 0 else 1) for n in range(300)),
    ("queue_length", 'queue="broken"', lambda m: float("nan")),
)


@pytest.fixture(scope="module")
def prometheus(tmp_path_factory: pytest.TempPathFactory) -> Generator[str]:
    minutes = [quarter / 4 for quarter in range(-60, 41)]
    with prometheus_with(tmp_path_factory.mktemp("prometheus"), PAST, BEGAN, minutes) as url:
        yield url


def about_shop(**changes: object) -> CaseFile:
    told = case("shop", runtime="kubernetes", started_at=BEGAN, now=NOW)
    return told.model_copy(update={"target": told.target.model_copy(update={"namespace": "prod"}), **changes})


async def test_the_golden_signals_of_a_workload_are_read_from_its_exporters(prometheus: str, tmp_path: Path):
    async with sources(tmp_path, prometheus_url=prometheus, source_timeout_seconds=30) as opened:
        found = await first(opened, "prometheus", about_shop())
    assert [e.error for e in found if e.error] == []
    by_role = {e.data["role"]: e for e in found}
    memory = by_role["memory"]
    assert (len(memory.data["series"]), memory.data["limit"]) == (1, 1e9)
    assert BEGAN.timestamp() - 30 <= memory.data["change_at"] <= BEGAN.timestamp() + 30
    assert {round(value, 2) for _, value in by_role["cpu"].data["series"][0]["points"]} == {1.0}
    restarts = [value for _, value in by_role["restarts"].data["series"][0]["points"]]
    assert restarts == sorted(restarts)
    assert 4 <= restarts[-1] <= 5
    report = analyse(about_shop(), [e.model_copy(update={"label": f"E{n}"}) for n, e in enumerate(found, 1)])
    assert report.category in ("restart_loop", "oom", "memory_pressure")


async def rule(prometheus: str, tmp_path: Path, expr: str, **labels: str) -> Evidence:
    url = str(httpx.URL("http://p/graph", params={"g0.expr": expr}))
    about = alert(generator_url=url, labels={"alertname": "Queue", **labels})
    async with sources(tmp_path, prometheus_url=prometheus, source_timeout_seconds=30) as opened:
        found = await first(opened, "prometheus", about_shop(alerts=[about]))
    (one,) = [e for e in found if e.title == "Expression of ContainerDown"]
    return one


async def test_of_many_series_the_server_gives_the_most_telling(prometheus: str, tmp_path: Path):
    high = await rule(prometheus, tmp_path, "queue_length > 100")
    assert (high.query, high.error, high.truncated) == ("topk(50, queue_length)", None, True)
    assert [s["labels"]["queue"] for s in high.data["series"]][:3] == ["q299", "q298", "q297"]
    low = await rule(prometheus, tmp_path, "queue_length < 3")
    assert (low.query, low.data["series"][0]["labels"]["queue"]) == ("bottomk(50, queue_length)", "q0")
    few = await rule(prometheus, tmp_path, 'queue_length{queue="q250"} > 100')
    assert (few.query, few.truncated) == ('queue_length{queue="q250"}', False)


async def test_only_what_has_a_value_is_a_series(prometheus: str, tmp_path: Path):
    broken = await rule(prometheus, tmp_path, 'queue_length{queue="broken"} > 1')
    assert broken.error is None
    assert "No series" in broken.summary


async def test_a_rule_that_is_no_promql_is_refused_with_its_words(prometheus: str, tmp_path: Path):
    wrong = await rule(prometheus, tmp_path, "sum(queue_length > 3")
    assert "answered 400" in (wrong.error or "")
    assert "unclosed left parenthesis" in (wrong.error or "")
