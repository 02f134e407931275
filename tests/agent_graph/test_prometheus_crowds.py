"""Prometheus at the wire with more than may be asked of it: counted, narrowed, or left alone, and said."""

import asyncio
from pathlib import Path

import httpx
import pytest

from agent_graph.sources.ranges import AT_ONCE
from agent_graph.sources.surroundings import surroundings
from backend.investigation.kinds import CaseFile
from tests.agent_graph.asking import first, sources
from tests.agent_graph.cases import BEGAN, alert, case
from tests.fakes.prometheus import fake_prometheus


def points(*values: str) -> list[tuple[float, str]]:
    return [(BEGAN.timestamp() + 15 * n, value) for n, value in enumerate(values)]


async def test_fifty_thousand_series_are_left_on_the_server(tmp_path: Path):
    url = str(httpx.URL("http://p/graph", params={"g0.expr": "requests > 100"}))
    with fake_prometheus() as prometheus:
        prometheus.series = {"requests": [({"path": f"/{n}", "name": "web"}, points(str(n))) for n in range(50_000)]}
        async with sources(tmp_path, prometheus_url=prometheus.url, source_timeout_seconds=20) as opened:
            found = await first(opened, "prometheus", case(alerts=[alert(generator_url=url)]))
    (rule,) = [e for e in found if e.data.get("role") == "alert"]
    assert (rule.query, rule.error, rule.truncated) == ("topk(50, requests)", None, True)
    assert "Of the series that match, only the highest 50 were asked for." in rule.content
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


async def test_what_cannot_be_counted_is_not_asked_for_whole(tmp_path: Path):
    told = case(alerts=[alert(generator_url=str(httpx.URL("http://p/graph", params={"g0.expr": "requests > 100"})))])
    with fake_prometheus() as prometheus:
        prometheus.series = {"requests": [({"name": "web"}, points("7"))]}
        prometheus.counts = lambda there, at: None
        async with sources(tmp_path, prometheus_url=prometheus.url, source_timeout_seconds=20) as opened:
            found = await first(opened, "prometheus", told)
        asked = {r.query["query"][:12] for r in prometheus.requests if r.path.endswith("range")}
    assert asked == {"topk(50, req", "topk by (__n"}
    (rule,) = [one for one in found if one.data.get("role") == "alert"]
    assert (rule.query, len(rule.data["series"])) == ("topk(50, requests)", 1)
    (around,) = [one for one in found if one.error]
    assert "answered 422: query processing would load too many samples" in (around.error or "")


async def test_what_ended_is_counted_before_it_is_asked_for(tmp_path: Path):
    """A node that died takes its series with it; they are in the window still."""
    with fake_prometheus() as prometheus:
        rows = [({"name": f"n{n}"}, points("1")) for n in range(501)]
        prometheus.series = {"container_memory_working_set_bytes": rows}
        prometheus.counts = lambda there, at: there if at < BEGAN.timestamp() else 0
        async with sources(tmp_path, prometheus_url=prometheus.url, source_timeout_seconds=20) as opened:
            found = await first(opened, "prometheus", case())
        asked = [r.query["query"] for r in prometheus.requests if r.path.endswith("range")]
    said = "has 501 series around the target, and does not tell which of them moved"
    assert [one.error for one in found if one.error] == [said]
    assert not [expr for expr in asked if "name!=" in expr]


async def test_a_query_that_takes_too_long_is_not_asked_again(tmp_path: Path):
    with fake_prometheus() as prometheus:
        prometheus.late = True
        async with sources(tmp_path, prometheus_url=prometheus.url, source_timeout_seconds=20) as opened:
            found = await first(opened, "prometheus", case())
        asked = [(r.path, r.query["query"], r.query.get("time")) for r in prometheus.requests]
    assert "answered 503: query timed out in expression evaluation" in (found[0].error or "")
    assert len(asked) == len(set(asked))


async def test_all_of_what_the_target_needs_is_compared_or_none_and_said(tmp_path: Path):
    """The culprit comes last."""
    minutes = [(BEGAN.timestamp() + 60 * n, "1" if n < -8 else "0") for n in range(-35, 11)]
    told = needs("db")
    for crowd, counts in ((600, None), (2_000, None), (2_000, 7)):
        with fake_prometheus() as prometheus:
            rows = [({"name": f"db-{n}"}, points("1", "1")) for n in range(crowd)]
            prometheus.series = {"container_memory_working_set_bytes": rows, "up": [({"job": "db"}, minutes)]}
            prometheus.counts = lambda there, at, counts=counts: counts or there
            async with sources(tmp_path, prometheus_url=prometheus.url, source_timeout_seconds=20) as opened:
                found = [
                    one for one in await first(opened, "prometheus", told) if "series that belong" not in one.summary
                ]
            asked = [r for r in prometheus.requests if r.path.endswith("range")]
        if crowd == 600:
            assert [one.summary for one in found] == ["db is in trouble of its own (up since 02:52:00 UTC)."]
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


async def test_what_is_long_when_it_is_written_as_an_address_is_sent_as_a_form(tmp_path: Path):
    """Proxies refuse addresses longer than a few thousand characters; braces and quotes are three each there."""
    rule = "sum(" + "{}" * 700 + ")"
    told = case(alerts=[alert(generator_url=str(httpx.URL("http://p/graph", params={"g0.expr": rule})))])
    with fake_prometheus() as prometheus:
        prometheus.series = {"sum": [({"name": "web"}, points("7"))]}
        async with sources(tmp_path, prometheus_url=prometheus.url, source_timeout_seconds=20) as opened:
            found = await first(opened, "prometheus", told)
        asked = {(r.method, rule in r.query["query"]) for r in prometheus.requests}
    assert asked == {("POST", True), ("GET", False)}
    assert rule in [one.query for one in found]


async def test_prometheus_is_asked_few_things_at_once_by_all_investigations(tmp_path: Path):
    """Others ask it, too, and it answers twenty at once."""
    rules = [str(httpx.URL("http://p/graph", params={"g0.expr": f"queue_{n} > 1"})) for n in range(3)]
    labels = {"pod": "shop-7d9f8b6c5-x2x4z", "namespace": "prod", "job": "postgres", "instance": "10.0.0.1:9"}
    told = case("shop", runtime="kubernetes", labels=labels, alerts=[alert(generator_url=rule) for rule in rules])
    with fake_prometheus() as prometheus:
        prometheus.slow_seconds = 0.03
        async with sources(tmp_path, prometheus_url=prometheus.url, source_timeout_seconds=20) as opened:
            await asyncio.gather(*(first(opened, "prometheus", told) for _ in range(2)))
    assert 1 < prometheus.most_at_once <= AT_ONCE
    assert len(prometheus.requests) > 2 * AT_ONCE
