"""A run that failed and was made good is over, however long its counter stands; one that failed again is not."""

from datetime import timedelta
from typing import Any

import pytest

from agent_graph.analysts.rules.facts import Facts, Metric, Sign
from agent_graph.analysts.rules.superseded import without_superseded
from tests.agent_graph.cases import BEGAN, case

FAILED = 'kube_job_status_failed{job_name="export-29953620"}: 0 → 1, highest 1, lowest 0'
PIPELINE = 'ci_pipeline_errors{job="nightly-etl"}: 0 → 1, highest 1, lowest 0'
LATER, BEFORE = BEGAN + timedelta(minutes=4), BEGAN - timedelta(hours=1)


def _trouble(line: str, at: Any = BEGAN) -> Sign:
    return Sign("E1", "prometheus", "trouble", "strong", line, line.partition("{")[0], at, "")


def _pod(called: str) -> Sign:
    return Sign("E3", "kubernetes", "trouble", "strong", f"pod {called}: phase Failed", called, BEGAN, "")


def _metric(line: str, at: Any = LATER, last: float = 1) -> Metric:
    return Metric("E2", "", line, [(BEFORE.timestamp(), 0), (LATER.timestamp(), last)], None, at)


DONE = 'kube_job_status_succeeded{job_name="export-29953680"}: 0 → 1'
OTHER = 'kube_job_status_succeeded{job_name="cleanup-29953680"}: 0 → 1'
STAMP = 'etl_last_success_timestamp_seconds{job="nightly-etl"}: 1 → 2'
OVER = Sign("E3", "kubernetes", "trouble_over", "strong", "…", "export-29953620", None, "")

RUNS: dict[str, tuple[list[Sign], list[Metric], bool]] = {
    "the platform says that a later one is complete": ([_trouble(FAILED), OVER], [], True),
    "a later one of the same schedule was counted": ([_trouble(FAILED)], [_metric(DONE)], True),
    "the pod of a run that the platform says was made good": ([_pod("export-29953620-x7k2v"), OVER], [], True),
    "the pod of another run": ([_pod("export-29953680-x7k2v"), OVER], [], False),
    "the pod of another schedule": ([_pod("export-29953620-daily-x7k2v"), OVER], [], False),
    "its last success is later than its failure": (
        [_trouble(PIPELINE)],
        [_metric(STAMP, last=LATER.timestamp())],
        True,
    ),
    "its last success is older": ([_trouble(PIPELINE)], [_metric(STAMP, last=BEFORE.timestamp())], False),
    "another's run came to its end": ([_trouble(FAILED)], [_metric(OTHER)], False),
    "the later one came before the failure": ([_trouble(FAILED)], [_metric(DONE, at=BEFORE)], False),
    "it failed again since": (
        [_trouble(FAILED), _trouble(FAILED.replace("620", "740"), at=LATER + timedelta(minutes=3))],
        [_metric(DONE)],
        False,
    ),
}


@pytest.mark.parametrize("name", RUNS)
def test_a_counter_of_a_run_that_was_made_good_is_no_trouble(name: str):
    signs, metrics, over = RUNS[name]
    left = without_superseded(Facts(case(), signs=signs, metrics=metrics))
    assert bool(left.signs_of("trouble")) is not over
