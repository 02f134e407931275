"""An alert that counts against a limit which was raised is nothing; one that counts against what is enforced is."""

from dataclasses import replace
from datetime import timedelta

import pytest

from agent_graph.analysts.rules.facts import Facts, LogLine, Metric, Sign
from agent_graph.analysts.rules.well.old_limit import old_limit
from tests.agent_graph.cases import NOW, alert, case

POD = Sign("E3", "kubernetes", "healthy", "strong", "pod db-0: phase Running", "db-0", None, "is ready")


def _facts(told: str, *values: float, limit: float = 600) -> Facts:
    first = NOW.timestamp() - 60 * (len(values) - 1)
    points = [(first + 60 * n, value) for n, value in enumerate(values)]
    used = Metric("E5", "pg_connections", f"in_use{{}}: {values[0]:g} → {values[-1]:g}", points, limit, None)
    fires = alert(name="NearlyFull", annotations={"summary": told})
    return replace(Facts(case(alerts=[fires])), metrics=[used], signs=[POD])


@pytest.mark.parametrize(
    ("told", "values", "limit"),
    [
        ("Connections 249 of 200 (125%)", (100, 180, 245, 252), 600),
        ("file descriptors: 70000/65536", (60_000, 68_000, 70_500), 1_048_576),
        ("uses 9.1Gi of 8Gi", (8e9, 9.6e9, 9.7e9), 16 * 2**30),
    ],
)
def test_who_uses_more_than_the_alert_says_there_is_has_another_limit(
    told: str, values: tuple[float, ...], limit: float
):
    found = old_limit(_facts(told, *values, limit=limit), [])
    assert found is not None
    assert "no limit any more" in found.statement


def test_who_raised_the_limit_is_named():
    line = LogLine("E4", "config db: max 200 -> 600", "config db: max 200 -> 600", None, NOW - timedelta(days=4), 1)
    found = old_limit(replace(_facts("249 of 200", 180, 249), changes=[line]), [])
    assert found is not None
    assert "200 -> 600" in found.statement


@pytest.mark.parametrize(
    ("told", "values", "limit"),
    [
        # What is enforced is never passed: 190 of 200 may be the limit of this user.
        ("190 of 200 (95%)", (100, 180, 190), 600),
        # A day is no limit, and so few are allowed to fail.
        ("stuck since 21/11", (20, 21, 21), 600),
        # The series is another one.
        ("249 of 200", (20, 22, 21), 600),
        # There is hardly any room up to the new limit, either.
        ("249 of 200", (180, 249, 249), 300),
        # It is the limit.
        ("249 of 200", (180, 249, 249), 200),
        ("uses 95 % of its connections", (180, 249, 249), 600),
    ],
)
def test_a_limit_that_is_or_may_be_enforced_is_none_of_old(told: str, values: tuple[float, ...], limit: float):
    assert old_limit(_facts(told, *values, limit=limit), []) is None


@pytest.mark.parametrize(
    ("labels", "well"),
    [
        ({"instance": "db-1:9187"}, True),
        ({"server": "db-1"}, True),
        ({"instance": "db-2:9187"}, False),
        ({"server": "db-2"}, False),
        ({"instance": "db-1", "database": "orders"}, False),
    ],
)
def test_the_room_of_another_machine_is_none(labels: dict[str, str], well: bool):
    facts = _facts("249 of 200", 180, 249)
    told = "in_use{" + ", ".join(f'{key}="{value}"' for key, value in labels.items()) + "}: 180 → 249"
    fired = alert(
        name="NearlyFull", labels={"instance": "db-1", "database": "users"}, annotations={"summary": "249 of 200"}
    )
    found = Facts(case(alerts=[fired]), metrics=[replace(facts.metrics[0], line=told)], signs=[POD])
    assert (old_limit(found, []) is not None) == well


def test_it_is_not_believed_against_those_who_are_refused():
    facts = _facts("249 of 200", 180, 249)
    at = NOW - timedelta(seconds=30)
    refused = [
        LogLine("E2", f"ERROR too many clients already {n}", "too many clients already", "error", at, 20)
        for n in range(20)
    ]
    assert old_limit(facts, []) is not None
    assert old_limit(replace(facts, lines=refused), []) is None
    assert old_limit(facts, ["connection_exhaustion"]) is None
    assert old_limit(replace(facts, signs=[]), []) is None
