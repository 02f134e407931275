"""What was given to more is blamed where the target measures it apart, by its very name, and it is what went wrong."""

from collections.abc import Sequence
from datetime import timedelta

import pytest

from agent_graph.analysts.rules.facts import Facts, LogLine, Metric, Sign
from agent_graph.analysts.rules.named_by_measure import named_by_measure
from tests.agent_graph.cases import BEGAN, case

# From half an hour before the alert on, a value a minute; the change is five minutes before it.
CHANGED, MINUTES = -5, 40
SLOW = Sign("E3", "prometheus", "trouble", "strong", "p95{} up", "p95", BEGAN, "p95 is well above what it was before")
OLD = [0.2] * MINUTES


def _metric(kind: str, values: Sequence[float | None], role: str = "latency") -> Metric:
    first = BEGAN - timedelta(minutes=30)
    at = [(first + timedelta(minutes=n)).timestamp() for n in range(len(values))]
    points = [(t, value) for t, value in zip(at, values, strict=True) if value is not None]
    return Metric("E3", role, f'feed:p95{{service="web", variant="{kind}"}}: told', points, None, None)


def _change(summary: str, minutes: float = CHANGED) -> LogLine:
    message = f"feature_flag social/ranker: {summary}"
    return LogLine("E7", message, message, None, BEGAN + timedelta(minutes=minutes), 1)


NEW: list[float | None] = [*[None] * 26, *[2.3] * 14]
RISEN: list[float | None] = [*[0.2] * 26, *[2.3] * 14]
# What was changed, when, what is measured of ranker-v3 and of the others, is there trouble; and is it blamed.
BLAMED: dict[str, tuple[str, float, Sequence[float | None], Sequence[float | None], bool, bool]] = {
    "the new variant is slow": ("ranker-v3 0% -> 50%", CHANGED, NEW, OLD, True, True),
    "it was there and got slow": ("ranker-v3 5% -> 50%", CHANGED, RISEN, OLD, True, True),
    "all of them got slow": ("ranker-v3 5% -> 50%", CHANGED, RISEN, RISEN, True, False),
    "it is as it was": ("ranker-v3 5% -> 50%", CHANGED, OLD, OLD, True, False),
    "another one was changed": ("ranker-v2 0% -> 50%", CHANGED, NEW, OLD, True, False),
    "it was changed long before": ("ranker-v3 0% -> 50%", -90, NEW, OLD, True, False),
    "nothing is wrong": ("ranker-v3 0% -> 50%", CHANGED, NEW, OLD, False, False),
}


@pytest.mark.parametrize("name", BLAMED)
def test_what_measurements_name_is_blamed(name: str):
    summary, minutes, values, others, wrong, blamed = BLAMED[name]
    seen = [_metric("control", others), _metric("ranker-v3", values), _metric("ranker-v3", values, "other")]
    found = named_by_measure(Facts(case(), metrics=seen, changes=[_change(summary, minutes)], signs=[SLOW] * wrong))
    assert (found is not None) is blamed
    assert found is None or ("ranker-v3" in found.statement and found.supporting[1].quote == seen[1].line)
