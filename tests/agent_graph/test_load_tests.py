"""A load test makes slow what nobody waits for; where users are, or something breaks, it is an incident anyway."""

from dataclasses import replace
from datetime import timedelta

import pytest

from agent_graph.analysts.rules.facts import Facts, LogLine, Sign
from agent_graph.analysts.rules.well.load_tests import under_test
from backend.investigation.kinds import Category
from tests.agent_graph.cases import BEGAN, alert, case

SLOW = Sign("E2", "prometheus", "trouble", "strong", "p95: 0.01 → 0.6", "p95", BEGAN, "slower")
WELL = Sign("E3", "kubernetes", "healthy", "strong", "deployment web: 4 of 4", "web", None, "all are ready")
ENDED = Sign("E3", "kubernetes", "trouble", "strong", "pod web-1: not ready", "web-1", None, "web-1 is not ready")
K6 = "loadtest perf/web: k6 run started by the perf team"

# name: what was registered, minutes before, where it is, what else is seen, what is thought likely; is it well
TESTS: dict[str, tuple[str, float, str, tuple[Sign, ...], tuple[Category, ...], bool]] = {
    "a test of its environment": (K6, 20, "perf", (), (), True),
    "another tool, another place": ("benchmark staging/web: Gatling soak test", 200, "staging", (), (), True),
    "a run of many users": ("test staging/web: weekly soak run, 900 users for 60 min", 20, "staging", (), (), True),
    "a run where users are": ("test prod/web: weekly soak run, 900 users", 20, "prod", (), (), False),
    "a run of something else": ("job staging/web: nightly import run", 20, "staging", (), (), False),
    "a place that is called by what it is for": (K6, 20, "loadlab", (), (), True),
    "a place that is none for users": (K6, 20, "non-prod", (), (), True),
    "a word within another": ("k6 run of web", 20, "collaboration", (), (), False),
    "throttled by it": (K6, 20, "qa", (), ("cpu_throttling",), True),
    "where users are": (K6, 20, "production", (), (), False),
    "nobody knows where": (K6, 20, "", (), (), False),
    "it breaks": (K6, 20, "perf", (ENDED,), (), False),
    "it crashes": (K6, 20, "perf", (), ("app_crash",), False),
    "of another service": ("loadtest perf/search: k6 run started", 20, "perf", (), (), False),
    "it was over": ("loadtest perf/web: k6 run finished", 20, "perf", (), (), False),
    "a day ago": (K6, 24 * 60, "perf", (), (), False),
    "a deploy": ("deploy perf/web: web 7.0.0-rc2", 20, "perf", (), (), False),
}


@pytest.mark.parametrize("name", TESTS)
def test_a_load_test_where_no_user_is_explains_slowness_and_nothing_more(name: str):
    change, before, env, more, likely, well = TESTS[name]
    told = case(alerts=[alert(labels={"alertname": "Slow", "env": env})])
    line = LogLine("E4", f"at {change}", change, None, BEGAN - timedelta(minutes=before), 1)
    facts = replace(Facts(told), signs=[SLOW, WELL, *more], changes=[line])
    assert (under_test(facts, likely) is not None) == well


def test_a_rehearsal_may_be_announced_by_the_name_of_what_the_target_is_a_part_of():
    said = "maintenance staging/kafka: load rehearsal 15:05-15:55"
    line = LogLine("E4", f"at {said}", said, None, BEGAN - timedelta(minutes=20), 1)
    for name, meant in (("stg-kafka-1", True), ("stg-redis-1", False), ("staging-redis-1", False)):
        told = case(name, alerts=[alert(labels={"alertname": "Slow", "env": "staging"})])
        facts = replace(Facts(told), signs=[SLOW, WELL], changes=[line])
        assert (under_test(facts, ()) is not None) == meant


# What it complains of since the test began; is it well
SAID: dict[str, bool] = {
    "ERROR pool main: Connection is not available, request timed out after 3000ms": True,
    "ERROR too many connections for role app": True,
    "ERROR could not read row 17: checksum does not match": False,
}


@pytest.mark.parametrize("said", SAID)
def test_a_test_of_its_limits_is_why_it_says_that_it_is_asked_for_too_much(said: str):
    told = case(alerts=[alert(labels={"alertname": "Slow", "env": "perf"})])
    test = LogLine("E4", f"at {K6}", K6, None, BEGAN - timedelta(minutes=2), 1)
    lines = [LogLine("E5", f"{n} {said}", said, "error", BEGAN + timedelta(minutes=5, seconds=n), 4) for n in range(4)]
    facts = replace(Facts(told), signs=[SLOW, WELL], changes=[test], lines=lines)
    assert (under_test(facts, ["connection_exhaustion"]) is not None) == SAID[said]
