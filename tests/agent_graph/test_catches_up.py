"""A copy that registered work names is behind and comes nearer: nobody is to do anything, unless it is read."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from agent_graph.analysts.rules.facts import Facts, Metric, Sign
from agent_graph.analysts.rules.well.planned_work import announced
from tests.agent_graph.cases import BEGAN, case

HOURS = BEGAN - timedelta(minutes=50)
NEARER = (0.2, 0.2, 3100.0, 2500.0, 1900.0, 1500.0, 1100.0, 700.0)


def _lag(who: str, values: Sequence[float] = NEARER) -> Metric:
    points = [((BEGAN + timedelta(minutes=n - 8)).timestamp(), value) for n, value in enumerate(values)]
    rose = next((n for n, value in enumerate(values) if value > 1), None)
    at = None if rose is None else BEGAN + timedelta(minutes=rose - 8)
    return Metric("E2", "replication_lag", f'lag_seconds{{instance="{who}:9187"}}: {values[-1]}', points, None, at)


def _sessions(who: str, last: float) -> Metric:
    points = [((BEGAN + timedelta(minutes=n - 8)).timestamp(), last) for n in range(8)]
    return Metric("E2", "other", f'server_current_sessions{{server="{who}"}}: {last}', points, None, None)


def _facts(*metrics: Metric, weight: Any = "proof", since: Any = HOURS) -> Facts:
    said = "02:05Z-04:00Z planned maintenance: orders-db-3 is moved to new disks and seeded anew"
    planned = Sign("E5", "changes", "planned", weight, f"maintenance orders-db-3: {said}", "orders-db-3", since, said)
    signs = [planned]
    for metric in metrics:
        if metric.role == "replication_lag" and metric.last > 100:
            behind = Sign("E2", "prometheus", "replication_lag", "proof", metric.line, "", metric.change_at, "behind")
            signs += [behind, replace(behind, category="trouble", weight="strong")]
    return Facts(case(source_type="database"), metrics=list(metrics), signs=signs)


THIRD, SECOND = _lag("orders-db-3"), _lag("orders-db-2", [0.2] * 8)
WELL: dict[str, tuple[Facts, bool]] = {
    "it comes nearer": (_facts(THIRD, SECOND), True),
    "nobody reads it": (_facts(THIRD, _sessions("orders-db-3", 0)), True),
    "others are read": (_facts(THIRD, _sessions("orders-db-2", 80)), True),
    "it is read": (_facts(THIRD, _sessions("orders-db-3", 40)), False),
    "another one is behind": (_facts(THIRD, _lag("orders-db-2")), False),
    "it stands still": (_facts(_lag("orders-db-3", [0.2, 0.2, *[900.0] * 6])), False),
    "it gets worse": (_facts(_lag("orders-db-3", sorted(NEARER))), False),
    "it began before the hours": (_facts(THIRD, since=BEGAN), False),
    "no hours were said": (_facts(THIRD, weight="strong"), False),
}


@pytest.mark.parametrize("name", WELL)
def test_only_the_copy_that_is_worked_on_may_be_behind(name: str):
    facts, well = WELL[name]
    assert (announced(facts, ["replication_lag"]) is not None) is well
