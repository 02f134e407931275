"""Loki at the wire: the target's lines, page by page, filtered on the server; trouble is evidence that says so."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from agent_graph.deps import Ask
from agent_graph.sources.loki import selectors
from tests.agent_graph.asking import first, sources
from tests.agent_graph.cases import BEGAN, case
from tests.fakes.loki import fake_loki


async def test_loki_gives_the_lines_of_the_target_around_the_start(tmp_path: Path):
    with fake_loki() as loki:
        loki.add(
            {"container": "web"},
            (BEGAN - timedelta(hours=5), "ERROR long ago"),
            *((BEGAN + timedelta(milliseconds=n), f"INFO request {n}") for n in range(6000)),
            (BEGAN + timedelta(seconds=30), "FATAL pool exhausted"),
        )
        loki.add({"container": "db"}, (BEGAN, "ERROR of somebody else"))
        async with sources(tmp_path, loki_url=loki.url, source_timeout_seconds=30.0) as opened:
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


def lines_of(loki: Any, count: int, text: str = "ERROR number {}") -> None:
    loki.add({"container": "web"}, *((BEGAN + timedelta(milliseconds=n // 3), text.format(n)) for n in range(count)))


async def test_loki_is_read_page_by_page_and_no_line_twice(tmp_path: Path):
    with fake_loki() as loki:
        loki.most = 500
        lines_of(loki, 1700)
        async with sources(tmp_path, loki_url=loki.url, source_timeout_seconds=20) as opened:
            (found,) = await first(opened, "loki", case())
    assert found.data["lines"] == 1700
    assert not [request for request in loki.requests if request.query["limit"] not in ("5000", "500")]


async def test_reading_a_log_without_end_ends(tmp_path: Path):
    with fake_loki() as loki:
        loki.most = 100
        lines_of(loki, 2000)
        loki.add({"container": "web"}, *((BEGAN, f"ERROR at once {n}") for n in range(500)))
        async with sources(tmp_path, loki_url=loki.url, source_timeout_seconds=20) as opened:
            (found,) = await first(opened, "loki", case())
    assert found.truncated
    assert 100 < found.data["lines"] <= 600


async def test_long_lines_are_asked_for_in_smaller_pages(tmp_path: Path):
    with fake_loki() as loki:
        lines_of(loki, 400, "ERROR {} " + "x" * 2000)
        settings = {"log_read_bytes": 150_000, "source_timeout_seconds": 20}
        async with sources(tmp_path, loki_url=loki.url, **settings) as opened:
            (found,) = await first(opened, "loki", case())
    assert "ERROR 0" in found.content
    assert found.truncated
    assert {"5000", "500", "50"} >= {request.query["limit"] for request in loki.requests} > {"5000"}


async def test_the_window_is_widened_on_demand_and_by_the_other_names(tmp_path: Path):
    with fake_loki() as loki:
        loki.add({"container_name": "web"}, (BEGAN - timedelta(minutes=90), "ERROR before anybody noticed"))
        async with sources(tmp_path, loki_url=loki.url) as opened:
            source = opened.present["loki"]
            near = [e for ask in source.first(case()) for e in await source.answer(case(), ask)]
            wide = [e for ask in source.wider(case()) for e in await source.answer(case(), ask)]
    assert not any("before anybody noticed" in found.content for found in near)
    assert any("before anybody noticed" in found.content for found in wide)
    assert {found.window_start for found in wide} == {BEGAN - timedelta(hours=2)}


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
