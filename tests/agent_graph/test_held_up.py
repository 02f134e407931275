"""What a server's slow log names as it stops answering in time, and who sent it."""

from datetime import timedelta

import pytest

from agent_graph.analysts.rules.context.held_up import held_up, seconds
from agent_graph.analysts.rules.facts import Facts, LogLine
from agent_graph.analysts.rules.finding import Finding
from backend.investigation.kinds import Category, Citation
from tests.agent_graph.cases import NOW, alert, case

SLOWLOG = 'slowlog duration_us=2393451 cmd="SMEMBERS carts" name=cart-report'
# the line, how long ago it was first noted, how often, what is wrong, whether it is told
TABLE: dict[str, tuple[str, float, int, Category, bool]] = {
    "as it began": (SLOWLOG, 20, 12, "dependency_failure", True),
    "another server": ("slow query: took 4.2 s: FT.SEARCH idx * from cart-report", 20, 9, "network_error", True),
    "short": ('slowlog duration_us=12040 cmd="GET cart:1" name=cart-report', 20, 12, "dependency_failure", False),
    "no slow log": ("request took 4.2 s from cart-report", 20, 12, "dependency_failure", False),
    "once": (SLOWLOG, 20, 1, "dependency_failure", False),
    "always": (SLOWLOG, 59, 60, "dependency_failure", False),
    "long after": (SLOWLOG, 9, 9, "dependency_failure", False),
    "another trouble": (SLOWLOG, 20, 12, "disk_pressure", False),
}


@pytest.mark.parametrize("name", TABLE)
def test_what_holds_it_up_is_told(name: str):
    text, ago, count, category, told = TABLE[name]
    line = LogLine("E3", text, text, None, NOW - timedelta(minutes=ago), count, "cache-1")
    change = LogLine(
        "E5", "deploy cart-report: 2 -> 3", "deploy cart-report: 2 -> 3", None, NOW - timedelta(hours=0.4), 1
    )
    facts = Facts(
        case(alerts=[alert()]), around=[line], changes=[change], heard_since=NOW - timedelta(hours=1), heard_until=NOW
    )
    cites = [Citation(evidence="E2", quote="x")]
    finding = Finding(category, "It does not answer.", cites, "strong", onset=NOW - timedelta(minutes=19))
    why = " ".join(told for told, _ in held_up(finding, facts))
    assert bool(why) == told
    assert ("cart-report: 2 -> 3" in why) == told


@pytest.mark.parametrize(
    ("text", "long"),
    [
        ("SLOWLOG duration_us=2500000", 2.5),
        ("slow log: took 900 ms", 0.9),
        ('"msg":"slow operation","duration_ms": 1500', 1.5),
        ("slow query time: 3.5s", 3.5),
        ("slow query time: 35", 0.0),
        ("took 40 s", 0.0),
    ],
)
def test_how_long_it_took(text: str, long: float):
    assert seconds(LogLine("E1", text, text, None, NOW, 1)) == long
