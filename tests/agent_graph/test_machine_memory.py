"""Where containers have no limit, the machine's memory is theirs; one with room of its own is not short of it."""

import pytest

from agent_graph.analysts.rules.reading import read
from agent_graph.analysts.rules.signatures.memory_pressure import match
from tests.agent_graph.cases import case, metric

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
