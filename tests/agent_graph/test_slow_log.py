"""The slow log of the server that a target waits for tells why its pool is full; old entries tell nothing."""

from dataclasses import replace
from datetime import timedelta

import pytest

from agent_graph.analysts.rules.facts import Facts, LogLine, Monitor
from agent_graph.analysts.rules.platform import find
from agent_graph.analysts.rules.ranking import rank
from agent_graph.analysts.rules.signatures.connection_exhaustion import SIGNATURE as CONNECTIONS
from agent_graph.analysts.rules.signatures.slow_query import SIGNATURE as SLOW_QUERY
from agent_graph.analysts.rules.signatures.slow_query import match
from backend.investigation.kinds import Citation
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


SCAN = (
    '{"msg":"Slow query","attr":{"ns":"shop.items","planSummary":"COLLSCAN",'
    '"docsExamined":8124391,"durationMillis":5699}}'
)
FEW = SCAN.replace("8124391", "12")
SHORT = SCAN.replace("5699", "310")
ALERT = Citation(evidence="E1", quote="ErrorRatio (firing)")
FULL = "QueuePool limit of size 10 overflow 5 reached, connection timed out"
# what the server noted, what the target says of itself; is it told, and is the statement slow by itself
SAID: dict[str, tuple[str, str, bool, bool]] = {
    "it reads everything, and the pool is full": (SCAN, FULL, True, True),
    "it reads little: it may wait itself": (FEW, FULL, True, False),
    "it was quick": (SHORT, FULL, False, False),
    "the target says nothing of waiting": (SCAN, "TypeError: x is not a function", False, False),
}


@pytest.mark.parametrize("name", SAID)
def test_a_statement_that_reads_very_many_rows_is_why_others_wait_and_not_the_other_way_round(name: str):
    noted, said, told, by_itself = SAID[name]
    lines = [LogLine("E2", f"[db] {noted}", noted, "info", BEGAN, 9, "db")]
    own = [LogLine("E3", said, said, "error", BEGAN + timedelta(seconds=20), 9)]
    facts = Facts(case(), lines=own, around=lines, alert=ALERT)
    found = [finding for one in (SLOW_QUERY, CONNECTIONS) if (finding := find(one, facts))]
    slow = next((finding for finding in found if finding.category == "slow_query"), None)
    assert (slow is not None) == told
    assert slow is None or slow.rooted == by_itself
    leads = rank([(finding, "likely") for finding in found])[0].finding.category if found else ""
    assert not by_itself or leads == "slow_query"


def test_an_index_that_went_before_what_another_server_notes_is_told():
    drop = "maintenance db: ALTER TABLE item DROP INDEX ix_seller"
    noted = [LogLine("E2", f"[db] {SCAN}", SCAN, "info", BEGAN + timedelta(minutes=at), 1, "db") for at in range(1, 8)]
    own = [LogLine("E3", FULL, FULL, "error", BEGAN + timedelta(minutes=2), 9)]
    change = LogLine("E4", drop, drop, None, BEGAN, 1)
    found = match(Facts(case(), lines=own, around=noted, changes=[change], alert=ALERT))
    assert found is not None
    assert "ix_seller" in found.statement
    assert "shop.items" in found.statement
