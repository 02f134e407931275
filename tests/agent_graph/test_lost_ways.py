"""Nobody answers since the way there was changed: that is the network, though no log complains; a refusal is not."""

import pytest

from agent_graph.analysts.rules.analyst import analyse
from agent_graph.sources.changes import evidence_of as changes_of
from tests.agent_graph.cases import BEGAN, case, down, history, monitor

TIMED_OUT = "dial tcp 192.0.2.71:443: connect: connection timed out"

# name: what the check says, what was changed as it began, whether the network is at fault
LOST: dict[str, tuple[str, str, bool]] = {
    "a firewall was loaded anew": (TIMED_OUT, "nftables rules reloaded on gate-1", True),
    "a security group was changed": (TIMED_OUT, "security group sg-web: inbound rules replaced", True),
    "nothing of the way was changed": (TIMED_OUT, "monthly report enabled", False),
    "it is refused": ("connection refused", "nftables rules reloaded on gate-1", False),
}


@pytest.mark.parametrize("name", LOST)
def test_packets_that_vanish_since_a_change_of_the_way_are_the_networks(name: str):
    error, summary, lost = LOST[name]
    failing = monitor(down(error), down(error, minutes_ago=10))
    told = case("web", source_type="monitor", monitor=failing)
    rows = [{"ts": BEGAN.isoformat(), "kind": "config", "target": "gate-1", "summary": summary}]
    changed = changes_of(told, rows, "changes")[0].model_copy(update={"label": "E5"})
    draft = analyse(told, [history(failing), changed])
    assert ((draft.verdict, draft.category) == ("incident", "network_error")) == lost
