"""Full by design, a forecast of a rise that has passed, who fills a store: told where they are so, and nowhere else."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from agent_graph.analysts.rules.context.whys import with_whys
from agent_graph.analysts.rules.facts import Facts, LogLine, Metric
from agent_graph.analysts.rules.finding import Finding
from agent_graph.analysts.rules.well.forecasts import forecast_passed
from agent_graph.analysts.rules.well.full_by_design import with_design
from backend.investigation.kinds import AlertFact, Citation
from tests.agent_graph.cases import BEGAN, alert, case


def _metric(role: str, line: str, *values: float, limit: float | None = None) -> Metric:
    start = BEGAN - timedelta(hours=1)
    points = [((start + timedelta(minutes=6 * n)).timestamp(), value) for n, value in enumerate(values)]
    return Metric("E3", role, f"{line}: {values[0]:g} → {values[-1]:g}", points, limit, None)


def _line(message: str, *, speaker: str = "", minutes: float = 20, count: int = 1) -> LogLine:
    at = BEGAN - timedelta(minutes=minutes)
    return LogLine("E5", f"{at:%H:%M:%S} {message}", message, None, at, count, speaker)


def _facts(one: AlertFact, *metrics: Metric, **more: Any) -> Facts:
    return Facts(case=case(alerts=[one]), alert=Citation(evidence="E1", quote=one.name), metrics=list(metrics), **more)


def _alert(name: str, summary: str, **labels: str) -> AlertFact:
    return alert(name=name, labels=labels, annotations={"summary": summary})


FILLS = _alert(
    "NodeFilesystemSpaceFillingUp", "is predicted to run out of space within the next 24 hours", mountpoint="/srv"
)
FULL = _alert("HostOutOfDiskSpace", "Disk is almost full", mountpoint="/srv")
CLAIM = _alert("VolumeForecast", "At this rate the volume overflows", persistentvolumeclaim="data-0")
SRV, ROOT = 'avail{mountpoint="/srv"}', 'avail{mountpoint="/"}'
PASSED = (0.4, 0.4, 0.41, 0.5, 0.6, 0.7, 0.72, 0.41, 0.4, 0.4)
RISING = (0.4, 0.4, 0.41, 0.45, 0.5, 0.55, 0.6, 0.64, 0.7, 0.74)
FLAT = (0.4,) * 10

# name: the alert, what is measured, whether it is good news
FORECASTS: dict[str, tuple[AlertFact, Metric, bool]] = {
    "a dump that was removed": (FILLS, _metric("disk", SRV, *PASSED, limit=1.0), True),
    "a copy on a volume": (CLAIM, _metric("disk", 'used{persistentvolumeclaim="data-0"}', *PASSED, limit=1.0), True),
    "it rises still": (FILLS, _metric("disk", SRV, *RISING, limit=1.0), False),
    "half of it stayed": (FILLS, _metric("disk", SRV, *PASSED[:7], 0.6, 0.58, 0.56, limit=1.0), False),
    "it never rose": (FILLS, _metric("disk", SRV, *FLAT, limit=1.0), False),
    "it came back to nearly full": (FILLS, _metric("disk", SRV, *(0.5 + v * 0.65 for v in PASSED), limit=0.8), False),
    "of another place": (FILLS, _metric("disk", ROOT, *PASSED, limit=1.0), False),
    "no forecast": (FULL, _metric("disk", SRV, *PASSED, limit=1.0), False),
}


@pytest.mark.parametrize("name", FORECASTS)
def test_a_forecast_through_a_rise_that_passed_is_good_news(name: str):
    one, metric, well = FORECASTS[name]
    found = forecast_passed(_facts(one, metric), [])
    assert (found is not None) == well
    assert found is None or ("72%" in found.statement and found.supporting[0].quote == metric.line)


MEMORY = _alert("StoreMemoryHigh", "memory used is above 90 % of what may be used")
SLOW = _alert("StoreSlow", "answers take 2 s")
LRU = _metric("other", 'redis_instance_info{maxmemory_policy="volatile-lfu"}', 1, 1, 1, 1)
NONE = _metric("other", 'redis_instance_info{maxmemory_policy="noeviction"}', 1, 1, 1, 1)
EVICTED = _metric("evictions", "store_evicted_items_total", 0, 1, 3, 4)
WELL = _metric("up", "up", 1, 1, 1, 1, 1)
MISSES = _metric("other", "store_misses_total", 10, 11, 30, 40)
POLICY = _line("storage policy discard=old max_bytes=10GiB")

# name: the alert, what is measured, more facts, whether good news tells so
DESIGNS: dict[str, tuple[AlertFact, tuple[Metric, ...], dict[str, Any], bool]] = {
    "a cache": (MEMORY, (LRU, EVICTED, WELL), {}, True),
    "a stream that drops the oldest": (MEMORY, (EVICTED, WELL), {"lines": [POLICY]}, True),
    "what always does": (MEMORY, (_metric("evictions", "memcached_items_evicted_total", 0, 1, 3, 4), WELL), {}, True),
    "it refuses instead": (MEMORY, (NONE, EVICTED, WELL), {}, False),
    "nobody says that it makes room": (MEMORY, (EVICTED, WELL), {}, False),
    "its readers miss more": (MEMORY, (LRU, EVICTED, WELL, MISSES), {}, False),
    "the alert is of something else": (SLOW, (LRU, EVICTED, WELL), {}, False),
    "writers are turned away": (MEMORY, (LRU, WELL), {"lines": [_line("OOM command not allowed")]}, False),
}


@pytest.mark.parametrize("name", DESIGNS)
def test_good_news_tells_what_makes_room_by_itself(name: str):
    one, metrics, more, well = DESIGNS[name]
    noise = Finding("healthy", "web is healthy.", [], "strong")
    told = with_design(noise, _facts(one, *metrics, **more))
    assert ("evicting the old" in told.statement) == well
    assert bool(told.supporting) == well


WRITES = _line("thumbnail cached key=thumb:881 bytes=48211", speaker="gallery", count=40)
READS = _line("GET /cart 200 size=881", speaker="cart", count=90)
FLAG = _line("flag preview-cache: turned on for 100 %", minutes=50)
DEBUG = _line("config gallery: LOG_LEVEL=debug", minutes=600)
TEXT = _line("deploy shop: new banner", minutes=20)
OLD = _line("flag preview-cache: turned on for 100 %", minutes=600)

# name: what neighbours say, what was changed, what is told (empty: nothing)
WRITERS: dict[str, tuple[tuple[LogLine, ...], tuple[LogLine, ...], tuple[str, ...]]] = {
    "a neighbour that stores": ((WRITES, READS), (), ("gallery writes into it: thumbnail cached",)),
    "and what was changed of it": ((WRITES,), (DEBUG, TEXT), ("gallery writes into it", "LOG_LEVEL=debug")),
    "what was turned on": ((READS,), (FLAG, TEXT), ("Changed before it: flag preview-cache",)),
    "turned on long before": ((READS,), (OLD,), ()),
    "only readers, and other changes": ((READS,), (TEXT,), ()),
}


@pytest.mark.parametrize("name", WRITERS)
def test_who_fills_a_store_is_told(name: str):
    around, changes, wanted = WRITERS[name]
    finding = Finding("memory_pressure", "web is short of memory.", [], "strong", onset=BEGAN)
    told = with_whys(finding, Facts(case=case(), around=list(around), changes=list(changes))).statement
    assert all(word in told for word in wanted)
    assert wanted or told == finding.statement


def test_the_time_of_the_top_of_a_rise_is_told_in_universal_time():
    found = forecast_passed(_facts(FILLS, _metric("disk", SRV, *PASSED, limit=1.0)), [])
    top = datetime.fromtimestamp((BEGAN - timedelta(minutes=24)).timestamp(), UTC)
    assert found is not None
    assert f"at {top:%H:%M} and back" in found.statement
