"""Sources at the wire: the exact query kept, caps and time-outs held, whatever goes wrong is evidence that says so."""

import os
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from agent_graph.deps import Ask
from agent_graph.sources.docker import demultiplex
from agent_graph.sources.loki import selectors
from agent_graph.sources.promql import alert_query
from agent_graph.sources.registry import OPENERS, Sources, open_sources
from agent_graph.sources.series import Series, change_at
from backend.investigation.kinds import CaseFile, Evidence
from backend.settings import load_settings
from tests.agent_graph.cases import BEGAN, NOW, alert, case, down, monitor, up
from tests.fakes.loki import fake_loki
from tests.fakes.prometheus import fake_prometheus


@asynccontextmanager
async def sources(tmp_path: Path, **settings: Any) -> AsyncGenerator[Sources]:
    values = {"data_dir": tmp_path, "docker_host": "unix:///nowhere", "source_timeout_seconds": 1.0, **settings}
    async with httpx.AsyncClient() as http, open_sources(load_settings(**values), http) as opened:
        yield opened


async def first(opened: Sources, name: str, told: CaseFile) -> list[Evidence]:
    source = opened.present[name]
    return [found for ask in source.first(told) for found in await source.answer(told, ask)]


def test_every_file_that_is_a_source_is_registered():
    folder = Path("agent_graph/sources")
    opening = [path for path in folder.rglob("*.py") if "async def open_source(" in path.read_text()]
    files = {path.stem if path.parent == folder else path.parent.name for path in opening}
    assert files == set(OPENERS)


async def test_what_is_not_configured_is_named(tmp_path: Path):
    async with sources(tmp_path) as opened:
        assert opened.absent == [
            "Prometheus: not configured",
            "Loki: not configured",
            "PostgreSQL: no server configured",
        ]


# Loki


async def test_loki_gives_the_lines_of_the_target_around_the_start(tmp_path: Path):
    with fake_loki() as loki:
        loki.add(
            {"container": "web"},
            (BEGAN - timedelta(hours=5), "ERROR long ago"),
            *((BEGAN + timedelta(milliseconds=n), f"INFO request {n}") for n in range(6000)),
            (BEGAN + timedelta(seconds=30), "FATAL pool exhausted"),
        )
        loki.add({"container": "db"}, (BEGAN, "ERROR of somebody else"))
        async with sources(tmp_path, loki_url=loki.url) as opened:
            (found,) = await first(opened, "loki", case())
    assert "FATAL pool exhausted" in found.content
    assert "long ago" not in found.content
    assert "somebody else" not in found.content
    assert found.query.startswith('{container="web"} |~ ')
    assert found.truncated
    assert found.window_start == BEGAN - timedelta(minutes=15)
    asked = [request.query for request in loki.requests]
    assert {(a["direction"], "|~" in a["query"]) for a in asked} == {("forward", True), ("backward", False)}


@pytest.mark.parametrize(
    ("switches", "error"),
    [
        ({"statuses": [429, 500]}, None),
        ({"statuses": [429] * 9}, "answered 429"),
        ({"statuses": [400, 400]}, "answered 400"),
        ({"garbage": True}, "could not be understood"),
        ({"slow_seconds": 2.0}, "did not answer within 1 s"),
    ],
)
async def test_trouble_with_loki_is_evidence_and_429_is_tried_again(
    tmp_path: Path, switches: dict[str, Any], error: str | None
):
    with fake_loki() as loki:
        loki.add({"container": "web"}, (BEGAN, "ERROR here"))
        for name, value in switches.items():
            setattr(loki, name, value)
        async with sources(
            tmp_path, loki_url=loki.url, source_timeout_seconds=1.0 if "slow_seconds" in switches else 5.0
        ) as opened:
            (found,) = await first(opened, "loki", case())
    if error is None:
        assert "ERROR here" in found.content
    else:
        assert error in (found.error or "")
        assert found.query
        assert not found.content


async def test_a_port_where_nothing_listens(tmp_path: Path):
    async with sources(tmp_path, loki_url="http://127.0.0.1:9", prometheus_url="http://127.0.0.1:9") as opened:
        for name in ("loki", "prometheus"):
            (found,) = await first(opened, name, case())
            assert "cannot be reached" in (found.error or "")


