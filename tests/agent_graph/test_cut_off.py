"""Who is cut off: a resolver is the least of what it does not reach; and those who miss each other by a firewall."""

from datetime import timedelta

import pytest

from agent_graph.analysts.rules.analyst import analyse
from agent_graph.analysts.rules.facts import Facts, LogLine, Sign
from agent_graph.analysts.rules.signatures.walled_off import walled_off
from backend.investigation.kinds import Category
from tests.agent_graph.cases import BEGAN, alert, case, down, history, logs, monitor

NAMES = "ERROR lookup ledger.shop.svc on 10.96.0.2:53: read udp 10.9.4.3:40112->10.96.0.2:53: i/o timeout"
STORE, QUEUE = "ERROR dial tcp 10.9.1.7:5432: i/o timeout", "ERROR dial tcp 10.9.2.8:4222: connect: no route to host"
GONE = "ERROR lookup ledger.shop.svc on 10.96.0.2:53: no such host"

# name: what it says, the category
SAID: dict[str, tuple[tuple[str, ...], Category]] = {
    "it reaches nobody": ((STORE, NAMES, QUEUE), "network_error"),
    "names alone": ((NAMES, NAMES), "dns_failure"),
    "one other alone": ((STORE, NAMES, STORE), "dns_failure"),
    "the resolver answers": ((STORE, NAMES, QUEUE, GONE), "dns_failure"),
    "others refuse, and so are reached": (
        (STORE.replace("i/o timeout", "connect: connection refused"), NAMES, NAMES),
        "dns_failure",
    ),
}


@pytest.mark.parametrize("name", SAID)
def test_who_reaches_nobody_is_cut_off(name: str):
    said, wanted = SAID[name]
    found = monitor(down("HTTP 500", minutes_ago=1), down("HTTP 500", minutes_ago=2))
    draft = analyse(case(monitor=found, alerts=[alert()]), [logs(*said), history(found, "E5")])
    assert draft.category == wanted


DENIED = "%SEC-6-IPACCESSLOGP: list RACKS denied tcp 10.4.0.1(51120) -> 10.4.1.1(7946), 1 packet"
ASA = '%ASA-4-106023: Deny tcp src a:10.4.0.1/51120 dst b:10.4.1.1/7946 by access-group "racks"'
LARGE = (
    "kernel: [drop icmp] IN=wg1 OUT=br0 SRC=10.4.0.1 DST=10.4.1.1 LEN=576 PROTO=ICMP TYPE=3 CODE=4"
    " [SRC=10.4.1.1 DST=10.4.9.9 LEN=1500 DF PROTO=TCP SPT=4 DPT=5] MTU=1420"
)
PINGS = "kernel: [drop icmp] IN=wg1 OUT=br0 SRC=10.4.0.1 DST=10.4.1.1 LEN=84 PROTO=ICMP TYPE=8 CODE=0"
OUTSIDE = DENIED.replace("10.4.0.1", "192.0.2.44")
SUSPECT = "memberlist: Marking 10.4.1.1 as failed, suspect timeout reached"

# name: what the switch says, what is said of its end, whether something is measured to be wrong, is it the network
DROPS: dict[str, tuple[str, str, bool, bool]] = {
    "a switch denies, a member misses": (DENIED, SUSPECT, True, True),
    "a firewall denies, a member misses": (ASA, SUSPECT, True, True),
    "what is too large is told in vain": (LARGE, "INFO 6 members", True, True),
    "pings are dropped": (PINGS, "INFO 6 members", True, False),
    "nobody misses it": (DENIED, "memberlist: 6 members alive", True, False),
    "another is missed": (DENIED, SUSPECT.replace("10.4.1.1", "10.4.1.12"), True, False),
    "a stranger is turned away": (OUTSIDE, SUSPECT, True, False),
    "nothing is wrong": (DENIED, SUSPECT, False, False),
}


@pytest.mark.parametrize("name", DROPS)
def test_what_a_firewall_drops_counts_where_its_end_is_missed(name: str):
    denied, said, wrong, network = DROPS[name]
    lines = [LogLine("E1", text, text, "info", BEGAN, 3) for text in (denied, said)]
    signs = [Sign("E2", "prometheus", "trouble", "strong", "errors: 0 → 9", "errors", BEGAN, "")] if wrong else []
    facts = Facts(case(), lines=lines, signs=signs, heard_since=BEGAN - timedelta(minutes=30))
    assert (walled_off(facts) is not None) == network
