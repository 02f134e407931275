"""The slow log of the server that a target waits for tells why its pool is full; old entries tell nothing."""

from dataclasses import replace
from datetime import timedelta

import pytest

from agent_graph.analysts.rules.facts import Facts, LogLine, Monitor
from agent_graph.analysts.rules.signatures.slow_query import match
from tests.agent_graph.cases import BEGAN, case

DOWN = Monitor("E3", "down", 3, 30, ["down"], BEGAN, None, ["2026-11-21 03:09:00 down 48000 ms timeout"])
# seconds of a statement, when it was noted (minutes after the alert), whether the target is down; is it told
NOTED: dict[str, tuple[str, float, bool, bool]] = {
    "long, since then": ("29.775125", 1, True, True),
    "short": ("1.2", 1, True, False),
    "long, long before": ("29.775125", -60, True, False),
    "long, and nobody suffers": ("29.775125", 1, False, False),
    "no number": ("....", 1, True, False),
}


@pytest.mark.parametrize("name", NOTED)
def test_what_the_server_noted_as_slow_as_it_began_explains_a_full_pool(name: str):
    seconds, after, down, told = NOTED[name]
    text = f"# Query_time: {seconds}  Lock_time: 0.000004 Rows_sent: 12  Rows_examined: 9847995"
    line = LogLine("E2", f"at [shop-02] {text}", text, None, BEGAN + timedelta(minutes=after), 4, "shop-02")
    finding = match(replace(Facts(case()), around=[line], monitor=DOWN if down else None))
    assert (finding is not None) == told
    if finding is not None:
        assert "connection_exhaustion" in finding.explains
        assert "9847995" in finding.statement
