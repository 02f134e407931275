"""A party that a check lost as it began, and that a neighbour names, is what the target suffers from."""

from datetime import timedelta

import pytest

from agent_graph.analysts.rules.facts import Metric, Sign
from agent_graph.analysts.rules.probed import probed_down
from agent_graph.analysts.rules.reading import read
from tests.agent_graph.cases import BEGAN, case, logs

# name: the address that a check lost, minutes before it began, what a neighbour said, whether it is blamed
LOST: dict[str, tuple[str, float, str, bool]] = {
    "a directory": ("dc1.town.example:636", 12, "ERROR authenticating to LDAP dc1.town.example:636: refused", True),
    "a mail relay": ("https://relay.example/health", 1, "error: relay.example[192.0.2.7]:25: Connection refused", True),
    "nobody complains of it": ("dc1.town.example:636", 12, "ERROR something else failed", False),
    "lost hours before": ("dc1.town.example:636", 200, "ERROR dc1.town.example:636: refused", False),
    "the target's own": ("https://web.example/", 1, "ERROR upstream web.example: Connection refused", False),
}


@pytest.mark.parametrize("name", LOST)
def test_whom_a_check_lost_is_blamed_when_a_neighbour_names_it(name: str):
    address, minutes, words, blamed = LOST[name]
    said = logs(f"[sso] {words}")
    around = said.model_copy(update={"label": "E1", "data": {**said.data, "own": False}})
    facts = read(case(), [around])
    quote = f'probe_success{{instance="{address}", job="blackbox"}}: 1 → 0'
    at = BEGAN - timedelta(minutes=minutes)
    facts.signs.append(Sign("E2", "prometheus", "trouble", "strong", quote, "probe_success", at, quote))
    assert (probed_down(facts) is not None) == blamed


FULL = 'node_nf_conntrack_entries{instance="gw1:9100"}: 4000 → 65536, limit 65536'
STATES = {
    "asked": ('probe_success{instance="gw1:9100"}: 1 → 0', "probe", "", "which has not answered since"),
    "full": (FULL, "packet_table", "the kernel's table of connections is full", "the kernel's table of connections"),
    "measured only": (FULL, "other", "", "node_nf_conntrack_entries"),
}


@pytest.mark.parametrize("name", STATES)
def test_only_who_was_asked_has_not_answered(name: str):
    quote, role, means, stated = STATES[name]
    said = logs("[gw1] ERROR gw1 kernel: dropping packet")
    around = said.model_copy(update={"label": "E1", "data": {**said.data, "own": False}})
    facts = read(case(), [around])
    facts.metrics.append(Metric("E2", role, quote, [(0, 1.0), (60, 0.0)], None, BEGAN))
    facts.signs.append(Sign("E2", "prometheus", "trouble", "strong", quote, "m", BEGAN, quote))
    if means:
        facts.signs.append(Sign("E2", "prometheus", "network_error", "strong", quote, "m", BEGAN, means))
    found = probed_down(facts)
    assert found is not None
    assert stated in found.statement
    assert (role == "probe") == ("has not answered" in found.statement)
