"""What is first seen long after the alert is no cause of it; unless it is proven, or nothing else may be."""

from datetime import timedelta

import pytest

from agent_graph.analysts.rules.context.afterwards import ranked_in_time
from agent_graph.analysts.rules.finding import Finding, Strength
from backend.investigation.kinds import Confidence
from tests.agent_graph.cases import BEGAN, alert, case

DISK = Finding("disk_pressure", "The disk is full.", [], "strong")

# Minutes from the alert to a statement that explains replicas that are behind, how strong, how sure the disk is:
# what leads.
LATE: dict[str, tuple[float, Strength, Confidence, str]] = {
    "began after it": (12, "strong", "likely", "disk_pressure"),
    "began before it": (-3, "strong", "likely", "slow_query"),
    "began with it": (3, "strong", "likely", "slow_query"),
    "proven": (12, "proof", "likely", "slow_query"),
    "nothing else is likely": (12, "strong", "possible", "slow_query"),
}


@pytest.mark.parametrize("name", LATE)
def test_what_began_after_the_alert_comes_last(name: str):
    minutes, strength, sure, leads = LATE[name]
    statement = Finding("slow_query", "A statement runs.", [], strength, onset=BEGAN + timedelta(minutes=minutes))
    behind = Finding("replication_lag", "A slot holds the log.", [], "strong")
    told = case(alerts=[alert()])
    findings: list[tuple[Finding, Confidence]] = [(DISK, sure), (statement, "likely"), (behind, "possible")]
    assert ranked_in_time(findings, told)[0].finding.category == leads
