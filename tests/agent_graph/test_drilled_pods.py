"""Pods that a registered drill kills one by one are no incident; what falls otherwise in these hours is one."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from agent_graph.analysts.rules.facts import Facts, LogLine, Metric, Sign
from agent_graph.analysts.rules.well.all_well import all_well
from agent_graph.analysts.rules.well.drilled_pods import killed_in_drill
from tests.agent_graph.cases import NOW, alert, case

PLAN = "pipeline lab-nightly: resilience suite started (02:00-04:00 UTC)"
KILLED = "terminated Error exit code 137 (SIGKILL)"


WORK = (3, 3.1) * 5


def _facts(
    plan: str = PLAN, ended: str = KILLED, apart: float = 300, work: Sequence[float] = WORK, *more: Sign
) -> Facts:
    moments = [NOW - timedelta(seconds=100 + apart * n) for n in range(3)]
    ends = [
        Sign("E3", "kubernetes", "app_crash", "weak", f"pod web-{n} container web: {ended}", f"web-{n}", at, "ended")
        for n, at in enumerate(moments)
    ]
    count = Sign("E3", "kubernetes", "restart_loop", "strong", "pod web-0: restartCount 4", "web-0", None, "restarted")
    points = [(NOW.timestamp() - 60 * n, value) for n, value in enumerate(reversed(work))]
    served = Metric("E5", "other", "orders_accepted_total{}: 3 → 3", points[::-1], None, None)
    labels = {"alertname": "KubePodCrashLooping", "namespace": "lab-nightly", "pod": "web-0"}
    change = LogLine("E7", f"{NOW - timedelta(minutes=70):%Y-%m-%dT%H:%M:%SZ} {plan}", plan, None, NOW, 1)
    change = replace(change, at=NOW - timedelta(minutes=70))
    platform = {"ended": [at.isoformat() for at in moments]}
    found = Facts(case(alerts=[alert(name="KubePodCrashLooping", labels=labels)]), signs=[*ends, count, *more])
    return replace(found, changes=[change], platform=platform, metrics=[served])


def test_pods_are_killed_one_by_one_as_the_drill_of_their_namespace_wants_it():
    found = all_well(_facts(), [])
    assert found is not None
    assert "resilience suite" in found.statement


def _renamed(called: str) -> Facts:
    facts = _facts()
    return replace(
        facts, metrics=[replace(m, line=m.line.replace("orders_accepted_total", called)) for m in facts.metrics]
    )


def test_a_sum_that_grows_up_to_now_is_work_that_goes_on():
    assert killed_in_drill(_facts(work=range(120_000, 121_000, 100)), []) is not None


@pytest.mark.parametrize(
    "facts",
    [
        # Of another place, at another time, or no drill at all.
        _facts(PLAN.replace("lab-nightly", "shop")),
        _facts(PLAN.replace("02:00-04:00", "00:00-01:00")),
        _facts("deploy lab-nightly: 1.4.2 (02:00-04:00 UTC)"),
        # It fell by itself, all at once, for want of memory, or by its own health check; less is done than before.
        _facts(ended="terminated Error exit code 1"),
        _facts(apart=2),
        _facts(PLAN, KILLED, 300, WORK, Sign("E3", "kubernetes", "oom", "proof", "OOMKilled", "", NOW, "oom")),
        _facts(PLAN, KILLED, 300, WORK, Sign("E3", "kubernetes", "probe_failure", "weak", "Unhealthy", "", NOW, "")),
        _facts(work=(3, 3, 3, 3, 3, 3, 1, 1, 1, 1)),
        # It stands still, stood still at last, or came down to a trickle; or it is no work.
        _facts(work=(120_000,) * 10),
        _facts(work=(*range(120_000, 120_600, 100), *[120_600] * 6)),
        _facts(work=(*range(120_000, 121_000, 100), *range(121_000, 121_006))),
        _renamed("tokens_generated"),
        _renamed("orders_failed_total"),
        replace(_facts(), platform={"ended": None}),
    ],
)
def test_what_falls_otherwise_in_these_hours_is_not_reasoned_away(facts: Facts):
    assert killed_in_drill(facts, ["restart_loop"]) is None


def test_another_likely_explanation_stands():
    assert killed_in_drill(_facts(), ["restart_loop", "config_error"]) is None
