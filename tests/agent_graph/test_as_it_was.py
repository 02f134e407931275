"""What is as it was before: then, by a label; whole again after work; and what was registered in words of its parts."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from agent_graph.analysts.rules.facts import Facts, LogLine, Metric, Sign
from agent_graph.analysts.rules.well.as_yesterday import as_yesterday
from agent_graph.analysts.rules.well.known_work import known_work
from agent_graph.analysts.rules.well.new_rules import judged_anew
from agent_graph.analysts.rules.well.rolling import rolling
from tests.agent_graph.cases import NOW, alert, case

GOOD = Sign("E3", "prometheus", "healthy", "strong", "request_seconds: 0.2 → 0.2", "web", None, "as before")


def _metric(role: str, line: str, values: Sequence[float]) -> Metric:
    first = NOW.timestamp() - 60 * (len(values) - 1)
    points = [(first + 60 * n, value) for n, value in enumerate(values)]
    return Metric("E5", role, f"{line}: {values[0]:g} → {values[-1]:g}", points, None, None)


def _then(label: str, ago: Sequence[float], now: Sequence[float] = (900,) * 9 + (20,) * 6) -> Facts:
    told = alert(name="BufferLifeLow", labels={"instance": "db-1"}, annotations={"summary": "below 100 s"})
    own = _metric("other", 'page_life{instance="db-1"}', now)
    past = _metric("other", f'page_life{{instance="db-1", {label}}}', ago)
    users = _metric("latency", "request_seconds", (0.2,) * 15)
    good = replace(GOOD, quote=users.line)
    return replace(Facts(case(alerts=[told])), metrics=[own, past, users], signs=[good])


@pytest.mark.parametrize("label", ['offset="1w"', 'shift="7d"', 'period="last week"'])
def test_what_fell_at_the_same_moment_a_week_ago_falls_each_week(label: str):
    found = as_yesterday(_then(label, (880,) * 9 + (22,) * 6), [])
    assert found is not None
    assert "fell then" in found.statement


@pytest.mark.parametrize(
    ("label", "ago", "now"),
    [
        ('offset="1w"', (900,) * 15, (900,) * 9 + (20,) * 6),
        # It stopped then, too: what stops each day stops.
        ('offset="1w"', (880,) * 9 + (0,) * 6, (900,) * 9 + (0,) * 6),
        ('offset="1w"', (880,) * 9 + (1,) * 6, (900,) * 9 + (1,) * 6),
        # Low at all times: nobody saw it come back.
        ('offset="1w"', (20,) * 15, (20,) * 15),
        # Another one's series, and none of another time.
        ('replica="2"', (880,) * 9 + (22,) * 6, (900,) * 9 + (20,) * 6),
    ],
)
def test_what_did_not_fall_then_is_no_habit(label: str, ago: Sequence[float], now: Sequence[float]):
    assert as_yesterday(_then(label, ago, now), []) is None


def _rolled(shards: Sequence[float], nodes: Sequence[float], told_of: str = "shards are unassigned") -> Facts:
    told = alert(name="LogsAlarm", labels={"cluster": "logs"}, annotations={"summary": told_of})
    plan = LogLine(
        "E4", "deploy logs: 8.1 -> 8.2, rolling", "deploy logs: 8.1 -> 8.2, rolling", None, NOW - timedelta(hours=1), 1
    )
    counts = [_metric("other", f"{called}{{}}", of) for called, of in (("unassigned_shards", shards), ("nodes", nodes))]
    return replace(Facts(case(alerts=[told])), metrics=counts, changes=[plan])


AWAY, BACK = (0, 0, 0, 90, 40, 0, 60, 30, 0, 0, 0), (6, 6, 6, 5, 5, 6, 5, 5, 6, 6, 6)


def test_a_cluster_of_which_nothing_is_missing_after_the_work_is_well():
    assert rolling(_rolled(AWAY, BACK), []) is not None


@pytest.mark.parametrize(
    ("shards", "nodes", "told_of"),
    [
        (AWAY, (6, 6, 6, 5, 5, 6, 5, 5, 5, 5, 5), "shards are unassigned"),
        ((*AWAY[:-1], 30), BACK, "shards are unassigned"),
        # Whole, and the alert asks for something else.
        (AWAY, BACK, "writes are refused"),
    ],
)
def test_what_is_missing_still_is_not_whole(shards: Sequence[float], nodes: Sequence[float], told_of: str):
    assert rolling(_rolled(shards, nodes, told_of), []) is None


@pytest.mark.parametrize(
    ("plan", "known"),
    [
        ("maintenance db: new index for seller listing, built online", True),
        ("maintenance db: new dashboard for the listing of visitors", False),
    ],
)
def test_what_is_registered_names_the_parts_of_a_name(plan: str, known: bool):
    fires = alert(name="PostgresLongRunningTransaction", annotations={})
    begun = NOW - timedelta(hours=3)
    statement = "pid 7: one statement for 9000 s: CREATE INDEX idx ON items (seller_id, status)"
    run = Sign("E9", "postgres", "slow_query", "strong", statement, "db", begun, statement)
    line = LogLine("E4", plan, plan, None, begun - timedelta(minutes=2), 1)
    facts = replace(Facts(case(alerts=[fires])), signs=[GOOD, run], changes=[line])
    assert (known_work(facts, []) is not None) == known


MADE = "config monitoring: new rule group dns (NegativeAnswers) merged"


ASKED, SERIES = "most answers of the resolver are negative", 'resolver_answers{}{{rcode="NXDOMAIN"}}'


def _asked(
    then: float = 4_000.0,
    now: Sequence[float] = (4_100.0,) * 20,
    made: str = MADE,
    asked: str = ASKED,
    name: str = SERIES,
) -> Facts:
    told = alert(name="NegativeAnswers", labels={"service": "website"}, annotations={"summary": asked})
    own, past = _metric("other", name.format(""), now), _metric("other", name.format("_offset_1w"), (then,) * 20)
    rule = LogLine("E4", made, made, None, told.starts_at - timedelta(minutes=4), 1)
    return replace(Facts(case(alerts=[told])), metrics=[own, past], signs=[GOOD], changes=[rule])


def test_what_a_new_rule_finds_as_it_was_a_week_ago_is_nothing_new():
    found = judged_anew(_asked(), [])
    assert found is not None
    assert "NXDOMAIN" in found.statement


def test_a_code_that_says_that_there_is_no_failure_is_none():
    assert judged_anew(_asked(asked="most answers are other than NOERROR"), []) is not None


@pytest.mark.parametrize(
    ("then", "now", "made"),
    [
        (900.0, (4_100.0,) * 20, MADE),
        (4_000.0, (*(4_100.0,) * 12, *(9_000.0,) * 8), MADE),
        (4_000.0, (4_100.0,) * 20, "config monitoring: dashboard NegativeAnswers moved"),
        (4_000.0, (4_100.0,) * 20, MADE.replace("NegativeAnswers", "SlowAnswers")),
    ],
)
def test_a_rule_that_is_not_new_or_finds_what_was_not_so_is_heard(then: float, now: Sequence[float], made: str):
    assert judged_anew(_asked(then, now, made), []) is None


@pytest.mark.parametrize(
    ("made", "asked", "name"),
    [
        (MADE, "a third of the answers is declined by the resolver", SERIES),
        (f"{MADE}: answers that failed", ASKED, SERIES),
        # As much is asked as ever: what comes of it is not measured.
        (MADE, "30% of requests are negative", 'resolver_requests{}{{job="dns"}}'),
        (MADE, "much of the website is negative", 'http_requests{}{{service="website"}}'),
    ],
)
def test_a_rule_that_asks_for_failures_or_for_what_is_not_measured_is_heard(made: str, asked: str, name: str):
    assert judged_anew(_asked(made=made, asked=asked, name=name), []) is None
