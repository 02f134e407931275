"""What a conclusion tells besides what is wrong: what moved first, what else alerts, who ended it, who holds on."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from agent_graph.analysts.rules.context.witnesses import witnessed
from agent_graph.analysts.rules.facts import Facts, LogLine, Metric, Sign
from agent_graph.analysts.rules.finding import Finding
from backend.investigation.kinds import AlertFact, Category, Citation
from tests.agent_graph.cases import BEGAN, alert, case

EARLIER = BEGAN - timedelta(minutes=4)


def _metric(name: str, role: str, before: float, after: float, at: datetime = EARLIER) -> Metric:
    points = [((at + timedelta(minutes=m)).timestamp(), before if m < 0 else after) for m in range(-5, 6)]
    return Metric("E3", role, f"{name}: {before} → {after}", points, None, datetime.fromtimestamp(at.timestamp(), UTC))


def _sign(category: str, quote: str, means: str, source: str = "kubernetes", at: datetime = EARLIER) -> Sign:
    return Sign("E4", source, category, "weak", quote, "web", at, means)


def _alerts(*others: AlertFact) -> dict[str, Any]:
    alerts = [alert(), *others]
    return {"case": case(alerts=alerts), "alert": Citation(evidence="E1", quote="ContainerDown (firing, high)")}


KILLED = _sign("probe_failure", "Killing pod/web: failed liveness probe, will be restarted", "web: Killing")
FAILED = _sign("probe_failure", "Liveness probe failed: GET /full: timeout", "web: Liveness probe failed: GET /full")
READINESS = _sign("probe_failure", "Readiness probe failed: 503", "web: Readiness probe failed: 503")
CHANGE = _sign("bad_deploy", "config web: workers 4 -> 64", "config of web: workers 4 -> 64", "changes")
SLOT = _sign("replication_lag", "slot cdc: inactive", "replication slot cdc is not in use", "postgres")
LOSS = alert(name="PacketLoss", labels={"zone": "b"}, annotations={"summary": "9% of packets from a to b are lost"})
SAME = alert(name="PodNotReady", labels={"pod": "web-7f4b6c9d88-lw9zp"}, annotations={"summary": "web is not ready"})


def _said(speaker: str, message: str, minutes_before: float, level: Any = None) -> LogLine:
    return LogLine(
        "E5", f"[{speaker}] {message}", message, level, BEGAN - timedelta(minutes=minutes_before), 1, speaker
    )


def _heard(*lines: LogLine, changed: str = "") -> dict[str, Any]:
    at = BEGAN - timedelta(hours=12)
    changes = [LogLine("E7", f"at noon {changed}", changed, None, at, 1)] if changed else []
    return {"around": list(lines), "changes": changes, "heard_since": BEGAN - timedelta(minutes=20)}


BEGUN = _said("reconcile", "ledger-reconcile: starting, 64 at once", 3)
SCALER = _said("autoscaler", "failed to scale up group a: VcpuLimitExceeded", 3)
MACHINES = _said("capi", "cannot provision machine deployment: QuotaExceeded for cores", 3, "error")

# name: the category found, what else is known, what the conclusion says of it (empty: it says no more)
TOLD: dict[str, tuple[Category, dict[str, Any], str]] = {
    "what lies beneath it": ("network_error", {"metrics": [_metric("ping_loss_ratio", "other", 0, 0.2)]}, "ping_loss"),
    "the most moved": (
        "dependency_failure",
        {"metrics": [_metric("load1", "cpu", 2, 8), _metric("retrans", "other", 0.001, 0.1)]},
        "retrans",
    ),
    "the answers themselves say no more": ("network_error", {"metrics": [_metric("p99", "latency", 1, 9)]}, ""),
    "what moved long after": (
        "network_error",
        {"metrics": [_metric("load1", "cpu", 2, 8, BEGAN + timedelta(minutes=9))]},
        "",
    ),
    "what moved a little": ("network_error", {"metrics": [_metric("load1", "cpu", 2, 3)]}, ""),
    "another alert": ("dependency_failure", _alerts(LOSS), "packets from a to b"),
    "another alert of the target itself": ("dependency_failure", _alerts(SAME), ""),
    "the same alert twice": ("dependency_failure", _alerts(alert()), ""),
    "a check that ends it": ("restart_loop", {"signs": [KILLED, FAILED]}, "GET /full"),
    "a check that ends it since a deploy": ("bad_deploy", {"signs": [KILLED, FAILED]}, "GET /full"),
    "a check that only takes it out": ("restart_loop", {"signs": [READINESS]}, ""),
    "a change of its own": (
        "restart_loop",
        {"signs": [CHANGE], "changes": [LogLine("E4", CHANGE.quote, CHANGE.quote, None, EARLIER, 1)]},
        "workers 4 -> 64",
    ),
    "who keeps the log": ("disk_pressure", {"signs": [SLOT]}, "slot cdc"),
    "why no room is made": ("scheduling_failure", _heard(SCALER), "VcpuLimitExceeded"),
    "why no machine is made": ("scheduling_failure", _heard(MACHINES), "QuotaExceeded"),
    "who begins to use what is used up": ("rate_limited", _heard(BEGUN), "starting, 64 at once"),
    "who was there all along": ("rate_limited", _heard(_said("reconcile", "page 3", 20), BEGUN), ""),
    "who begins where nothing is used up": ("dns_failure", _heard(BEGUN), ""),
    "a slot fills no memory": ("memory_pressure", {"signs": [SLOT]}, ""),
}


@pytest.mark.parametrize("name", TOLD)
def test_the_conclusion_tells_what_brought_it_about(name: str):
    category, known, wanted = TOLD[name]
    facts = replace(Facts(case()), **known)
    found = Finding(category, "web is in trouble.", [Citation(evidence="E2", quote="refused")], "strong", BEGAN)
    told = witnessed(found, facts)
    assert wanted in told.statement
    assert (told != found) == bool(wanted)
    assert len(told.supporting) == 1 + bool(wanted)
    assert witnessed(told, facts).statement == told.statement


def test_a_newcomer_is_told_with_what_was_changed_of_it():
    facts = replace(Facts(case()), **_heard(BEGUN, changed="config cron/ledger-reconcile: --concurrency=4 -> 64"))
    found = Finding("rate_limited", "web is limited.", [Citation(evidence="E2", quote="429")], "strong", BEGAN)
    told = witnessed(found, facts)
    assert "Of it was changed before: config cron/ledger-reconcile: --concurrency=4 -> 64" in told.statement
    assert [c.evidence for c in told.supporting] == ["E2", "E5", "E7"]
