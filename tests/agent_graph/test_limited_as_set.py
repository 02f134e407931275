"""A limit that one caller meets by its plan does its work; where others meet it, or nobody agreed to it, it may not."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from agent_graph.analysts.rules.facts import Facts, LogLine, Metric, Sign
from agent_graph.analysts.rules.well.limited_as_set import limited_as_set
from tests.agent_graph.cases import BEGAN, NOW, alert, case

FIRES = alert(name="TooManyRequestsRatio", annotations={"summary": "31% of the answers are 429"})
PLAN, NONE = "status=429 key=k1 limit=60/min plan=trial", "status=429 key=k1 GET /v1/rates"
TRIAL, LIVE, OTHERS = '{code="429", plan="trial"}', '{code="429", plan="live"}', '{code="200", plan="live"}'
RISES, NEVER, STEADY, FALLS = [0.0] * 6 + [21.0] * 6, [0.0] * 12, [45.0] * 12, [45.0] * 6 + [20.0] * 6
DEPLOYED = Sign("E9", "changes", "bad_deploy", "strong", "config web: limits", "web", BEGAN, "config of web")


def _metric(line: str, values: Sequence[float], name: str = "gw:rate5m") -> Metric:
    points = [(NOW.timestamp() + 60 * (n - len(values)), value) for n, value in enumerate(values)]
    return Metric("E3", "other", f"{name}{line}: told", points, None, None)


def _facts(trial: Metric, live: Sequence[float], served: Sequence[float], said: str) -> Facts:
    told = [LogLine("E2", said, said, None, NOW - timedelta(seconds=9 * n), 1) for n in range(20)]
    return Facts(case(alerts=[FIRES]), metrics=[trial, _metric(LIVE, live), _metric(OTHERS, served)], lines=told)


OVER = _metric(TRIAL, RISES)
CASES: dict[str, tuple[Facts, bool]] = {
    "one by its plan": (_facts(OVER, NEVER, STEADY, PLAN), True),
    "others, too": (_facts(OVER, RISES, STEADY, PLAN), False),
    "others are served less": (_facts(OVER, NEVER, FALLS, PLAN), False),
    "nobody tells of a plan": (_facts(OVER, NEVER, STEADY, NONE), False),
    "it is the one that asks": (_facts(_metric(TRIAL, RISES, "http_client:rate5m"), NEVER, STEADY, PLAN), False),
    "its limits were changed": (replace(_facts(OVER, NEVER, STEADY, PLAN), signs=[DEPLOYED]), False),
}


@pytest.mark.parametrize("name", CASES)
def test_only_the_limit_of_one_plan_is_well(name: str):
    facts, well = CASES[name]
    assert (limited_as_set(facts, ["rate_limited"]) is not None) is well
    assert limited_as_set(facts, ["rate_limited", "oom"]) is None
