"""Nobody answers since the way there was changed: that is the network, though no log complains; a refusal is not."""

from dataclasses import replace
from datetime import timedelta

import pytest

from agent_graph.analysts.rules.analyst import analyse
from agent_graph.analysts.rules.blocked import blocked
from agent_graph.analysts.rules.facts import Facts, LogLine, Sign
from agent_graph.analysts.rules.reading import read
from agent_graph.analysts.rules.signatures.ways_lost import ways_lost
from agent_graph.sources.changes import evidence_of as changes_of
from tests.agent_graph.cases import BEGAN, case, container, down, history, monitor, up

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


CHAINS = "driver failed programming external connectivity: iptables: No chain/target/match by that name"
DEAF = "ERROR write to https://tsdb.example failed: dial tcp 10.40.0.9:8086: i/o timeout"
# name: what another of its machine says, what was changed as the probe failed, does it run, is the network at fault
UNREACHED: dict[str, tuple[str, str, bool, bool]] = {
    "the engine misses its chains": (CHAINS, "monthly report enabled", True, True),
    "a neighbour hears nothing since the firewall began anew": (DEAF, "firewalld 2.1.1-2 (restarted)", True, True),
    "a neighbour hears nothing": (DEAF, "monthly report enabled", True, False),
    "the firewall began anew": ("INFO flushed 400 points", "firewalld 2.1.1-2 (restarted)", True, False),
    "it ended itself": (CHAINS, "firewalld 2.1.1-2 (restarted)", False, False),
}


@pytest.mark.parametrize("name", UNREACHED)
def test_what_runs_and_is_not_reached_misses_its_machines_ways(name: str):
    said, summary, runs, lost = UNREACHED[name]
    change = LogLine("E5", summary, summary, None, BEGAN, 1)
    line = LogLine("E4", f"[dockerd] {said}", said, "error" if "flushed" not in said else "info", BEGAN, 1, "dockerd")
    state = container(Running=runs, label="E1")
    (seen,) = read(case(), [state]).containers
    probe = Sign("E3", "prometheus", "trouble", "strong", "probe_success: 1 → 0", "probe", BEGAN, "")
    found = ways_lost(Facts(case(), containers=[seen], around=[line], signs=[probe], changes=[change]))
    assert (found is not None) == lost


@pytest.mark.parametrize("name", UNREACHED)
def test_our_own_check_sees_as_well_that_it_is_not_reached(name: str):
    said, summary, runs, lost = UNREACHED[name]
    at = BEGAN + timedelta(minutes=1)
    change = LogLine("E5", summary, summary, None, BEGAN, 1)
    line = LogLine("E4", f"[dockerd] {said}", said, "error" if "flushed" not in said else "info", at, 1, "dockerd")
    # A proxy answers the check: it says 502, and not that nobody is reached.
    failing = monitor(*(down("HTTP 502", minutes_ago=n, code=502) for n in range(1, 9)), up(minutes_ago=10))
    facts = read(case(monitor=failing), [container(Running=runs, label="E1"), history(failing, "E6")])
    assert facts.monitor is not None
    assert facts.monitor.down
    found = ways_lost(replace(facts, around=[line], changes=[change]))
    assert (found is not None) == lost


# name: the sender, the prefix of the rule, minutes after it began, whether it is a way of ours that was closed
PACKETS: dict[str, tuple[str, str, int, bool]] = {
    "a peer's": ("10.40.0.11", "nft-drop: ", -3, True),
    "somebody's of the internet": ("45.148.10.2", "[UFW BLOCK] ", -3, False),
    "dropped at all times": ("10.40.0.11", "[UFW BLOCK] ", -55, False),
    "let through, and counted": ("10.40.0.11", "vrrp-seen: ", -3, False),
}


@pytest.mark.parametrize("name", PACKETS)
def test_a_firewall_says_which_way_it_has_closed(name: str):
    sender, prefix, minutes, closed = PACKETS[name]
    text = f"{prefix}IN=ens18 OUT= MAC=01:00:5e SRC={sender} DST=224.0.0.18 LEN=40 TTL=255 ID=771 PROTO=112"
    line = LogLine("E2", text, text, None, BEGAN + timedelta(minutes=minutes), 1)
    facts = Facts(case(), lines=[line], heard_since=BEGAN - timedelta(hours=1))
    assert (blocked(facts) == [line]) is closed


def test_whoever_tries_many_doors_is_no_way_of_ours():
    packets = [f"[UFW BLOCK] IN=eth0 OUT= SRC=10.0.9.9 DST=10.0.5.20 LEN=60 PROTO=TCP SPT=4 DPT={n}" for n in range(9)]
    lines = [LogLine("E2", text, text, None, BEGAN, 1) for text in packets]
    assert blocked(Facts(case(), lines=lines, heard_since=BEGAN - timedelta(hours=1))) == []