def test_a_label_cannot_break_out_of_a_selector():
    told = case('x"} or {job="', labels={"pod": 'a"} |= "b'})
    assert all(selector.count("{") == 1 or '\\"' in selector for selector in selectors(told))
    assert selectors(told)[0] == '{pod="a\\"} |= \\"b"}'


async def test_loki_is_asked_only_about_the_target(tmp_path: Path):
    with fake_loki() as loki:
        async with sources(tmp_path, loki_url=loki.url) as opened:
            ask = Ask(source="loki", what="loki_search", args={"selector": '{container="db"}', "contains": "x"})
            assert await opened.present["loki"].answer(case(), ask) == []
    assert not loki.requests


# Prometheus


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
    ],
)
def test_the_final_comparison_of_a_rule_becomes_the_limit(expr: str, expected: tuple[str, float | None]):
    query = alert_query(alert(generator_url=str(httpx.URL("http://p/graph", params={"g0.expr": expr}))))
    assert query is not None
    assert (query.expr, query.limit) == expected


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


# Log files


async def read(tmp_path: Path, named: str, **settings: Any) -> Evidence:
    told = case("shop", source_type="monitor", runtime=None, monitor=monitor(down(), logs_file=named))
    async with sources(tmp_path, **settings) as opened:
        (found,) = await first(opened, "log_file", told)
    return found


async def test_a_log_file_below_the_drill_folder_is_read_from_its_end(tmp_path: Path):
    folder = tmp_path / "drill" / "logs"
    folder.mkdir(parents=True)
    log = folder / "shop.log"
    old, new = f"{BEGAN - timedelta(days=1):%Y-%m-%d %H:%M:%S}", f"{BEGAN:%Y-%m-%d %H:%M:%S}"
    log.write_text(f"{old} ERROR yesterday\n" * 2000 + f"{new} ERROR today\n")
    found = await read(tmp_path, str(log), log_read_bytes=10_000)
    assert "ERROR today" in found.content
    assert "yesterday" not in found.content
    assert found.truncated


async def test_escapes_are_refused(tmp_path: Path):
    roots, outside = tmp_path / "logs", tmp_path / "outside"
    roots.mkdir()
    outside.mkdir()
    (outside / "secret").write_text("ERROR the secret")
    (roots / "link.log").symlink_to(outside / "secret")
    os.mkfifo(roots / "pipe.log")
    for named, reason in (
        (str(roots / "link.log"), "outside"),
        (str(roots / ".." / "outside" / "secret"), "outside"),
        ("/etc/passwd", "outside"),
        (str(roots / "none.log"), "no such file"),
        (str(roots / "pipe.log"), "not a regular file"),
        (str(roots), "not a regular file"),
        ("x\0y", "no such file"),
    ):
        found = await read(tmp_path / "data", named, log_roots=(roots,))
        assert reason in (found.error or ""), (named, found.error)
        assert "the secret" not in found.model_dump_json()


# The monitor and the alerts


async def test_the_monitors_history_is_ours_and_what_it_was_told_is_not(tmp_path: Path):
    told = case(monitor=monitor(down("expected 200-299, got 500", code=500, said="panic: nil map"), up(minutes_ago=2)))
    async with sources(tmp_path) as opened:
        ours, theirs = await first(opened, "monitor_history", told)
    assert (ours.kind, theirs.kind) == ("history", "log")
    assert ours.data["down_since"] == (NOW - timedelta(minutes=1)).isoformat()
    assert "panic" not in ours.content
    assert "panic: nil map" in theirs.content


async def test_alerts_are_evidence_but_no_measurement(tmp_path: Path):
    async with sources(tmp_path) as opened:
        (found,) = await first(opened, "alert", case(alerts=[alert(), alert(status="resolved", ends_at=NOW)]))
    assert found.kind == "event"
    assert found.data == {"firing": 1, "resolved": 1}


def test_dockers_frames_are_joined_and_plain_text_passes():
    frames = b"\x01\0\0\0\0\0\0\x03abc\x02\0\0\0\0\0\0\x02de"
    assert demultiplex(frames) == b"abcde"
    assert demultiplex(b"plain text of a terminal") == b"plain text of a terminal"
    assert demultiplex(frames[:-1]) == b"abcd"
