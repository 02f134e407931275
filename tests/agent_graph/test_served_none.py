"""What turns everybody away counts once it is measured that nothing is served since; a recovery it is not."""

from datetime import timedelta

import pytest

from agent_graph.analysts.rules.context.idle import idle_one
from agent_graph.analysts.rules.facts import Facts, LogLine, Metric, Sign
from agent_graph.analysts.rules.finding import Finding
from agent_graph.analysts.rules.served_none import with_fall
from agent_graph.analysts.rules.well.wellness import recovered
from backend.investigation.kinds import Category
from tests.agent_graph.cases import NOW, alert, case

# what is measured, before and since (minutes ago it changed), how often and till when it is complained, of what kind
TABLE: dict[str, tuple[str, float, float, float, int, float, Category, bool]] = {
    "queries": ("pool_queries:rate1m", 2100, 0, 20, 20, 1, "permission_denied", True),
    "messages": ("messages_published:rate5m", 40, 0.1, 20, 20, 1, "certificate_expired", True),
    "a part": ("pool_queries:rate1m", 2100, 1400, 20, 20, 1, "permission_denied", False),
    "fell before": ("pool_queries:rate1m", 2100, 0, 40, 20, 1, "permission_denied", False),
    "never any": ("pool_queries:rate1m", 0, 0, 20, 20, 1, "permission_denied", False),
    "what waits": ("queries_waiting", 2100, 0, 20, 20, 1, "permission_denied", False),
    "said thrice": ("pool_queries:rate1m", 2100, 0, 20, 3, 1, "permission_denied", False),
    "said no more": ("pool_queries:rate1m", 2100, 0, 20, 20, 9, "permission_denied", False),
    "another kind": ("pool_queries:rate1m", 2100, 0, 20, 20, 1, "healthy", False),
}


def refused(count: int, until: float) -> list[LogLine]:
    text = "login of crm_app failed: authentication failed"
    return [LogLine("E2", text, text, "warning", NOW - timedelta(minutes=ago), count) for ago in (20, until)]


@pytest.mark.parametrize("name", TABLE)
def test_what_turns_all_away_counts(name: str):
    what, before, since, ago, count, until, category, counts = TABLE[name]
    points = [(NOW.timestamp() - 60 * n, since if n <= ago else before) for n in range(60, -1, -1)]
    lines = refused(count, until)
    served = Metric("E5", "other", f"{what}: {before} → {since}", points, None, None)
    facts = Facts(case(alerts=[alert()]), lines=lines, metrics=[served])
    finding = with_fall(Finding(category, "It is refused.", [lines[0].cite()], "weak"), facts)
    assert (finding.strength == "strong") == counts
    assert any(c.evidence == "E5" for c in finding.supporting) == counts


@pytest.mark.parametrize(("count", "until", "over"), [(20, 1, False), (20, 9, True), (4, 1, True)])
def test_who_is_refused_up_to_now_has_not_recovered(count: int, until: float, over: bool):
    well = Sign("E4", "prometheus", "trouble_over", "strong", "busy: 9 → 1", "busy", None, "busy is down again")
    facts = Facts(case(firing=False, alerts=[alert(status="resolved")]), lines=refused(count, until), signs=[well])
    assert (recovered(facts) is not None) == over


# What each of two does a second, before and since; who is told to do nothing.
IDLE = {
    "one of them": ((60.0, 0.0), (58.0, 61.0), "web-a"),
    "both of them": ((60.0, 0.0), (58.0, 0.0), None),
    "neither": ((60.0, 55.0), (58.0, 61.0), None),
    "one that never did": ((0.0, 0.0), (58.0, 61.0), None),
}


@pytest.mark.parametrize("name", IDLE)
def test_one_of_several_that_does_nothing_is_named(name: str):
    turned, metrics = NOW - timedelta(minutes=20), list[Metric]()
    for pod, (before, since) in zip(("web-a", "web-b"), IDLE[name][:2], strict=True):
        points = [(NOW.timestamp() - 60 * n, since if n <= 20 else before) for n in range(60, -1, -1)]
        line = f'jobs_processed_total{{namespace="shop", pod="{pod}"}}: {before} → {since}'
        metrics.append(Metric("E5", "other", line, points, None, turned if before != since else None))
    facts = Facts(case(alerts=[alert()]), metrics=metrics)
    told = [why.split()[1] for why, _ in idle_one(Finding("lock_contention", "It waits.", [], "weak"), facts)]
    assert told == ([IDLE[name][2]] if IDLE[name][2] else [])
