"""Who measures a way with large packets tells why what is written hangs, though nobody speaks of connections."""

from datetime import timedelta

import pytest

from agent_graph.analysts.rules.context.packet_sizes import of_size
from agent_graph.analysts.rules.facts import Facts, LogLine, Sign
from agent_graph.analysts.rules.signatures.network_error import match
from tests.agent_graph.cases import BEGAN, case

LOST = "pathcheck: fas1 df=1 payload=8972 sent 20 lost 20 (100%)"
STALLED = "kernel: nfs: server fas1 not responding, still trying"


def _line(text: str, minutes: float) -> LogLine:
    return LogLine("E2", text, text, "info", BEGAN + timedelta(minutes=minutes), 1)


# name: when they were lost, is its state in trouble, is the way said to be it
MEASURED: dict[str, tuple[list[float], bool, bool]] = {
    "since it began": ([1, 3], True, True),
    "they always are": ([-50, 1, 3], True, False),
    "nothing is wrong": ([1, 3], False, False),
    "they arrive": ([], True, False),
}


@pytest.mark.parametrize("name", MEASURED)
def test_large_packets_that_are_lost_since_it_began_are_why(name: str):
    minutes, bad, found = MEASURED[name]
    signs = [Sign("E3", "prometheus", "trouble", "strong", "writes: 9 → 0", "writes", BEGAN, "")] if bad else []
    told = Facts(case(), around=[_line(STALLED, 1), *(_line(LOST, at) for at in minutes)], signs=signs)
    finding = match(told)
    assert (finding is not None and LOST in finding.statement) is found


@pytest.mark.parametrize(
    ("text", "large"),
    [
        (LOST, True),
        ("$ ping -M do -s 1472 -c 5 10.1.0.9: 5 packets transmitted, 0 received, 100% packet loss", True),
        ("mtu-probe dst=leaf4 bytes=9000 lost=20/20", True),
        ("peer=east size: 1392 loss=100.0%", True),
        ("mtu-probe dst=leaf4 bytes=9000 lost=2/20", False),
        ("pathcheck: fas1 df=1 payload=64 sent 20 lost 20 (100%)", False),
        ("ping -s 56 10.1.0.9: 5 packets transmitted, 0 received, 100% packet loss", False),
        ("pathcheck: fas1 df=1 payload=8972 sent 20 lost 0 (0%)", False),
    ],
)
def test_only_large_packets_say_that_the_way_takes_small_ones(text: str, large: bool):
    assert of_size(_line(text, 0)) is large
