"""Where containers have no limit, the machine's memory is theirs; one with room of its own is not short of it."""

import pytest

from agent_graph.analysts.rules.reading import read
from agent_graph.analysts.rules.signatures.memory_pressure import match
from agent_graph.sources.machine_memory import machine_memory
from tests.agent_graph.cases import case, metric
from tests.agent_graph.test_metric_shapes import always, series

# name: the container's limit, the machine's share in use, whether memory is short
USED: dict[str, tuple[float | None, float, bool]] = {
    "no limit, the machine is full": (None, 0.97, True),
    "no limit, the machine has room": (None, 0.5, False),
    "far from its own limit": (40.0, 0.97, False),
}


@pytest.mark.parametrize("name", USED)
def test_the_machine_is_the_limit_of_what_has_none(name: str):
    limit, used, short = USED[name]
    own = metric("memory", 2.0, 2.0, 8.0, 9.5, label="E1", limit=limit)
    machine = metric("host_memory", 0.4, 0.4, 0.8, used, label="E2", limit=1.0)
    found = match(read(case(), [own, machine]))
    notes = {c.note for c in found.supporting} if found is not None else set[str]()
    assert notes == ({"close to its limit", "it grew"} if short else set())


# What is measured of 100 bytes: the share that is used, and the share that is cache, where that decides.
ROOM: dict[str, tuple[dict[str, float], list[float]]] = {
    "what the kernel says": ({"MemAvailable": 40, "MemFree": 5}, [0.6]),
    "what the kernel takes for used": ({"MemAvailable": 10, "zfs_arc_size": 60}, [0.3, 0.6]),
    "no count of the kernel's": ({"MemFree": 5, "Cached": 30, "Buffers": 5}, [0.6, 0.35]),
    "files kept in memory alone": ({"MemFree": 5, "Cached": 30, "Shmem": 25}, [0.9, 0.05]),
    "nothing but what is free": ({"MemFree": 5}, []),
}


@pytest.mark.parametrize("name", ROOM)
def test_what_is_given_back_is_not_used(name: str):
    measured, shares = ROOM[name]
    names = {key: f"node_{key}" if key.startswith("zfs") else f"node_memory_{key}_bytes" for key in measured}
    mine = {names[key]: [series(names[key], always(value))] for key, value in measured.items()}
    mine["node_memory_MemTotal_bytes"] = [series("node_memory_MemTotal_bytes", always(100))]
    assert [round(one.series[0].last, 2) for one in machine_memory(mine)] == shares
