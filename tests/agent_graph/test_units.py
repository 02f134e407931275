"""A leap by a thousand is another unit, where somebody else measures the same and sees nothing; else it is trouble."""

from collections.abc import Sequence
from datetime import UTC, datetime

import pytest

from agent_graph.analysts.rules.facts import Facts, Metric, Sign
from agent_graph.analysts.rules.units import without_conversions
from agent_graph.sources.metric_evidence import UNCHANGED
from tests.agent_graph.cases import BEGAN, case

LEAPS, AS_EVER = "search_duration:p95{}", "ingress_duration_seconds:p95{}"
SECONDS, MILLISECONDS = [0.08, 0.09, 0.08, 0.085], [83.0, 88.0, 81.0, 84.0]


def _metric(line: str, values: Sequence[float]) -> Metric:
    points = [(BEGAN.timestamp() + 60 * n, value) for n, value in enumerate(values)]
    return Metric("E3", "latency", line, points, None, datetime.fromtimestamp(points[4][0], UTC))


def _sign(metric: Metric, category: str, means: str) -> Sign:
    return Sign("E3", "prometheus", category, "strong", metric.line, "p95", BEGAN, f"p95 {means}")


# What the series tells; whether another one of the same kind did not change; and whether it is another unit.
TOLD: dict[str, tuple[Sequence[float], bool, bool]] = {
    "milliseconds for seconds": ([*SECONDS, *MILLISECONDS], True, True),
    "seconds for milliseconds": ([*MILLISECONDS, *SECONDS], True, True),
    "nobody else measures it": ([*SECONDS, *MILLISECONDS], False, False),
    "it is slower, by no unit": ([*SECONDS, 24.0, 25.0, 26.0, 24.0], True, False),
    "it grows to that": ([*SECONDS, 2.0, 9.0, 40.0, 84.0], True, False),
    "it is back": ([*SECONDS, 84.0, 83.0, *SECONDS], True, False),
    "it was nothing before": ([0.0, 0.0, 0.0, 0.0, *MILLISECONDS], True, False),
}


def test_a_route_that_runs_into_its_time_limit_is_no_other_unit():
    leaps = _metric('http_p99_seconds{route="/pay"}', [*SECONDS, *MILLISECONDS])
    steady = _metric('http_p99_seconds{route="/healthz"}', [*SECONDS, *SECONDS])
    told = Facts(
        case(),
        metrics=[leaps, steady],
        signs=[_sign(leaps, "trouble", "is above"), _sign(steady, "healthy", UNCHANGED)],
    )
    assert without_conversions(told) is told


@pytest.mark.parametrize("name", TOLD)
def test_another_unit_is_no_trouble(name: str):
    values, seen, other = TOLD[name]
    leaps, steady = _metric(LEAPS, values), _metric(AS_EVER, [*SECONDS, *SECONDS])
    signs = [_sign(leaps, "trouble", "is above"), *([_sign(steady, "healthy", UNCHANGED)] if seen else [])]
    found = without_conversions(Facts(case(), metrics=[leaps, steady], signs=signs))
    assert (not found.signs_of("trouble")) is other
    assert any("another unit" in sign.means for sign in found.signs) is other
