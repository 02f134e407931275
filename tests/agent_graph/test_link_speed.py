"""A link that came up slower is told with what fails over it; one that is down, or as fast as ever, is not."""

from datetime import timedelta

import pytest

from agent_graph.analysts.rules.context.link_speed import slower_in_words, slower_link
from agent_graph.analysts.rules.facts import Facts, LogLine, Metric
from agent_graph.analysts.rules.signatures.network_error import match
from tests.agent_graph.cases import BEGAN, case

SPEED = 'node_network_speed_bytes{device="eth0"}'
UP = "igb 0000:07:00.0 eth0: NIC Link is Up 100 Mbps Half Duplex"
FAILS = "write tcp 10.0.0.1:9000: i/o timeout"
LATE = BEGAN + timedelta(minutes=2)
FAST, SLOW = [1.25e8] * 8, [1.25e7] * 8
# what is measured, its values, and whether a link runs slower
LINKS: dict[str, tuple[str, list[float], bool]] = {
    "a tenth of it": (SPEED, [*FAST, *SLOW], True),
    "as the switch calls it": ('ifHighSpeed{ifName="eth0"}', [*[1000.0] * 8, *[100.0] * 8], True),
    "as fast as ever": (SPEED, [*FAST, *FAST], False),
    "faster": (SPEED, [*SLOW, *FAST], False),
    "down": (SPEED, [*FAST, *[-125000.0] * 8], False),
    "slow for a moment": (SPEED, [*FAST, *SLOW[:4], *FAST[:4]], False),
    "no speed of a link": ('node_network_transmit_bytes:rate1m{device="eth0"}', [*FAST, *SLOW], False),
}


def _facts(name: str) -> Facts:
    line, values, _ = LINKS[name]
    points = [(BEGAN.timestamp() + 60 * (n - 8), value) for n, value in enumerate(values)]
    late = LATE
    told = [LogLine("E2", UP, UP, None, BEGAN, 1), LogLine("E2", FAILS, FAILS, "error", late, 1)]
    return Facts(case(), metrics=[Metric("E1", "other", f"{line}: it fell", points, None, BEGAN)], lines=told)


@pytest.mark.parametrize("name", LINKS)
def test_a_link_that_runs_slower_stands_behind_connections_that_fail(name: str):
    facts = _facts(name)
    assert bool(slower_link(facts, LATE)) == bool(slower_in_words(facts, LATE)) == LINKS[name][-1]
    found = match(facts)
    assert found is not None
    assert (UP in found.statement) == LINKS[name][-1]
    assert (found.strength == "strong") == LINKS[name][-1]


@pytest.mark.parametrize(("minutes", "why"), [(-20, False), (-3, True), (12, True), (40, False), (120, False)])
def test_a_link_is_no_reason_for_what_begins_to_fail_long_after(minutes: int, why: bool):
    """Or before it: -3 minutes are the time between two measurements."""
    assert bool(slower_link(_facts("a tenth of it"), BEGAN + timedelta(minutes=minutes))) == why


def test_without_a_first_failure_no_link_is_its_reason():
    assert slower_link(_facts("a tenth of it"), None) == []
