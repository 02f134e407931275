"""A long statement is no incident while its work has taken no longer than it did last time, and nobody waits."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from agent_graph.analysts.rules.facts import Facts, Metric, Sign
from agent_graph.analysts.rules.well.known_work import known_work
from tests.agent_graph.cases import BEGAN, NOW, alert, case

TOOK = 'airflow_task_last_duration_seconds{task="rebuild_cube"}'


def _metric(role: str, called: str, *values: float) -> Metric:
    first = NOW.timestamp() - 60 * (len(values) - 1)
    points = [(first + 60 * n, value) for n, value in enumerate(values)]
    return Metric("E5", role, f"{called}: {values[0]:g} → {values[-1]:g}", points, None, None)


def _facts(
    *,
    took: str = TOOK,
    last: Sequence[float] = (3_000, 3_000, 3_000),
    state: str = "active for 2610 s",
    waiting: float = 0,
    name: str = "PostgresLongQuery",
    more: Sequence[Sign] = (),
) -> Facts:
    quote = f"pid 7 etl@shop etl: {state}: create table marts.rebuild_cube__tmp as (select 1)"
    run = Sign("E3", "postgres", "slow_query", "strong", quote, "pid 7", BEGAN, "pid 7 has been running for 2610 s")
    well = Sign("E5", "prometheus", "healthy", "strong", "p95: 3 → 3", "shop", None, "as before")
    metrics = [_metric("latency", took, *last), _metric("locks", "pg_locks_waiting{}", 0, waiting)]
    told = case("shop", source_type="database", alerts=[alert(name=name, annotations={})])
    return replace(Facts(told), signs=[run, well, *more], metrics=metrics)


SLOWER = Sign("E5", "prometheus", "trouble", "strong", "checkout_p95: 0.1 → 4", "shop", BEGAN, "slower")

RUNS: dict[str, tuple[Facts, bool]] = {
    "no longer than its last run": (_facts(), True),
    "in milliseconds": (
        _facts(took='job_previous_duration_ms{name="rebuild_cube"}', last=(3_000_000, 3_000_000)),
        True,
    ),
    "longer than its last run": (_facts(last=(1_200, 1_200)), False),
    "the last run of something else": (_facts(took=TOOK.replace("rebuild_cube", "load_orders")), False),
    "how long this one takes": (_facts(last=(2_000, 2_610)), False),
    "it is idle in its transaction": (_facts(state="idle in transaction for 2610 s"), False),
    "somebody waits for a lock": (_facts(waiting=2), False),
    "users are served later": (_facts(more=[SLOWER]), False),
    "an alert about something else": (_facts(name="CheckoutErrors"), False),
}


@pytest.mark.parametrize("name", RUNS)
def test_a_statement_takes_as_long_as_ever(name: str):
    facts, well = RUNS[name]
    assert (known_work(facts, ["slow_query"]) is not None) == well


def test_it_explains_no_more_than_a_long_statement():
    assert known_work(_facts(), ["lock_contention"]) is None
