"""A way that takes small packets only lets connections open; who measures that says why nothing is acknowledged."""

from datetime import timedelta

import pytest

from agent_graph.analysts.rules.facts import Facts, LogLine
from agent_graph.analysts.rules.signatures.network_error import match
from tests.agent_graph.cases import BEGAN, case

LARGE = "peer=east ping size=1392 df=1 loss=100% (ping size=1344 df=1 loss=0%) wg-east mtu=1420"
NEEDED = "ICMP frag needed from 10.0.0.1, mtu=1400"
LINK = "pppoe0: link up, MTU 1452 (negotiated)"


def _line(text: str, minutes: float, level: str = "info") -> LogLine:
    return LogLine("E2", text, text, level, BEGAN + timedelta(minutes=minutes), 1)  # pyright: ignore[reportArgumentType]


# name: what is said besides and how many minutes after it began; what of it is cited
SIZES: dict[str, tuple[list[tuple[str, float]], list[str]]] = {
    "large pings are lost since a link changed": ([(LINK, -2), (LARGE, 1)], [LARGE, LINK]),
    "a router says so": (
        [("ICMP frag needed from 10.0.0.1, mtu=1400", 1)],
        ["ICMP frag needed from 10.0.0.1, mtu=1400"],
    ),
    "they arrive": ([(LINK, -2), (LARGE.replace("loss=100%", "loss=0%"), 1)], []),
    "they were lost long before": ([(LARGE, -50)], []),
    "only the link changed": ([(LINK, -2)], []),
}


@pytest.mark.parametrize("name", SIZES)
def test_a_way_that_takes_small_packets_only_is_told(name: str):
    besides, cited = SIZES[name]
    stalled = _line("write stalled, 0 bytes acked: i/o timeout", 0, "error")
    finding = match(Facts(case(), lines=[stalled], around=[_line(*one) for one in besides]))
    assert finding is not None
    assert [c.quote for c in finding.supporting if c.quote != stalled.text] == cited
    assert ("large packets are lost" in finding.statement) is bool(cited)
