"""Memory full of page cache is room; what is the container's own, kept in memory or killed for is not."""

from datetime import timedelta

import pytest

from agent_graph.analysts.rules.facts import Facts, Metric
from agent_graph.analysts.rules.well.page_cache import page_cache
from backend.investigation.kinds import Category
from tests.agent_graph.cases import BEGAN, alert, case

_GIB = 2.0**30


def _metric(name: str, *gib: float, role: str = "memory", limit: float | None = None) -> Metric:
    points = [((BEGAN - timedelta(minutes=9 - n)).timestamp(), value * _GIB) for n, value in enumerate(gib)]
    return Metric("E3", role, f'{name}{{name="web"}}: {gib[0]} → {gib[-1]}', points, limit, None)


_USAGE = _metric("container_memory_usage_bytes", 7.8, 7.8, limit=8 * _GIB)
_CACHE = _metric("container_memory_cache", 5.0, 5.0, role="other")


@pytest.mark.parametrize(
    ("beside", "likely", "well"),
    [
        ([_metric("container_memory_working_set_bytes", 3.0, 3.1)], [], True),
        ([_CACHE, _metric("container_memory_rss", 2.6, 2.7)], ["memory_pressure"], True),
        # Its own is near the limit, too; nothing tells what the rest is; it is kept; it was killed; it is not all.
        ([_metric("container_memory_working_set_bytes", 3.0, 7.5), _CACHE], [], False),
        ([_metric("container_memory_rss", 2.6, 2.7)], [], False),
        ([_CACHE, _metric("container_memory_rss", 2.6, 2.7), _metric("container_memory_shmem", 4, 4)], [], False),
        (
            [
                _metric("container_memory_working_set_bytes", 3.0, 3.1),
                _metric("container_oom_events_total", 0, 1, role="oom_events"),
            ],
            [],
            False,
        ),
        ([_metric("container_memory_working_set_bytes", 3.0, 3.1)], ["lock_contention"], False),
    ],
)
def test_cache_is_room(beside: list[Metric], likely: list[Category], well: bool) -> None:
    facts = Facts(case=case(), metrics=[_USAGE, *beside])
    assert (page_cache(facts, likely) is not None) == well


@pytest.mark.parametrize(
    ("used", "cached", "about", "swapped", "well"),
    [
        (0.13, 0.83, "HighMemoryUsage", 0, True),
        # Used itself, too; nothing is full; the alert is about something else; it puts memory out of the way.
        (0.83, 0.14, "HighMemoryUsage", 0, False),
        (0.13, 0.3, "HighMemoryUsage", 0, False),
        (0.13, 0.83, "HighLatency", 0, False),
        (0.13, 0.83, "HighMemoryUsage", 40, False),
    ],
)
def test_the_cache_of_a_machine_is_room(used: float, cached: float, about: str, swapped: float, well: bool) -> None:
    measured = {"host_memory": (used, 1.0), "host_cache": (cached, 1.0), "swapping": (swapped, None)}
    metrics = [Metric("E3", role, role, [(0, value)], limit, None) for role, (value, limit) in measured.items()]
    assert (page_cache(Facts(case=case(alerts=[alert(name=about)]), metrics=metrics), []) is not None) == well
