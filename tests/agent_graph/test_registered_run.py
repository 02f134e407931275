"""A run that was registered may use all the CPU that it is given, as long as it gets on and nobody waits for it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from agent_graph.analysts.rules.facts import Facts, LogLine, Metric, Sign
from agent_graph.analysts.rules.well.all_well import all_well
from agent_graph.analysts.rules.well.registered_run import busy_with_its_run
from tests.agent_graph.cases import NOW, alert, case

SINCE = NOW - timedelta(minutes=12)
RUN = "job batch/web: weekly reindex queued by scheduler"
READY = Sign("E3", "kubernetes", "healthy", "strong", "deployment web: 2 of 2 replicas ready", "web", None, "ready")


def _metric(role: str, line: str, values: Sequence[float]) -> Metric:
    points = [(NOW.timestamp() - 60 * n, value) for n, value in enumerate(reversed(values))]
    return Metric("E5", role, f"{line}: {values[0]:g} → {values[-1]:g}", points[::-1], None, SINCE)


def _facts(
    run: str = RUN,
    before: float = 12.5,
    done: Sequence[float] = (*[0] * 8, *[118] * 12),
    *more: Sign,
    urgency: str = "",
) -> Facts:
    held = _metric("cpu_throttled", 'throttled{pod="web-1"}', (*[0] * 8, *[0.7] * 12))
    work = _metric("other", 'docs_total{job="web"}', done)
    trouble = Sign("E5", "prometheus", "trouble", "strong", held.line, "web", SINCE, "held back")
    change = LogLine("E7", f"{NOW:%Y-%m-%d} {run}", run, None, NOW - timedelta(minutes=before), 1)
    fires = alert(name="CPUThrottlingHigh", labels={"alertname": "CPUThrottlingHigh", "severity": urgency or "info"})
    found = Facts(case(alerts=[fires]), signs=[READY, trouble, *more], metrics=[held, work])
    return replace(found, changes=[change])


def test_a_registered_run_that_gets_on_may_use_what_it_is_given():
    found = all_well(_facts(), [])
    assert found is not None
    assert "weekly reindex" in found.statement


@pytest.mark.parametrize(
    "facts",
    [
        # Another's run, one that is long begun, a deploy, or one that stands still.
        _facts(RUN.replace("/web", "/mailer")),
        _facts(before=300),
        _facts("deploy batch/web: 1.4 started"),
        _facts(done=(*[0] * 8, *[118] * 8, 3, 2, 1, 0)),
        # Somebody is woken for it, or it is not only held back.
        _facts(urgency="critical"),
        _facts(
            RUN, 12.5, (*[0] * 8, *[118] * 12), Sign("E5", "prometheus", "probe_failure", "strong", "", "", NOW, "")
        ),
        replace(_facts(), requests={"E2": {"served": 90}}),
    ],
)
def test_what_somebody_waits_for_or_stands_still_is_not_reasoned_away(facts: Facts):
    assert busy_with_its_run(facts, ["cpu_throttling"]) is None


def test_slow_statements_beside_it_are_not_explained():
    assert busy_with_its_run(_facts(), ["cpu_throttling", "slow_query"]) is None
