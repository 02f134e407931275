"""A fault that a registered drill makes in its hours is no incident as long as what is done goes on."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from agent_graph.analysts.rules.facts import Facts, LogLine, Metric, Sign
from agent_graph.analysts.rules.well.hours import in_force
from agent_graph.analysts.rules.well.injected_faults import fault_as_drilled
from backend.investigation.kinds import Category
from tests.agent_graph.cases import BEGAN, NOW, alert, case

# It begins on a Saturday at 03:00 and is looked at ten minutes later.
PLAN = "gameday shop: 02:50-03:30 UTC inject 3 s latency into stock, orders must continue"
STEADY, HALTED = (6.0, 6.1) * 6, (6.0, 6.1) * 4 + (0.0,) * 4
LATE = BEGAN - timedelta(minutes=3)


def _metric(role: str, called: str, values: Sequence[float], at: datetime | None = None) -> Metric:
    first = NOW.timestamp() - 60 * (len(values) - 1)
    points = [(first + 60 * n, value) for n, value in enumerate(values)]
    return Metric("E5", role, f"{called}: {values[0]:g} → {values[-1]:g}", points, None, at)


def _change(plan: str, before: timedelta) -> LogLine:
    return LogLine("E7", f"at {plan}", plan, None, BEGAN - before, 1)


def _facts(
    plan: str = PLAN,
    *more: Sign,
    done: Sequence[float] = STEADY,
    turned: datetime = LATE,
    role: str = "latency",
    before: timedelta = timedelta(minutes=40),
) -> Facts:
    slow = _metric(role, 'client_seconds_p95{client="stock"}', (0.05,) * 6 + (3.1,) * 6, turned)
    work = _metric("other", "orders_accepted_rate{}", done)
    sign = Sign("E5", "prometheus", "trouble", "strong", slow.line, "web", turned, "slower")
    about = alert(labels={"alertname": "BreakerOpen", "namespace": "shop", "name": "web"})
    found = Facts(case(alerts=[about]), signs=[sign, *more], metrics=[slow, work])
    return replace(found, changes=[_change(plan, before)])


OOM = Sign("E3", "kubernetes", "oom", "proof", "pod web-0: OOMKilled", "web-0", BEGAN, "it ran out of memory")
DEPLOY = Sign("E7", "changes", "bad_deploy", "strong", "deploy web", "web", BEGAN - timedelta(minutes=2), "web 2.0")
OLD = replace(DEPLOY, at=BEGAN - timedelta(hours=1))

FOUND: dict[str, tuple[Facts, Sequence[Category], bool]] = {
    "announced, in its hours, and served": (_facts(), ["dependency_failure"], True),
    "another fault, said in another way": (
        _facts("calendar shop: chaos experiment 03:00-04:00: partition of one broker", role="partition", turned=BEGAN),
        ["network_error"],
        True,
    ),
    "deployed long before": (_facts(PLAN, OLD), ["dependency_failure", "bad_deploy"], True),
    "deployed just before": (_facts(PLAN, DEPLOY), ["dependency_failure", "bad_deploy"], False),
    "what is done halts": (_facts(done=HALTED), ["dependency_failure"], False),
    "users are failed": (_facts(role="errors"), ["dependency_failure"], False),
    "it was so before the drill": (_facts(turned=BEGAN - timedelta(minutes=30)), ["dependency_failure"], False),
    "something else breaks": (_facts(PLAN, OOM), ["dependency_failure"], False),
    "it looks like something else": (_facts(), ["disk_pressure"], False),
    "of another place": (_facts(PLAN.replace("shop", "bank")), ["dependency_failure"], False),
    "over by now": (_facts(PLAN.replace("03:30", "03:01")), ["dependency_failure"], False),
    "called off": (_facts(PLAN + " (cancelled)"), ["dependency_failure"], False),
    "a drill of another kind": (_facts("gameday shop: 02:50-03:30 UTC evacuation of the office"), [], False),
    "no drill": (_facts("deploy shop: 02:50-03:30 UTC retries, latency and timeouts"), [], False),
}


@pytest.mark.parametrize("name", FOUND)
def test_a_fault_is_as_drilled(name: str):
    facts, likely, well = FOUND[name]
    assert (fault_as_drilled(facts, likely) is not None) == well


DAYS: dict[str, tuple[str, int, bool]] = {
    "named by its day": ("game day Sat 02:30-04:00 UTC", 4, True),
    "named in full": ("game day, Saturday 02:30-04:00 UTC", 4, True),
    "another day": ("game day, Friday 02:30-04:00 UTC", 4, False),
    "another day, told the same night": ("game day Sun 02:30-04:00 UTC", 0, False),
    "no day, days ago": ("game day 02:30-04:00 UTC", 4, False),
    "no day, today": ("game day 02:30-04:00 UTC", 0, True),
    "weeks ago": ("game day Sat 02:30-04:00 UTC", 20, False),
    "a span of days": ("game day Mon-Sat 02:30-04:00 UTC", 0, True),
}


@pytest.mark.parametrize("name", DAYS)
def test_hours_hold_on_the_day_of_the_week_that_they_name(name: str):
    said, days, now = DAYS[name]
    assert in_force(_change(f"calendar web: {said}", timedelta(days=days, hours=2)), _facts()) == now
