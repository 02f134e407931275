"""What data say when they are compared is not answered by processes that run well."""

from dataclasses import replace

import pytest

from agent_graph.analysts.rules.facts import Facts, Metric
from agent_graph.analysts.rules.of_data import of_data
from agent_graph.analysts.rules.parts import blind
from backend.investigation.kinds import AlertFact
from tests.agent_graph.cases import BEGAN, case

LAG = Metric("E2", "queue", 'consumer_lag{group="ledger"}: 4 → 6', [(BEGAN.timestamp(), 6.0)], None, None)
GAP = replace(LAG, role="other", line='reconciliation_missing_rows{table="ledger"}: 0 → 0')

# What the alert is called and says, what was measured; is that no answer
ALERTS: dict[str, tuple[str, str, Metric, bool]] = {
    "rows of one side are missing on the other": ("RowCountMismatch", "ledger has fewer rows than source", LAG, True),
    "a backup reads back otherwise": ("BackupVerifyFailed", "integrity of the archive is in doubt", LAG, True),
    "orders without what should follow": ("Audit", "12 orders of last night have no invoice", LAG, True),
    "checked page by page": ("Verify", "checksum failures in 3 pages", LAG, True),
    "the difference itself is measured": ("RowCountMismatch", "ledger has fewer rows than source", GAP, False),
    "replicas are no data": ("DeploymentReplicasMismatch", "web has not matched its replicas", LAG, False),
    "a target is no data": ("TargetMissing", "orders-2 is missing", LAG, False),
    "a queue that waits": ("QueueWithoutConsumers", "orders holds messages and has no consumer", LAG, False),
}


@pytest.mark.parametrize("name", ALERTS)
def test_what_data_say_no_process_tells(name: str):
    called, says, measured, unanswered = ALERTS[name]
    facts = replace(Facts(case(alerts=[_alert(called, says)])), metrics=[measured])
    assert of_data(facts) == unanswered
    assert blind(facts) == unanswered


def test_what_matches_again_is_over():
    over = case(alerts=[_alert("RowCountMismatch", "ledger has fewer rows than source")], firing=False)
    assert not of_data(replace(Facts(over), metrics=[LAG]))


def _alert(called: str, says: str) -> AlertFact:
    return AlertFact(
        name=called, status="firing", severity="high", labels={}, annotations={"summary": says}, starts_at=BEGAN
    )
