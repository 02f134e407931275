"""What failed once and ran through since is over; what only started again, or failed again, is not."""

from dataclasses import replace
from datetime import timedelta

import pytest

from agent_graph.analysts.rules.analyst import analyse
from agent_graph.analysts.rules.facts import Facts, Metric, Sign
from agent_graph.analysts.rules.reading import read
from agent_graph.analysts.rules.well.reruns import failed_runs, with_failed_runs
from tests.agent_graph.cases import NOW, alert, case, logs, metric

RUNS: dict[str, tuple[tuple[str, ...], tuple[str, ...], bool]] = {
    "a unit of systemd": (
        ("certbot.service: Failed with result 'exit-code'.", "Failed to start certbot.service - Certbot."),
        ("Starting certbot.service - Certbot...", "Finished certbot.service - Certbot."),
        True,
    ),
    "a job of a scheduler": (
        ("ERROR job=ledger-export failed: 502 from bank",),
        ("INFO job=ledger-export started", "INFO job=ledger-export completed, 812 rows"),
        True,
    ),
    "it failed again": (
        ("ERROR job=ledger-export failed: 502 from bank",),
        ("INFO job=ledger-export started", "ERROR job=ledger-export failed: 502 from bank"),
        False,
    ),
    "another job was done": (
        ("ERROR job=ledger-export failed: 502 from bank",),
        ("INFO job=cleanup completed, 3 files",),
        False,
    ),
    "a service was stopped": (
        ("proxy.service: Failed with result 'exit-code'.",),
        ("proxy.service: Deactivated successfully.",),
        False,
    ),
}


@pytest.mark.parametrize("name", RUNS)
def test_a_run_that_came_to_its_end_makes_an_earlier_one_good(name: str):
    first, then, well = RUNS[name]
    said = [f"{NOW - timedelta(minutes=9, seconds=-n):%Y-%m-%dT%H:%M:%SZ} {line}" for n, line in enumerate(first)]
    said += [f"{NOW - timedelta(minutes=5, seconds=-n):%Y-%m-%dT%H:%M:%SZ} {line}" for n, line in enumerate(then)]
    found = analyse(case(alerts=[alert()]), [logs(*said, source="loki"), metric("up", *[1] * 20)])
    assert (found.verdict == "not_an_incident") is well


@pytest.mark.parametrize("summary", ["no successful backup of prod since 26 hours", "newest dump is older than 26h"])
def test_that_no_run_failed_since_is_only_the_time_until_the_next(summary: str):
    failed = metric("errors", *[0] * 12, 0.03, *[0] * 12)
    (one,) = failed.data["series"]
    line = f'backup_failure_total{{schedule="prod"}}: {failed.content.split(": ", 1)[-1]}'
    named = failed.model_copy(update={"content": line, "summary": line, "data": {**failed.data, "series": [one]}})
    fires = alert(name="BackupTooOld", annotations={"summary": summary})
    assert failed_runs(read(case(alerts=[fires]), [named]))
    assert not failed_runs(read(case(alerts=[alert(name="Slow", annotations={"summary": "answers late"})]), [named]))


FAILED = 'backup_failure_total{schedule="prod"}: 0 → 0, highest 0.03'
# The moment of the last success, in all that was measured; does the failure stay?
MOMENTS: dict[str, tuple[list[float], bool]] = {
    "the last success is from before": ([1_000.0] * 12, True),
    "one has succeeded since": ([*[1_000.0] * 11, 9_000.0], False),
    "the last success came before it failed": ([*[1_000.0] * 2, *[2_000.0] * 10], True),
}


@pytest.mark.parametrize("name", MOMENTS)
def test_a_failure_stays_until_a_run_succeeds(name: str):
    moments, stays = MOMENTS[name]
    at = [NOW.timestamp() - 60 * n for n in reversed(range(12))]
    failed = Metric("E3", "errors", FAILED, list(zip(at, [*[0.0] * 8, 0.03, *[0.0] * 3], strict=True)), None, None)
    good = "backup_last_success_timestamp: 1000"
    success = Metric("E4", "other", good, list(zip(at, moments, strict=True)), None, None)
    over = Sign("E3", "prometheus", "trouble_over", "strong", FAILED, "backup", None, "rose and is back")
    fires = alert(name="NoRecentBackup", annotations={"summary": "no successful backup since 26 hours"})
    facts = replace(Facts(case(alerts=[fires])), metrics=[failed, success], signs=[over])
    (sign,) = with_failed_runs(facts).signs
    assert (sign.category == "trouble") is stays
