"""A neighbour that begins to complain with the trouble, again and again, is told; who always does, or once, is not."""

from dataclasses import replace
from datetime import timedelta

import pytest

from agent_graph.analysts.rules.context.beside import beside
from agent_graph.analysts.rules.facts import Facts, LogLine
from agent_graph.analysts.rules.finding import Finding
from agent_graph.logs.lines import Level
from tests.agent_graph.cases import BEGAN, case

# how often, minutes before it began, at which level, and whether it is told
HEARD: dict[str, tuple[int, float, Level, bool]] = {
    "again and again since": (20, 1, "warning", True),
    "twice": (2, 1, "error", False),
    "since the log begins": (20, 29, "error", False),
    "well after it began": (20, -8, "error", False),
    "no complaint": (20, 1, "info", False),
}


@pytest.mark.parametrize("name", HEARD)
def test_a_neighbours_complaint_that_began_with_it_is_told(name: str):
    count, before, level, told = HEARD[name]
    text = "store-3 paused for 8781 ms to collect"
    line = LogLine("E4", text, text, level, BEGAN - timedelta(minutes=before), count, "store-3")
    facts = replace(Facts(case()), around=[line], heard_since=BEGAN - timedelta(minutes=30))
    finding = Finding("slow_query", "reads are late", [], "strong", onset=BEGAN)
    found = list(beside(finding, facts))
    assert bool(found) == told
    assert not list(beside(replace(finding, supporting=[line.cite()]), facts))
